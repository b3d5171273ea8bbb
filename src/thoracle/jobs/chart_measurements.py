"""Measurements as programs and forms send them, read into one patient's chart.

A document names each measurement's variable, value, unit and time; what cannot be is kept out.
"""

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.checks import Reading, Readings, Stay, charts_of, together
from thoracle.datasets.prognosis.problems import (
    DATE_ALONE,
    THOUSANDS,
    UNREADABLE,
    Kind,
    Problems,
)
from thoracle.jobs.chart_documents import ChartNotes, KeptOut, NotedChart, hours_between
from thoracle.prognosis.types import FEMALE, MALE
from thoracle.prognosis.variables import VARIABLES, place_named, unit_of

MEASUREMENTS_MAX: Final = 100_000
"""Of one patient: minute by minute for two months."""
AGE_MAX_YEARS: Final = 130.0

_SEXES: Final = ("", FEMALE, MALE)
_POINT: Final = "."
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")
"""A number whose signs may all stand between thousands; 0,125 cannot be one."""
_DATE: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_PARTS: Final = re.compile(r"[+-]?\d+([.,])\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A chart that was read, and the number of its patient; None where nobody said one."""

    noted: NotedChart = field(repr=False)
    patient: str | None


def read_measurements(
    document: Mapping[str, Any], *, source: str, first: int = 1, decimal: str = "."
) -> ReadDocument:
    """Read one patient's measurements out of a document.

    Parameters
    ----------
    document
        `measurements`: objects with `variable` (a name of the reference of variables), `value`,
        `unit`, and `time_h` (hours since admission) or `at` (ISO 8601). Beside it `patient`,
        `age_years`, `sex` ("F", "M") and `admitted_at`, each where it is known. Where only one
        of `at` and `admitted_at` has a time zone, the other is in UTC.
    source
        Name of the file.
    first
        Number of the first measurement: 2 of a table's rows, whose header is 1.
    decimal
        The decimal sign that the file should have. The other one is read where it can be nothing
        else.

    Returns
    -------
    ReadDocument
        With what was kept out, by number.

    Raises
    ------
    ChartError
        It is no such document, or holds more than one patient's worth of measurements.
    """
    rows = document.get("measurements")
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise ChartError(
            f"found no list of measurements in {source} – expected objects with variable, value, "
            'unit and time_h under "measurements", or a FHIR bundle. Send such a document.',
            code="chart-json",
        )
    if len(rows) > MEASUREMENTS_MAX:
        raise ChartError(
            f"found {len(rows)} measurements in {source} – expected at most {MEASUREMENTS_MAX} of "
            "one patient. Send a part of them first, and add the rest to it.",
            code="chart-too-long",
        )
    problems = Problems(source)
    stay = _stay(document, source)
    signs = {decimal} | _decimal_signs(rows)
    readings = _readings(rows, first, stay.admitted_at, signs, problems)
    (chart,) = charts_of((stay,), readings, problems)
    notes = ChartNotes(kept_out=tuple(KeptOut.of(one) for one in problems.all))
    return ReadDocument(noted=NotedChart(chart=chart, notes=notes), patient=stay.patient or None)


def checked_admission(said: str) -> str:
    """Return a time of admission as it was said.

    Parameters
    ----------
    said
        ISO 8601, or "" where nobody knows.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ChartError
        It is no time.
    """
    try:
        _ = said and datetime.fromisoformat(said)
    except ValueError as error:
        raise ChartError(
            f"found {said[:64]!r} as the time of admission – expected a date and time of ISO 8601, "
            "such as 2026-02-27T08:30. Write it so, or leave it out.",
            code="chart-admission",
        ) from error
    return said


def _stay(document: Mapping[str, Any], source: str) -> Stay:
    """Return whose measurements they are.

    Raises
    ------
    ChartError
        Age or sex cannot be.
    """
    age_years, sex = _number(document.get("age_years")), document.get("sex") or ""
    is_age = math.isnan(age_years) or 0 <= age_years <= AGE_MAX_YEARS
    if not is_age or sex not in _SEXES:
        raise ChartError(
            f"found age {document.get('age_years')!r} and sex {sex!r} in {source} – expected 0 to "
            f'{AGE_MAX_YEARS:g} years, and "F" or "M", or neither where it is unknown. Correct it.',
            code="chart-patient-facts",
        )
    return Stay(
        patient=str(document.get("patient") or ""),
        age_years=age_years,
        sex=sex,
        admitted_at=checked_admission(str(document.get("admitted_at") or "")),
        outcome=None,
    )


def _readings(
    rows: Sequence[Mapping[str, Any]],
    first: int,
    admitted_at: str,
    signs: Set[str],
    problems: Problems,
) -> Readings:
    found = []
    for number, row in enumerate(rows, start=first):
        place = place_named(str(row.get("variable") or ""))
        if place is None:
            problems.add(Kind.UNKNOWN_COLUMN, [number], detail=str(row.get("variable"))[:64])
            continue
        told = _value(row, number, place, signs, problems)
        if told is not None:
            time_h, problem = _time_h(row, admitted_at, signs)
            if problem is None:
                found.append(Reading(row=number, stay=0, time_h=time_h, variable=place, **told))
            else:
                problems.add(problem[0], [number], detail=problem[1])
    return together(found)


def _value(
    row: Mapping[str, Any], number: int, place: int, signs: Set[str], problems: Problems
) -> dict[str, Any] | None:
    """Return a value and the place of its unit; None where it is none, which is noted."""
    variable = VARIABLES[place]
    note = partial(problems.add, rows=[number], variable=variable.name, values=1)
    unit = unit_of(variable, str(row.get("unit") or ""))
    value = _number(row.get("value"), signs)
    if unit is None:
        note(Kind.UNKNOWN_UNIT, detail=str(row.get("unit") or "")[:64])
        return None
    if math.isnan(value):
        is_thousands = _is_thousands(row.get("value"), signs)
        note(Kind.NOT_A_NUMBER, detail=THOUSANDS if is_thousands else "")
        return None
    return {"value": value, "unit": variable.units.index(unit)}


def _time_h(
    row: Mapping[str, Any], admitted_at: str, signs: Set[str]
) -> tuple[float, tuple[Kind, str] | None]:
    """Return hours since admission, and why nobody can tell them."""
    said, at = row.get("time_h"), str(row.get("at") or "").strip()
    if not at or said not in (None, ""):
        time_h = _number(said, signs)
        if not math.isnan(time_h):
            return time_h, None
        return math.nan, (Kind.NO_TIME, "" if said in (None, "") else UNREADABLE)
    if not admitted_at:
        return math.nan, (Kind.NO_ADMISSION, "")
    if _DATE.fullmatch(at):
        return math.nan, (Kind.NO_TIME, DATE_ALONE)
    try:
        return hours_between(admitted_at, at), None
    except ChartError:
        return math.nan, (Kind.NO_TIME, UNREADABLE)


def _decimal_signs(rows: Sequence[Mapping[str, Any]]) -> Set[str]:
    """Return the decimal signs of values where they can be nothing else."""
    texts = [one.strip() for one in (row.get("value") for row in rows) if isinstance(one, str)]
    found = (_PARTS.fullmatch(text) for text in texts if not _THOUSANDS.fullmatch(text))
    return {match[1] for match in found if match is not None}


def _is_thousands(said: Any, signs: Set[str]) -> bool:
    """Say whether a text may be a number with signs between its thousands."""
    text = said.strip() if isinstance(said, str) else ""
    if not _THOUSANDS.fullmatch(text):
        return False
    return [one for one in text if one in ".,"] != [*signs]


def _number(said: Any, signs: Set[str] = frozenset({_POINT})) -> float:
    """Return a number, also one that a form sends as text; NaN for anything else.

    Parameters
    ----------
    said
        With a comma where it can only be the decimal sign.
    signs
        The decimal signs of the file: of several, none stands before three digits.
    """
    if isinstance(said, bool) or said is None or _is_thousands(said, signs):
        return math.nan
    try:
        number = float(str(said).strip().replace(",", "."))
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
