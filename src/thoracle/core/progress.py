"""How long work tells how far it is."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Told the stage, the steps done and all steps."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def counted(items: Sequence[T], stage: str, on_progress: Progress) -> Iterator[T]:
    """Yield items and tell of each once it is done with.

    Parameters
    ----------
    items
        What is worked on.
    stage
        The name of the work.
    on_progress
        Told after each item.

    Yields
    ------
    T
        Each item in turn.
    """
    for done, item in enumerate(items, start=1):
        yield item
        on_progress(stage, done, len(items))


class Steps:
    """Adds up the steps of one stage and tells of each.

    Parameters
    ----------
    on_progress
        Who is told.
    stage
        The name of the work.
    total
        All steps.
    """

    def __init__(self, on_progress: Progress, stage: str, total: int) -> None:
        self._on_progress = on_progress
        self._stage = stage
        self._total = total
        self._done = 0

    def step(self, count: int = 1) -> None:
        """Go some steps on."""
        self.reach(self._done + count)

    def reach(self, done: int) -> None:
        """Go on to a number of steps, at most all of them."""
        self._done = min(done, self._total)
        self._on_progress(self._stage, self._done, self._total)
