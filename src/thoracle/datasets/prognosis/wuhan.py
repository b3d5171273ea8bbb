"""The Wuhan set in its own layout: dated rows of laboratory values, death or discharge.

Yan et al. 2020, and smaller files of the same group, which have a few of its columns. The patient's
number may stand on the first of their rows only. Three traps, each seen in the published file: rows
after discharge, rows without a date, and urine under the names of blood (a test strip's pH in steps
of a half, with the cells of the sediment under those of the blood count).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from thoracle.core.errors import ChartError
from thoracle.core.files import sha256_of_file
from thoracle.datasets.prognosis.cells import hours_between, instant_of, number_of
from thoracle.datasets.prognosis.checks import Reading, Readings, Stay, charts_of, together
from thoracle.datasets.prognosis.cohort import Cohort, Source
from thoracle.datasets.prognosis.problems import UNREADABLE, Kind, Problems
from thoracle.datasets.prognosis.table_files import file_of, read_table_and_decimal
from thoracle.datasets.reference_standard.sheets import Sheet
from thoracle.prognosis.types import DEATH, DISCHARGE, FEMALE, MALE, Outcome
from thoracle.prognosis.variables import place_named, place_of, plain

_PATIENT, _TIME, _ADMITTED, _LEFT, _OUTCOME = (
    plain(name) for name in ("PATIENT_ID", "RE_DATE", "Admission time", "Discharge time", "outcome")
)
_NEEDED: Final = (_PATIENT, _TIME, _ADMITTED, _LEFT, _OUTCOME)
_AGE, _SEX = "age", "gender"
_EVENTS: Final[Mapping[str, str]] = {"0": DISCHARGE, "1": DEATH}
_SEXES: Final[Mapping[str, str]] = {"1": MALE, "2": FEMALE}
_STRIP_STEP: Final = 0.5  # of the pH on a urine test strip; blood gas analyzers give 0.001 or 0.01
_SEDIMENT: Final = ("white_cell_count", "red_cell_count")
_LICENSE: Final = "MIT"
_CITATION: Final = (
    "Yan L, Zhang HT, Goncalves J, et al. An interpretable mortality prediction model for COVID-19 "
    "patients. Nature Machine Intelligence 2020;2:283-288."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row with what says whose it is, and its laboratory values as text."""

    number: int
    patient: str
    admitted: str
    decimal: str
    cells: Mapping[str, str] = field(repr=False)
    values: Mapping[int, str] = field(repr=False)


def read_wuhan(path: Path) -> Cohort:
    """Read the file, as it was published.

    Parameters
    ----------
    path
        An .xlsx or .csv file with PATIENT_ID, RE_DATE, Admission time, Discharge time, outcome (1
        death, 0 discharge), any laboratory columns, and age and gender (1 male, 2 female) or not.
        In CSV with semicolons the comma is the decimal sign.

    Returns
    -------
    Cohort
        Stays in the order of the file. Values are in the units of the set, which are those of
        `VARIABLES`.

    Raises
    ------
    ChartError
        A column is missing.
    """
    sheet, decimal = read_table_and_decimal(path)
    columns = [plain(name) for name in sheet.header]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise ChartError(
            f"found no column {missing[0]} in {path.name} – expected PATIENT_ID, RE_DATE, "
            "Admission time, Discharge time and outcome. Choose the file as it was published, or "
            "read it with --table and a schema.",
            code="chart-columns",
        )
    problems = Problems(path.name)
    rows = _rows(sheet, columns, decimal, problems)
    stays = _stays(rows, problems)
    charts = charts_of(list(stays.values()), _readings(rows, stays, problems), problems)
    source = Source(
        name="wuhan",
        file=path.name,
        sha256=sha256_of_file(file_of(path)),
        license=_LICENSE,
        citation=_CITATION,
    )
    return Cohort(name="wuhan", charts=charts, problems=problems.all, sources=(source,))


def _rows(sheet: Sheet, columns: Sequence[str], decimal: str, problems: Problems) -> list[_Row]:
    """Return rows that belong to somebody; a row without a number belongs to the one above it."""
    measured = _measured(sheet.header, columns, problems)
    rows: list[_Row] = []
    patient = ""
    for number, texts in sheet.rows:
        cells = dict(zip(columns, texts, strict=True))
        patient = cells[_PATIENT] or patient
        is_other = bool(
            rows and not cells[_PATIENT] and cells[_ADMITTED] not in {"", rows[-1].admitted}
        )
        if not patient or is_other:  # the number that should stand here was left out
            problems.add(Kind.NO_PATIENT, [number])
            continue
        above = rows[-1].admitted if rows and rows[-1].patient == patient else ""
        admitted = cells[_ADMITTED] or above
        values = {place: texts[column] for column, place in measured.items() if texts[column]}
        rows.append(
            _Row(
                number=number,
                patient=patient,
                admitted=admitted,
                decimal=decimal,
                cells=cells,
                values=values,
            )
        )
    return rows


