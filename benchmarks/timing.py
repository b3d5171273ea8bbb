"""What the benchmarks share: a line of a table, the table, and a clock."""

import argparse
import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    value: str
    target: str = ""


def options_of(about: str | None, parts: Sequence[str]) -> argparse.ArgumentParser:
    """Return what every benchmark over a film can be told; each adds its own."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("film", type=Path, help="A radiograph, as a file.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--venv", type=Path, help="A serving install, from `make serve-smoke`.")
    parser.add_argument("--without", nargs="*", choices=parts, default=())
    parser.add_argument("--out", type=Path, help="Also write the table into this file.")
    return parser


def publish(figures: Sequence[Figure], options: argparse.Namespace) -> None:
    """Print the table, and write it where that was asked for."""
    printed = table(figures, options.film, threads=options.threads)
    print(printed)
    if options.out is not None:
        options.out.write_text(printed, encoding="utf-8")


def seconds(act: Callable[[], object]) -> float:
    """Return how long an act takes."""
    started_s = time.perf_counter()
    act()
    return time.perf_counter() - started_s


def milliseconds_at(taken_s: Sequence[float], percent: float) -> float:
    """Return a percentile of times, in milliseconds."""
    return 1000 * float(np.percentile(taken_s, percent))


def table(figures: Sequence[Figure], film: Path, *, threads: int) -> str:
    """Return the figures as a Markdown table, under a line that says where they were measured."""
    return table_of(figures, f"{threads} threads, film {_described(film)}")


def table_of(figures: Sequence[Figure], made: str) -> str:
    """Return the figures as a Markdown table; `made` says on what, and with how many threads."""
    from thoracle.core.version import version

    measured = f"{_processor()}, {made}, {datetime.now(UTC):%Y-%m-%d}"
    lines = [
        f"Thoracle {version()}, Python {platform.python_version()}, {measured}.",
        "",
        "| what | measured | target |",
        "|---|---|---|",
        *(f"| {one.name} | {one.value} | {one.target} |" for one in figures),
        "",
    ]
    return "\n".join(lines)


def declare_operators() -> None:
    """Let torchvision, and timm with it, be imported where its compiled operators are missing."""
    import thoracle.train  # noqa: F401


def _described(film: Path) -> str:
    from PIL import Image

    with Image.open(film) as picture:
        return f"{picture.format}, {picture.width}×{picture.height} px"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    text = facts.read_text("utf-8") if facts.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = found.group(1) if found else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"
