"""Build a cohort of charts from whatever a user has, and tell what was kept out of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.carbon_health import read_carbon_health
from thoracle.datasets.prognosis.cohort import Cohort, places_used, write_cohort
from thoracle.datasets.prognosis.declared import read_declared
from thoracle.datasets.prognosis.feature_table import FeatureTable, write_table
from thoracle.datasets.prognosis.fhir import read_fhir
from thoracle.datasets.prognosis.problems import Problem
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.datasets.prognosis.sirio_libanes import read_sirio_libanes
from thoracle.datasets.prognosis.wuhan import read_wuhan
from thoracle.jobs.chart_files import need_stays

Built = Cohort | FeatureTable


def _first_hours(path: Path) -> FeatureTable:
    """Return what the Sírio-Libanês set knew of its patients in their first two hours."""
    return read_sirio_libanes(path).known_in(0)


_READERS: Final[Mapping[str, Callable[[Path], Built]]] = {
    "wuhan": read_wuhan,
    "sirio": _first_hours,
    "carbon": read_carbon_health,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """Where charts come from: exactly one of the places is given.

    Attributes
    ----------
    source
        NAME=FILE of a public set.
    table, schema
        A table of one's own with what is declared of it.
    fhir
        A bundle, or a folder of them.
    simulate
        How many patients to simulate, with `seed`.
    """

    source: str | None = None
    table: Path | None = None
    schema: Path | None = None
    fhir: Path | None = None
    simulate: int | None = None
    seed: int = 0


def build(request: BuildRequest) -> Built:
    """Read or simulate charts; a set that is no charts becomes a table of features.

    Parameters
    ----------
    request
        One place that charts come from; one without a stay is a ChartError.

    Raises
    ------
    ChartError
        There is not exactly one place, a table without its schema, or a source that is not known.
    """
    places = (request.source, request.table, request.fhir, request.simulate)
    given = sum(one is not None for one in places)
    if (request.table is None) != (request.schema is None):
        alone, other = ("table", "schema") if request.schema is None else ("schema", "table")
        raise ChartError(
            f"found --{alone} without --{other} – expected both: a schema says what stands in the "
            "columns of a table. Give both; the how-to on cohorts shows a schema.",
            code="chart-source",
        )
    if given != 1:
        raise ChartError(
            f"found {given or 'no'} places that charts come from – expected one of --source, "
            "--table with --schema, --fhir and --simulate. Give one; build others into folders of "
            "their own.",
            code="chart-source",
        )
    if request.simulate is not None:
        return simulate_cohort(request.simulate, rng=np.random.default_rng(request.seed))
    built = _read(request)
    if isinstance(built, Cohort):
        need_stays(built, built.sources[0].file if built.sources else built.name)
    return built


def _read(request: BuildRequest) -> Built:
    if request.fhir is not None:
        return read_fhir(request.fhir)
    if request.table is not None and request.schema is not None:
        return read_declared(request.table, request.schema)
    return _public_set(str(request.source))


def write_built(built: Built, folder: Path) -> None:
    """Write a cohort, or a table of features, into its folder."""
    if isinstance(built, Cohort):
        write_cohort(built, folder)
    else:
        write_table(built, folder)


def summary_lines(built: Built) -> Iterator[str]:
    """Yield what was built, then what was kept out of it, a line each."""
    if isinstance(built, Cohort):
        yield from _cohort_lines(built)
    else:
        yield (
            f"{built.name}: subjects {len(built.subjects)} ({built.event} "
            f"{int(built.labels.sum())}), features {len(built.features)}, "
            f"known {np.isfinite(built.values).mean():.1%}"
        )
    yield from _problem_lines(built.problems)


def _public_set(source: str) -> Built:
    """Read a public set.

    Raises
    ------
    ChartError
        It is not known.
    """
    name, _, file = source.partition("=")
    if name not in _READERS or not file:
        raise ChartError(
            f'found the source "{source}" – expected NAME=FILE, NAME being one of '
            f"{', '.join(_READERS)}. Correct it, or read a table of your own with --table.",
            code="chart-source",
        )
    return _READERS[name](Path(file))


def _cohort_lines(cohort: Cohort) -> Iterator[str]:
    charts = cohort.charts
    ends = Counter("no outcome" if one.outcome is None else one.outcome.event for one in charts)
    told = ", ".join(f"{event} {count}" for event, count in sorted(ends.items()))
    yield (
        f"{cohort.name}: stays {len(charts)} ({told}), "
        f"patients {len({one.patient for one in charts})}, "
        f"variables {len(places_used(charts))}, values {sum(one.times_h.size for one in charts)}"
    )
    empty = sum(one.times_h.size == 0 for one in charts)
    if empty:
        yield f"stays without any value that was kept: {empty}"


def _problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    if problems:
        yield "kept out, or to be looked at:"
    yield from (f"- {one.text}" for one in problems)
