"""`thoracle breathing monitor` reads lines and prints what changes, or every second as JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from thoracle.cli.main import app

RUNNER = CliRunner()
WORDS = ["breathing", "monitor", "--rate-hz", "5", "--sensor", "belt"]


def _lines(seconds: int, *, per_minute: float) -> str:
    times_s = np.arange(seconds * 5) / 5
    return "".join(f"{one}\n" for one in -np.cos(2 * np.pi * per_minute / 60 * times_s))


def test_changes_are_printed_with_their_alarms() -> None:
    given = _lines(60, per_minute=40)
    done = RUNNER.invoke(app, [*WORDS, "--bundle", "none"], input=given)
    assert done.exit_code == 0, done.output
    told = [line for line in done.output.splitlines() if line.startswith("patient")]
    assert len(told) == 2
    assert "ALARM: fast since" in told[1]
    assert "Research use only" in done.output


def test_every_second_is_printed_as_json(pattern_bundle: Callable[..., Path]) -> None:
    words = [*WORDS, "--bundle", str(pattern_bundle("biot")), "--json"]
    done = RUNNER.invoke(app, words, input=_lines(70, per_minute=15))
    assert done.exit_code == 0, done.output
    told = [json.loads(line) for line in done.output.splitlines() if line.startswith("{")]
    assert len(told) == 70
    assert told[-1]["pattern"] == "biot"
    assert [one["code"] for one in told[-1]["alarms"]] == ["pattern"]


def test_limits_are_the_users() -> None:
    given = _lines(60, per_minute=15)
    words = [*WORDS, "--bundle", "none", "--fast-per-minute", "12"]
    done = RUNNER.invoke(app, words, input=given)
    assert "ALARM: fast" in done.output
