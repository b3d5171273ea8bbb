"""Patients to try in the web app: simulated ones, drawn when they are asked for."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.core.errors import StoreError
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.chart_documents import NotedChart, measurements_csv
from thoracle.jobs.chart_measurements import ReadDocument
from thoracle.prognosis.landmarks import known_at, narrowed
from thoracle.prognosis.rule import MARKERS
from thoracle.prognosis.types import DEATH, DISCHARGE, Chart
from thoracle.prognosis.variables import place_of

EXAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "synthetic-recovering.csv": DISCHARGE,
        "synthetic-worsening.csv": DEATH,
        "synthetic-three-markers.csv": DEATH,
    }
)
"""Each with how the stay ends, which the chart does not say."""
FEW: Final = "synthetic-three-markers.csv"

_SEED, _PATIENTS = 36, 40
_SHARE: Final = 0.9  # of the stay: what comes after is what the risk is of
_SOME: Final = 3  # values of a marker: the first, or the last
_FEWEST: Final = 60  # measurements: enough of a course to look at


def example_chart(name: str) -> tuple[bytes, ReadDocument]:
    """Simulate one of the patients to try.

    Parameters
    ----------
    name
        One of `EXAMPLES`.

    Returns
    -------
    content, read
        A table, and the same as it is read.

    Raises
    ------
    StoreError
        There is no such example.
    """
    end = EXAMPLES.get(name)
    if end is None:
        raise StoreError(
            f"found no example {name[:200]!r} – expected one from the page of charts. Choose "
            "another.",
            code="unknown-example",
        )
    chart = _of_markers(_stay(end)) if name == FEW else _stay(end)
    read = ReadDocument(noted=NotedChart(chart=chart), patient=None)
    return measurements_csv(chart).encode(), read


@lru_cache(maxsize=len(EXAMPLES))
def _stay(end: str) -> Chart:
    """Return the stay that ends so and shows it most by the three markers, without its end."""
    cohort = simulate_cohort(_PATIENTS, rng=np.random.default_rng(_SEED))
    known = [
        replace(known_at(one, _SHARE * one.outcome.time_h), patient="")
        for one in cohort.charts
        if one.outcome is not None and one.outcome.event == end
    ]
    long = [one for one in known if one.times_h.size >= _FEWEST]
    if end == DEATH:
        return max(long, key=lambda chart: _illness(chart, slice(-_SOME, None)))
    return max(
        long, key=lambda chart: _illness(chart, slice(_SOME)) - _illness(chart, slice(-_SOME, None))
    )


def _illness(chart: Chart, when: slice) -> float:
    """Return how ill somebody looks by some of the values of each marker, on no scale at all."""
    ldh, crp, lymphocytes = (
        float(np.log(chart.values[chart.variables == place_of(name)][when].mean()))
        for name in MARKERS
    )
    return ldh + crp - lymphocytes


def _of_markers(chart: Chart) -> Chart:
    """Return what another hospital may have measured: the three markers of the rule alone."""
    return narrowed(chart, np.isin(chart.variables, [place_of(name) for name in MARKERS]))
