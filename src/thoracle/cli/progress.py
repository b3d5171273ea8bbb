"""Progress bars, on stderr, so that stdout stays for the result."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from thoracle.core.progress import Progress

_STAGES = {
    "read": "Reading films",
    "compare": "Comparing all pairs",
    "verify": "Verifying candidates",
    "gate": "Asking the gate",
    "judge": "Judging films",
    "fetch": "Fetching films",
    "probe": "Probing the embedding",
    "change": "Judging changed films",
    "unseen": "Judging with bundles that never saw a source",
    "explain": "Taking away what maps point at",
    "randomize": "Explaining with random weights",
    "disturb": "Judging disturbed films",
    "texture": "Measuring texture",
}


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show one bar per stage while the work lasts."""
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    with Bars(console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def on_progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(_STAGES.get(stage, stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield on_progress


@contextmanager
def told_if_interrupted(how_far: Callable[[], str]) -> Iterator[None]:
    """Let the line after Ctrl+C say how far the work was.

    Parameters
    ----------
    how_far
        Asked only then; a sentence without its full stop.

    Raises
    ------
    KeyboardInterrupt
        Ctrl+C came.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(how_far()) from stop
