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
