"""`thoracle breathing rate`: what it prints of recordings."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import SignalError

RUN = CliRunner()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Write 75 s of breaths at 15 per minute, and 15 s of noise for an end; 10 Hz, a belt."""
    times_s = np.arange(900) / 10
    signal = np.sin(2 * np.pi * times_s / 4)
    signal[750:] = np.random.default_rng(1).normal(0, 1, 150)
    path = tmp_path / "belt.csv"
    rows = [f"{time:.1f},{value:.6f}" for time, value in zip(times_s, signal, strict=True)]
    path.write_text("\n".join(["t_s,belt [cm]", *rows]))
    return path


def _run(*words: str) -> str:
    result = RUN.invoke(app, ["breathing", "rate", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_table_has_a_line_for_each_window(recording: Path) -> None:
    said, head, first, second = _run(str(recording), "--sensor", "belt").splitlines()
    assert said.startswith(f"{recording}: belt, 90.0 s at 10 Hz")
    assert head.split()[:4] == ["start,", "s", "quality", "breaths"]
    assert first.split()[3] == "15.0"
    assert "1:1." in first
    assert second.split()[0] == "60.0"


def test_of_a_window_of_bad_quality_nothing_is_told(recording: Path) -> None:
    lines = _run(str(recording), "--sensor", "belt", "--window-s", "15").splitlines()
    assert "too bad to tell anything" in lines[-1]
    assert lines[-1].split()[0] == "75.0"


def test_an_apnea_has_a_line(tmp_path: Path) -> None:
    times_s = np.arange(900) / 10
    deep = np.where((times_s > 40) & (times_s < 64), 0.01, 1.0)
    path = tmp_path / "a.csv"
    path.write_text(
        "\n".join(["volume", *(f"{v:.6f}" for v in deep * np.cos(2 * np.pi * times_s / 4))])
    )
    output = _run(str(path), "--sensor", "volume", "--rate-hz", "10")
    (line,) = [one for one in output.splitlines() if one.startswith("apnea")]
    start_s, length_s = float(line.split()[2]), float(line.split()[5])
    assert start_s == pytest.approx(42, abs=2)
    assert length_s == pytest.approx(22, abs=3)


def test_json_has_every_breath_and_window(recording: Path) -> None:
    (content,) = json.loads(_run(str(recording), "--sensor", "belt", "--json"))
    assert content["rate_hz"] == 10
    assert content["sensor"] == "belt"
    assert len(content["breaths"]) >= 17
    assert set(content["breaths"][0]) == {"onset_s", "peak_s", "end_s", "depth"}
    assert content["windows"][0]["measures"]["rate_per_minute"] == pytest.approx(15, abs=0.2)
    assert content["windows"][0]["quality"]["reasons"] == []


def test_csv_has_a_row_for_each_window_of_each_file(recording: Path) -> None:
    output = _run(str(recording), str(recording), "--sensor", "belt", "--csv", "--window-s", "15")
    rows = list(csv.DictReader(io.StringIO(output)))
    assert len(rows) == 12
    assert float(rows[0]["rate_per_minute"]) == pytest.approx(15, abs=0.3)
    assert rows[5]["rate_per_minute"] == ""
    assert "noise" in rows[5]["reasons"]


def test_json_and_csv_exclude_each_other(recording: Path) -> None:
    result = RUN.invoke(app, ["breathing", "rate", str(recording), "--json", "--csv"])
    assert result.exit_code == 2
    assert "not both" in result.output


def test_a_sensor_is_never_assumed(recording: Path) -> None:
    result = RUN.invoke(app, ["breathing", "rate", str(recording)])
    assert isinstance(result.exception, SignalError)
    assert result.exception.code == "signal-sensor"
