"""`thoracle breathing evaluate`: what it reads and writes."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import SignalError
from thoracle.jobs import evaluate_breathing

RUN = CliRunner()


def _write(folder: Path, number: int) -> None:
    times_s = np.arange(130 * 25) / 25
    breaths = np.sin(2 * np.pi * times_s / 4 + 0.3 * number)
    tops = np.flatnonzero((breaths[1:-1] > breaths[:-2]) & (breaths[1:-1] >= breaths[2:])) + 2
    tables = {
        "Signals": [
            "Time [s],RESP",
            *(f"{t:.2f},{v:.5f}" for t, v in zip(times_s, breaths, strict=True)),
        ],
        "Numerics": ["Time [s],HR,PULSE,RESP,SpO2", *(f"{t},80,80,15,98" for t in range(131))],
        "Breaths": [
            "breaths ann1 [signal sample no],breaths ann2 [signal sample no]",
            *(f"{top},{top + 2}" for top in tops),
        ],
    }
    for part, rows in tables.items():
        content = "\n".join(rows).encode()
        (folder / f"bidmc_{number:02d}_{part}.csv.gz").write_bytes(gzip.compress(content))


def test_a_folder_of_recordings_becomes_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_breathing, "peers", tuple)
    for number in (1, 2):
        _write(tmp_path, number)
    out = tmp_path / "out"
    result = RUN.invoke(app, ["breathing", "evaluate", str(tmp_path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "| bidmc-02 | report | 2 of 2 | 0.0" in result.stdout
    assert (out / "breathing.md").read_text("utf-8") == result.stdout.removesuffix("\n")
    assert (out / "breathing.html").is_file()
    assert (out / "breathing.json").is_file()


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["breathing", "evaluate", str(tmp_path)])
    assert isinstance(result.exception, SignalError)
    assert result.exception.code == "bidmc-none"
