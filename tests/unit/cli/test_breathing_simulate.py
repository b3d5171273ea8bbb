"""The command `thoracle breathing simulate`: what it writes, says and refuses."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.breathing import breathing_app
from thoracle.cli.breathing_simulate import place_to_write, simulate
from thoracle.cli.main import app
from thoracle.core.errors import SettingError, SignalError

RUNNER = CliRunner()


def test_the_command_belongs_to_breathing() -> None:
    (found,) = [one for one in breathing_app.registered_commands if one.name == "simulate"]
    assert found.callback is simulate


def test_windows_are_written_and_said(tmp_path: Path) -> None:
    out = tmp_path / "windows.npz"
    asked = ["--pattern", "biot", "--pattern", "eupnea", "--count", "5", "--rate-hz", "25"]
    asked += ["--duration-s", "30", "--snr-db", "10", "--seed", "4", "--model", "rsm"]
    result = RUNNER.invoke(app, ["breathing", "simulate", *asked, "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "rsm, 30 s at 25 Hz, noise at 10 dB, seed 4: windows 5, written to" in result.output
    assert "windows.truth.csv" in result.output
    with np.load(out, allow_pickle=False) as kept:
        assert kept["signal"].shape == (5, 750)
        assert kept["kinds"].tolist() == [3, 0, 3, 0, 3]


def test_windows_may_be_free_of_noise_and_unscaled(tmp_path: Path) -> None:
    out = tmp_path / "windows.npz"
    asked = ["--pattern", "eupnea", "--noise-free", "--unscaled", "--authors-slips"]
    result = RUNNER.invoke(app, ["breathing", "simulate", *asked, "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "no noise" in result.output
    with np.load(out, allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["signal"], kept["clean"])
        assert kept["signal"].min() < 0.0


def test_an_unknown_pattern_is_an_error_of_the_package(tmp_path: Path) -> None:
    asked = ["simulate", "--pattern", "kussmaul", "--out", str(tmp_path)]
    assert isinstance(RUNNER.invoke(app, ["breathing", *asked]).exception, SignalError)


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x")
    with pytest.raises(SettingError):
        place_to_write(tmp_path / "note.txt")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SettingError):
        place_to_write(tmp_path / "folder.csv")
    assert place_to_write(tmp_path / "new.npz") == tmp_path / "new.npz"
