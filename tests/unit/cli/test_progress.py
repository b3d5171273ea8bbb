"""Bars stand on stderr: stdout is for the result."""

import pytest

from thoracle.cli.progress import progress_bars, told_if_interrupted


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


def test_an_interruption_carries_how_far_the_work_was() -> None:
    done: list[int] = []

    def work() -> None:
        with told_if_interrupted(lambda: f"{len(done)} done"):
            done.append(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"^1 done$"):
        work()


def test_without_an_interruption_nothing_is_asked() -> None:
    with told_if_interrupted(lambda: pytest.fail("asked")):
        pass
