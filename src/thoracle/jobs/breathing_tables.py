"""What is told of a recording as tables: one row for each window, or each breath."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from thoracle.respiration.analyze import MeasuredWindow
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.result import BreathingResult

WINDOW_COLUMNS: Final = (
    "start_s", "length_s", "quality", "reasons", "breaths", "rate_per_minute",
    "breathing_rate_per_minute", "length_mean_s", "length_sd_s", "length_cv", "breath_to_breath",
    "depth_median", "depth_sd", "depth_cv", "inspiration_s", "expiration_s", "ie_ratio", "apneas",
    "apnea_s", "pattern", "likeliest", "probability", "untold",
)  # fmt: skip
BREATH_COLUMNS: Final = ("onset_s", "peak_s", "end_s", "depth")


def windows_csv(result: BreathingResult) -> str:
    """Return the windows of a recording as CSV; what is unknown is an empty cell.

    Parameters
    ----------
    result
        What is told of it.

    Returns
    -------
    str
        With names of columns; `untold` says why a window has no pattern.
    """
    patterns = by_start(result.patterns)
    rows = (_row(one, patterns.get(one.window.start_s)) for one in result.windows)
    return _written(WINDOW_COLUMNS, rows)


def breaths_csv(result: BreathingResult) -> str:
    """Return the breaths of a recording as CSV, times in seconds from its start."""
    return _written(BREATH_COLUMNS, (asdict(one) for one in result.breaths))


def by_start(patterns: Iterable[PatternWindow]) -> dict[float, PatternWindow]:
    """Return patterns by where their windows begin."""
    return {one.start_s: one for one in patterns}


def _row(one: MeasuredWindow, pattern: PatternWindow | None) -> dict[str, Any]:
    told = {} if one.measures is None else asdict(one.measures)
    quality = {"quality": one.quality.index, "reasons": " ".join(one.quality.reasons)}
    said: dict[str, Any] = {}
    if pattern is not None:
        said = {
            "pattern": pattern.pattern,
            "likeliest": pattern.likeliest,
            "probability": max(pattern.probabilities),
            "untold": pattern.reason,
        }
    return {**asdict(one.window), **quality, **told, **said}


def _written(columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
