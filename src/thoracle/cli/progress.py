"""Progress bars, on stderr, so that stdout stays for the result."""

from collections.abc import Iterator
from contextlib import contextmanager

from thoracle.core.progress import Progress

_STAGES = {
    "read": "Reading films",
    "compare": "Comparing all pairs",
    "verify": "Verifying candidates",
    "gate": "Asking the gate",
    "judge": "Judging films",
    "fetch": "Fetching films",
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
                tasks[stage] = bars.add_task(_STAGES[stage], total=total)
            bars.update(tasks[stage], completed=done)

        yield on_progress
