"""A patient's chart as JSON and as a table, and how a later one is added to it."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.problems import Problem
from thoracle.prognosis.types import Chart, Outcome
from thoracle.prognosis.variables import VARIABLES, place_of

SCHEMA: Final = "thoracle chart 1"
COLUMNS: Final = ("time_h", "variable", "value", "unit")

_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Something that a later version says otherwise.

    Attributes
    ----------
    name
        Of the variable, or "age_years" or "sex".
    time_h
        Hours since admission; None where it has no time.
    before, after
        What was known, and what is known now.
    """

    name: str
    time_h: float | None
    before: float | str
    after: float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOut:
    """Something of a file that is not in the chart.

    Attributes
    ----------
    kind
        Why, one of `datasets.prognosis.problems.Kind`.
    variable
        Its name; "" where it concerns whole rows.
    detail
        The other unit, the column or the code; "" where there is none.
    rows, values
        How many of each; 0 values where the row is at fault.
    places
        The first rows.
    text
        All of it in one sentence.
    """

    kind: str
    variable: str
    detail: str
    rows: int
    values: int
    places: tuple[int, ...]
    text: str

    @classmethod
    def of(cls, problem: Problem) -> "KeptOut":
        """Return what a reader noted, with its sentence."""
        noted = asdict(problem)
        del noted["source"]  # its name stands beside the version
        return cls(**{**noted, "kind": str(problem.kind)}, text=problem.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartNotes:
    """What happened while a version was made: what was kept out, and what was replaced."""

    kept_out: tuple[KeptOut, ...] = ()
    corrected: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedChart:
    """A chart, and how it came about."""

    chart: Chart
    notes: ChartNotes = field(default_factory=ChartNotes)


def chart_json(noted: NotedChart) -> dict[str, Any]:
    """Return a chart as JSON, without the patient's name or number.

    Parameters
    ----------
    noted
        With its notes.

    Returns
    -------
    dict
        Times in hours since admission; what is unknown is null.
    """
    chart = noted.chart
    return {
        "schema": SCHEMA,
        "age_years": None if math.isnan(chart.age_years) else chart.age_years,
        "sex": chart.sex,
        "admitted_at": chart.admitted_at,
        "outcome": None if chart.outcome is None else asdict(chart.outcome),
        "measurements": [
            {"time_h": time_h, "variable": VARIABLES[place].name, "value": value}
            for time_h, place, value in _rows(chart)
        ],
        "kept_out": [asdict(one) for one in noted.notes.kept_out],
        "corrected": [asdict(one) for one in noted.notes.corrected],
    }


def chart_from_json(document: Mapping[str, Any], *, patient: str) -> NotedChart:
    """Read what `chart_json` wrote.

    Parameters
    ----------
    document
        One that it wrote; a field that is missing or of another kind is a KeyError, TypeError or
        ValueError.
    patient
        Pseudonym; "" where nobody knows.

    Returns
    -------
    NotedChart
        Equal to the one written.

    Raises
    ------
    ValueError
        It is of another schema.
    """
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']!r}")
    age_years, outcome, rows = (document[name] for name in ("age_years", "outcome", "measurements"))
    chart = Chart(
        patient=patient,
        age_years=math.nan if age_years is None else float(age_years),
        sex=document["sex"],
        admitted_at=document["admitted_at"],
        times_h=np.array([one["time_h"] for one in rows], np.float64),
        variables=np.array([place_of(one["variable"]) for one in rows], np.int64),
        values=np.array([one["value"] for one in rows], np.float64),
        outcome=None if outcome is None else Outcome(**outcome),
    )
    notes = ChartNotes(
        kept_out=tuple(
            KeptOut(**{**one, "places": tuple(one["places"])}) for one in document["kept_out"]
        ),
        corrected=tuple(Correction(**one) for one in document["corrected"]),
    )
    return NotedChart(chart=chart, notes=notes)


def measurements_csv(chart: Chart) -> str:
    """Write all measurements as a table, in order of time.

    Parameters
    ----------
    chart
        One stay.

    Returns
    -------
    str
        CSV with the columns of `COLUMNS`.
    """
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(COLUMNS)
    for time_h, place, value in _rows(chart):
        table.writerow((f"{time_h:.10g}", VARIABLES[place].name, value, VARIABLES[place].unit))
    return stream.getvalue()


def joined(before: Chart, later: NotedChart) -> NotedChart:
    """Add a later chart of the same stay to an earlier one.

    Parameters
    ----------
    before
        What is known already.
    later
        Its values count where both have one of the same variable and time.

    Returns
    -------
    NotedChart
        Times count from the admission of `before`. Its notes are those of `later`, and every value
        that was replaced by another.
    """
    moved = _since_the_same_admission(before, later.chart)
    known = {_key(time_h, place): (time_h, value) for time_h, place, value in _rows(before)}
    corrected = []
    for time_h, place, value in _rows(moved):
        old = known.get(_key(time_h, place))
        if old is not None and old[1] != value:
            name = VARIABLES[place].name
            corrected.append(Correction(name=name, time_h=old[0], before=old[1], after=value))
        known[_key(time_h, place)] = (time_h if old is None else old[0], value)
    age_years, sex, changed = _of_patient(before, moved)
    rows = sorted((time_h, place, value) for (_, place), (time_h, value) in known.items())
    chart = replace(
        before,
        age_years=age_years,
        sex=sex,
        times_h=np.array([one[0] for one in rows], np.float64),
        variables=np.array([one[1] for one in rows], np.int64),
        values=np.array([one[2] for one in rows], np.float64),
        outcome=before.outcome if moved.outcome is None else moved.outcome,
    )
    notes = replace(later.notes, corrected=(*later.notes.corrected, *changed, *corrected))
    return NotedChart(chart=chart, notes=notes)


def hours_between(first: str, second: str) -> float:
    """Return the hours from one ISO 8601 time to another.

    Parameters
    ----------
    first, second
        Where only one has a time zone, the other is in UTC.

    Returns
    -------
    float
        Negative where the second is earlier.

    Raises
    ------
    ChartError
        One of them is no time.
    """
    try:
        start, end = datetime.fromisoformat(first), datetime.fromisoformat(second)
    except ValueError as error:
        raise ChartError(
            f"found {first!r} and {second!r} as times of admission – expected two times of ISO "
            "8601, such as 2026-02-27T08:30. Say when the patient was admitted as the chart has "
            "it.",
            code="chart-admission",
        ) from error
    if (start.tzinfo is None) != (end.tzinfo is None):
        start, end = (one if one.tzinfo else one.replace(tzinfo=UTC) for one in (start, end))
    return (end - start).total_seconds() / _HOUR_S


def _rows(chart: Chart) -> Sequence[tuple[float, int, float]]:
    columns = (chart.times_h.tolist(), chart.variables.tolist(), chart.values.tolist())
    return list(zip(*columns, strict=True))


def _key(time_h: float, place: int) -> tuple[int, int]:
    """Return what two values of the same variable and second share."""
    return round(time_h * _HOUR_S), place


def _since_the_same_admission(before: Chart, later: Chart) -> Chart:
    """Return the later chart with its times counted as the earlier one's are.

    Raises
    ------
    ChartError
        Only the later one knows when the patient was admitted.
    """
    if later.admitted_at in {"", before.admitted_at}:
        return later
    if not before.admitted_at:
        raise ChartError(
            f"found an admission at {later.admitted_at}, and a chart that does not know its own – "
            "expected hours since the same admission in both. Read it as a new chart.",
            code="chart-admission",
        )
    hours = hours_between(before.admitted_at, later.admitted_at)
    outcome = later.outcome
    if outcome is not None:
        outcome = replace(outcome, time_h=outcome.time_h + hours)
    return replace(later, times_h=later.times_h + hours, outcome=outcome)


def _of_patient(before: Chart, later: Chart) -> tuple[float, str, list[Correction]]:
    """Return age and sex as the later chart says them, where it does, and what it corrects."""
    changed = []
    age_years, sex = later.age_years, later.sex
    if math.isnan(age_years):
        age_years = before.age_years
    elif not math.isnan(before.age_years) and age_years != before.age_years:
        told = {"before": before.age_years, "after": age_years}
        changed.append(Correction(name="age_years", time_h=None, **told))
    if not sex:
        sex = before.sex
    elif before.sex and sex != before.sex:
        changed.append(Correction(name="sex", time_h=None, before=before.sex, after=sex))
    return age_years, sex, changed
