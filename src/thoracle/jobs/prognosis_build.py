"""Build a cohort of charts from whatever a user has, and tell what was kept out of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.datasets.prognosis.wuhan import read_wuhan

_READERS: Final[Mapping[str, Callable[[Path], Cohort]]] = {"wuhan": read_wuhan}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """Where charts come from: exactly one of its places is given.

    Attributes
    ----------
    source
        NAME=FILE of a public set.
    simulate
        How many patients to simulate, with `seed`.
    """

    source: str | None = None
    simulate: int | None = None
    seed: int = 0


def build_cohort(request: BuildRequest) -> Cohort:
    """Read or simulate charts.

    Parameters
    ----------
    request
        One place that charts come from.

    Raises
    ------
    ChartError
        There is not exactly one place, or a source that is not known.
    """
    given = [one for one in (request.source, request.simulate) if one is not None]
    if len(given) != 1:
        raise ChartError(
            f"found {len(given)} places that charts come from – expected one of --source and "
            "--simulate. Give one; build the others into folders of their own.",
            code="chart-source",
        )
    if request.simulate is not None:
        return simulate_cohort(request.simulate, rng=np.random.default_rng(request.seed))
    name, _, file = str(request.source).partition("=")
    if name not in _READERS or not file:
        raise ChartError(
            f'found the source "{request.source}" – expected NAME=FILE, NAME being one of '
            f"{', '.join(_READERS)}. Correct it, or read a table of one's own with --table.",
            code="chart-source",
        )
    return _READERS[name](Path(file))


def summary_lines(cohort: Cohort) -> Iterator[str]:
    """Yield what is in a cohort, then what was kept out of it, a line each."""
    charts = cohort.charts
    ends = Counter("no outcome" if one.outcome is None else one.outcome.event for one in charts)
    used = {place for chart in charts for place in np.unique(chart.variables).tolist()}
    yield (
        f"{cohort.name}: stays {len(charts)} "
        f"({', '.join(f'{event} {count}' for event, count in sorted(ends.items()))}), "
        f"patients {len({one.patient for one in charts})}, variables {len(used)}, "
        f"values {sum(one.times_h.size for one in charts)}"
    )
    empty = sum(one.times_h.size == 0 for one in charts)
    if empty:
        yield f"stays without any value that was kept: {empty}"
    if cohort.problems:
        yield "kept out:"
    yield from (f"- {one.text}" for one in cohort.problems)
