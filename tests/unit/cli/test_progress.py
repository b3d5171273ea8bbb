"""Bars stand on stderr: stdout is for the result."""

import pytest

from thoracle.cli.progress import progress_bars


def test_each_stage_has_a_bar_on_stderr_and_stdout_stays_empty(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_bars() as on_progress:
        on_progress("judge", 1, 2)
        on_progress("judge", 2, 2)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("Judging films") >= 1
    assert "100%" in shown.err
