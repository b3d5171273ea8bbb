"""Tell the risk of each of many patients, one line each."""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import numpy as np

from thoracle.jobs.prognosis_predict import ENDED, OpenedReader, has_ended, index_of
from thoracle.prognosis.cautions import refusal
from thoracle.prognosis.landmarks import known_at, unlabeled
from thoracle.prognosis.types import Chart

COLUMNS: Final = (
    "patient",
    "admitted_at",
    "index_h",
    "measurements",
    "variables",
    "risk_1_day",
    "risk_3_days",
    "risk_7_days",
    "risk_discharge",
    "low_discharge",
    "high_discharge",
    "refusal",
)
"""`refusal` is the code of why no risk is told; the risks are empty then."""

_BATCH: Final = 512  # stays in memory at a time


def risk_rows(
    charts: Iterable[Chart], *, at: str | None, opened: OpenedReader
) -> Iterator[tuple[object, ...]]:
    """Tell the risk of many patients.

    Parameters
    ----------
    charts
        The stays; they need not all be in memory.
    at
        Index time, as for `index_of`: None is each one's last measurement.
    opened
        What reads them.

    Yields
    ------
    tuple
        A row of `COLUMNS` for each stay, in their order.
    """
    rest = iter(charts)
    while group := tuple(islice(rest, _BATCH)):
        yield from _rows(group, at, opened)


def _rows(
    charts: tuple[Chart, ...], at: str | None, opened: OpenedReader
) -> Iterator[tuple[object, ...]]:
    times_h = [index_of(chart, at) for chart in charts]
    known = [known_at(chart, time_h) for chart, time_h in zip(charts, times_h, strict=True)]
    told = opened.reader.model.predict(known, unlabeled(times_h))
    numbers = np.column_stack([told.risks, told.low[:, -1], told.high[:, -1]])
    for chart, one, time_h, row in zip(charts, known, times_h, numbers.tolist(), strict=True):
        reason = refusal(one, time_h, opened.reader.learned)
        if has_ended(chart, time_h, opened.reader.event):
            reason = ENDED
        yield (
            one.patient,
            one.admitted_at,
            _rounded(time_h),
            one.times_h.size,
            np.unique(one.variables).size,
            *(_rounded(number) if reason is None else "" for number in row),
            "" if reason is None else reason.code,
        )


def _rounded(number: float) -> str:
    """Print six significant digits, or nothing where it is unknown."""
    return "" if math.isnan(number) else f"{number:.6g}"