def _measured(header: Sequence[str], columns: Sequence[str], problems: Problems) -> dict[int, int]:
    """Return which column holds which variable."""
    found: dict[int, int] = {}
    for column, name in enumerate(columns):
        place = place_named(name)
        if place is not None:
            found[column] = place
        elif name not in {*_NEEDED, _AGE, _SEX, ""}:
            problems.add(Kind.UNKNOWN_COLUMN, (), detail=header[column])
    return found


def _stays(rows: Sequence[_Row], problems: Problems) -> dict[tuple[str, str], Stay]:
    """Return each stay by patient and admission, from the first of its rows."""
    stays: dict[tuple[str, str], Stay] = {}
    for row in rows:
        if (row.patient, row.admitted) in stays:
            continue
        admitted = instant_of(row.admitted)
        if admitted is None:
            detail = UNREADABLE if row.admitted else ""
            problems.add(Kind.NO_ADMISSION, [row.number], detail=detail)
            continue
        stays[row.patient, row.admitted] = Stay(
            patient=row.patient,
            age_years=_number_or_nan(row.cells.get(_AGE, ""), row.decimal),
            sex=_SEXES.get(row.cells.get(_SEX, ""), ""),
            admitted_at=admitted.isoformat(),
            outcome=_outcome(row, admitted, problems),
        )
    return stays


def _outcome(row: _Row, admitted: datetime, problems: Problems) -> Outcome | None:
    event = _EVENTS.get(row.cells[_OUTCOME])
    left = instant_of(row.cells[_LEFT])
    if event is None:
        if row.cells[_OUTCOME]:
            problems.add(Kind.UNKNOWN_WORD, [row.number], detail="outcome")
        return None
    if left is None:
        problems.add(Kind.NO_OUTCOME_TIME, [row.number])
        return None
    time_h = hours_between(admitted, left)
    if time_h < 0:
        problems.add(Kind.OUTCOME_BEFORE_ADMISSION, [row.number])
        return None
    return Outcome(event=event, time_h=time_h)


def _number_or_nan(text: str, decimal: str) -> float:
    value = number_of(text, decimal)
    return math.nan if value is None else value


def _readings(
    rows: Sequence[_Row], stays: Mapping[tuple[str, str], Stay], problems: Problems
) -> Readings:
    order = {key: place for place, key in enumerate(stays)}
    ends_h = [math.inf if stay.outcome is None else stay.outcome.time_h for stay in stays.values()]
    found: list[Reading] = []
    for row in rows:
        stay = order.get((row.patient, row.admitted))
        if stay is None:
            detail = UNREADABLE if row.admitted else ""
            problems.add(Kind.NO_ADMISSION, [row.number], detail=detail)
            continue
        hours = _hours(row, ends_h[stay], problems)
        if hours is not None:
            found += [
                Reading(row=row.number, stay=stay, time_h=hours, variable=place, value=value)
                for place, value in _of_blood(row, problems)
            ]
    return together(found)


def _hours(row: _Row, end_h: float, problems: Problems) -> float | None:
    """Return when a row was known, None where nobody can say or the stay was over."""
    taken, admitted = instant_of(row.cells[_TIME]), instant_of(row.admitted)
    if taken is None or admitted is None:
        problems.add(Kind.NO_TIME, [row.number], detail=UNREADABLE if row.cells[_TIME] else "")
        return None
    hours = hours_between(admitted, taken)
    if hours > end_h:
        problems.add(Kind.AFTER_OUTCOME, [row.number])
        return None
    return hours


def _of_blood(row: _Row, problems: Problems) -> list[tuple[int, float]]:
    """Return a row's numbers, without those of urine."""
    found: list[tuple[int, float]] = []
    for place, text in row.values.items():
        value = number_of(text, row.decimal)
        if value is None:
            problems.add(Kind.NOT_A_NUMBER, [row.number], values=1)
        else:
            found.append((place, value))
    urine = _urine_places(dict(found))
    if urine:
        problems.add(Kind.OTHER_SPECIMEN, [row.number], detail="urine", values=len(urine))
    return [(place, value) for place, value in found if place not in urine]


def _urine_places(values: Mapping[int, float]) -> set[int]:
    """Return which values are those of urine, by the pH of a test strip beside them."""
    ph = place_of("ph")
    if ph not in values or values[ph] % _STRIP_STEP:
        return set()
    has_blood_count = place_of("platelet_count") in values
    sediment = () if has_blood_count else tuple(place_of(name) for name in _SEDIMENT)
    return {ph, *(place for place in sediment if place in values)}
