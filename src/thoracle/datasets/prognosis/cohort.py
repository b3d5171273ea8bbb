"""A cohort: charts with where they come from and what was kept out; and the folder that holds it.

`patients.csv` has a line for each stay, `measurements.csv.gz` one for each value, `cohort.json`
where both come from. The JSON file comes last and holds the digests of the others.
"""

import csv
import gzip
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.core.files import replaced_folder, sha256_of, write_atomically
from thoracle.core.version import version
from thoracle.datasets.prognosis.problems import Kind, Problem
from thoracle.prognosis.types import EVENTS, FEMALE, MALE, Chart, Outcome
from thoracle.prognosis.variables import PLACES, VARIABLES

PATIENTS: Final = "patients.csv"
MEASUREMENTS: Final = "measurements.csv.gz"
FACTS: Final = "cohort.json"
FORMAT: Final = 1
PATIENT_COLUMNS: Final = (
    "stay", "patient", "age_years", "sex", "admitted_at", "event", "outcome_h",
)  # fmt: skip
MEASUREMENT_COLUMNS: Final = ("stay", "time_h", "variable", "value")


class CohortError(ChartError):
    """A cohort's folder is incomplete, was altered, or is of another format."""

    code = "chart-cohort"

    def __init__(self, folder: Path, found: str) -> None:
        super().__init__(
            f"found {found} in {folder} – expected a cohort as `thoracle prognosis build` writes "
            "it. Build it again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that charts come from: its name and SHA-256, under which terms, and whom to credit."""

    name: str
    file: str
    sha256: str
    license: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Charts of many stays, what was kept out of them, and where they come from."""

    name: str
    charts: tuple[Chart, ...] = field(repr=False)
    problems: tuple[Problem, ...] = field(repr=False)
    sources: tuple[Source, ...]


def write_cohort(cohort: Cohort, folder: Path) -> None:
    """Write a cohort's folder; it is whole or not there.

    Parameters
    ----------
    cohort
        Of a reader, of the simulator, or of one's own.
    folder
        A new or empty one, or that of an older cohort, which is replaced.

    Raises
    ------
    ChartError
        The folder holds something else.
    """
    if folder.exists() and not (folder / FACTS).exists() and any(folder.iterdir()):
        raise ChartError(
            f"found files in {folder} that are no cohort – expected a new or empty folder, or an "
            "older cohort's. Choose another.",
            code="chart-folder",
        )
    patients = _text(PATIENT_COLUMNS, _patient_rows(cohort.charts)).encode()
    measured = _text(MEASUREMENT_COLUMNS, _measurement_rows(cohort.charts)).encode()
    packed = gzip.compress(measured, compresslevel=6, mtime=0)  # the same cohort, the same bytes
    with replaced_folder(folder) as place:
        write_atomically(place / PATIENTS, patients)
        write_atomically(place / MEASUREMENTS, packed)
        facts = _facts(cohort) | {
            "sha256": {PATIENTS: sha256_of(patients), MEASUREMENTS: sha256_of(packed)}
        }
        text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(place / FACTS, (text + "\n").encode())


def read_cohort(folder: Path) -> Cohort:
    """Read a cohort's folder.

    Parameters
    ----------
    folder
        Of `write_cohort`.

    Raises
    ------
    CohortError
        A file is missing, was altered, or is of another format.
    """
    facts = _read_facts(folder)
    patients = _checked(folder, PATIENTS, facts)
    measured = _checked(folder, MEASUREMENTS, facts)
    try:
        charts = tuple(_charts(patients.decode(), gzip.decompress(measured).decode()))
        return Cohort(
            name=facts["name"],
            charts=charts,
            problems=tuple(_problem(one) for one in facts["problems"]),
            sources=tuple(Source(**one) for one in facts["sources"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise CohortError(folder, f"a row that cannot be read ({type(fault).__name__})") from fault


def places_used(charts: Sequence[Chart]) -> list[int]:
    """Return the places in `VARIABLES` of what any chart has a value of, ascending."""
    return sorted({place for chart in charts for place in np.unique(chart.variables).tolist()})


def _text(columns: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    return stream.getvalue()


def _patient_rows(charts: Sequence[Chart]) -> Iterator[Sequence[object]]:
    for stay, chart in enumerate(charts, start=1):
        end = ("", "") if chart.outcome is None else (chart.outcome.event, chart.outcome.time_h)
        age = "" if math.isnan(chart.age_years) else chart.age_years
        yield stay, chart.patient, age, chart.sex, chart.admitted_at, *end


def _measurement_rows(charts: Sequence[Chart]) -> Iterator[Sequence[object]]:
    names = [one.name for one in VARIABLES]
    for stay, chart in enumerate(charts, start=1):
        lines = zip(
            chart.times_h.tolist(), chart.variables.tolist(), chart.values.tolist(), strict=True
        )
        for time_h, variable, value in lines:
            yield stay, time_h, names[variable], value


def _facts(cohort: Cohort) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_by": f"Thoracle {version()}",
        "name": cohort.name,
        "stays": len(cohort.charts),
        "patients": len({chart.patient for chart in cohort.charts}),
        "measurements": sum(chart.times_h.size for chart in cohort.charts),
        "variables": [VARIABLES[place].name for place in places_used(cohort.charts)],
        "sources": [asdict(one) for one in cohort.sources],
        "problems": [{**asdict(one), "text": one.text} for one in cohort.problems],
    }


def _read_facts(folder: Path) -> dict[str, Any]:
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise CohortError(folder, f"no {FACTS} that can be read") from fault
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise CohortError(folder, f"{FACTS} of another format")
    return facts


def _checked(folder: Path, name: str, facts: dict[str, Any]) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as fault:
        raise CohortError(folder, f"no {name} that can be read") from fault
    if sha256_of(content) != facts.get("sha256", {}).get(name):
        raise CohortError(folder, f"{name} that was altered since")
    return content


def _charts(patients: str, measured: str) -> Iterator[Chart]:
    people = list(csv.DictReader(io.StringIO(patients), strict=True))
    stays, times_h, variables, values = _columns(measured)
    bounds = np.searchsorted(stays, np.arange(1, len(people) + 2))
    for row, first, last in zip(people, bounds[:-1], bounds[1:], strict=True):
        yield Chart(
            patient=row["patient"],
            age_years=float(row["age_years"] or "nan"),
            sex=_one_of(row["sex"], ("", FEMALE, MALE)),
            admitted_at=row["admitted_at"],
            times_h=times_h[first:last],
            variables=variables[first:last],
            values=values[first:last],
            outcome=_outcome(row["event"], row["outcome_h"]),
        )


def _columns(measured: str) -> tuple[IntArray, DoubleArray, IntArray, DoubleArray]:
    table = csv.reader(io.StringIO(measured), strict=True)
    next(table)
    lines = list(table)
    stays, times, names, values = zip(*lines, strict=True) if lines else ((), (), (), ())
    return (
        np.array([int(one) for one in stays], dtype=np.int64),
        np.array([float(one) for one in times], dtype=np.float64),
        np.array([PLACES[one] for one in names], dtype=np.int64),
        np.array([float(one) for one in values], dtype=np.float64),
    )


def _outcome(event: str, time_h: str) -> Outcome | None:
    if not event:
        return None
    return Outcome(event=_one_of(event, EVENTS), time_h=float(time_h))


def _one_of(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(text)
    return text


def _problem(one: dict[str, Any]) -> Problem:
    facts = {name: value for name, value in one.items() if name != "text"}
    return Problem(**{**facts, "kind": Kind(one["kind"]), "places": tuple(one["places"])})
