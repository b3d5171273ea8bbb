"""`thoracle breathing depth`: frames in, a table of the chest's distance out."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import SignalError
from thoracle.datasets.breathing.depth_frames import Scene, render_depth

RUN = CliRunner()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    scene = Scene(rows=40, columns=48, center=(20.0, 24.0), half_sides=(16.0, 14.0))
    rise_mm = 5.0 * np.sin(2.0 * np.pi * 0.3 * np.arange(300) / 10)
    truth = render_depth(rise_mm, scene, rate_hz=10, rng=np.random.default_rng(2))
    np.save(tmp_path / "frames.npy", truth.depth_mm)
    return tmp_path / "frames.npy"


def test_the_chest_is_measured_and_told(video: Path, tmp_path: Path) -> None:
    out = tmp_path / "chest.csv"
    line = ["breathing", "depth", str(video), "--out", str(out), "--rate-hz", "10"]
    result = RUN.invoke(app, line)
    assert result.exit_code == 0
    assert f"{out}: 300 frames, 30.0 s; chest in rows " in result.stdout
    assert out.read_text().splitlines()[0] == "time_s,chest [mm]"
    assert len(out.read_text().splitlines()) == 301
    result = RUN.invoke(app, [*line, "--box", "16", "20", "24", "28"])
    assert "chest in rows 16 to 24, columns 20 to 28" in result.stdout


def test_without_the_rate_nothing_is_written(video: Path, tmp_path: Path) -> None:
    out = tmp_path / "chest.csv"
    result = RUN.invoke(app, ["breathing", "depth", str(video), "--out", str(out)])
    assert isinstance(result.exception, SignalError)
    assert not out.exists()
