"""`thoracle breathing classify` prints each minute, and writes all of it where asked."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from thoracle.cli.main import app

RUNNER = CliRunner()


def test_each_minute_is_told_and_written(
    pattern_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    times_s = np.arange(1300) / 10
    rows = "\n".join(f"{value:.4f}" for value in np.sin(2 * np.pi * 0.25 * times_s))
    path = tmp_path / "belt.csv"
    path.write_text(f"RESP\n{rows}\n", encoding="utf-8")
    words = ["breathing", "classify", str(path), "--bundle", str(pattern_bundle("biot"))]
    asked = RUNNER.invoke(app, [*words, "--sensor", "belt"])
    assert asked.exit_code != 0
    assert "--rate-hz" in str(asked.exception)
    out = tmp_path / "told.json"
    done = RUNNER.invoke(app, [*words, "--sensor", "belt", "--rate-hz", "10", "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line.split()[:3] for line in lines[:2]] == [
        ["0.0", "s", "biot"],
        ["60.0", "s", "biot"],
    ]
    assert "simulated" in done.output
    said = json.loads(out.read_text(encoding="utf-8"))
    assert len(said["windows"]) == 2
    assert len(said["windows"][0]["attention"]) == 150
    assert said["bundle"]["name"] == "small"
