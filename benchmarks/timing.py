"""What the benchmarks share: a line of a table, and a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    value: str
    target: str = ""


def seconds(act: Callable[[], object]) -> float:
    """Return how long an act takes."""
    started_s = time.perf_counter()
    act()
    return time.perf_counter() - started_s


def declare_operators() -> None:
    """Let torchvision, and timm with it, be imported where its compiled operators are missing."""
    import thoracle.train  # noqa: F401
