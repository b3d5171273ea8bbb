"""Who came, when, and how it ended, from the rows of a declared table."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cells import hours_between, instant_of, number_of
from thoracle.datasets.prognosis.checks import Stay
from thoracle.datasets.prognosis.problems import NOT_AS_DECLARED, Kind, Problems
from thoracle.datasets.prognosis.schema import OutcomePart, TableSchema, TimeKind, TimePart
from thoracle.datasets.reference_standard.sheets import Sheet
from thoracle.prognosis.types import FEMALE, MALE, Outcome

Key = tuple[str, str]
"""The patient and the stay, "" where no column tells of stays."""
_HOURS_OF: Final[Mapping[TimeKind, float]] = {
    TimeKind.DAYS: 24.0,
    TimeKind.HOURS: 1.0,
    TimeKind.MINUTES: 1 / 60,
}
_AGE_YEARS: Final = (0.0, 120.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a table by their columns' names."""

    name: str
    columns: Mapping[str, int]
    lines: tuple[tuple[int, tuple[str, ...]], ...] = field(repr=False)

    def __iter__(self) -> Iterator["Row"]:
        for number, cells in self.lines:
            yield Row(number=number, columns=self.columns, cells=cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row."""

    number: int
    columns: Mapping[str, int] = field(repr=False)
    cells: tuple[str, ...] = field(repr=False)

    def text(self, column: str) -> str:
        """Return a cell, "" where it is empty."""
        return self.cells[self.columns[column]]

    def key(self, schema: TableSchema) -> Key:
        """Return whose row it is."""
        return self.text(schema.patient), self.text(schema.stay) if schema.stay else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Stays by patient and stay, in the order of the file; `admitted` where it was declared."""

    stays: Mapping[Key, Stay]
    admitted: Mapping[Key, datetime]

    def hours(self, key: Key, part: TimePart, text: str, *, decimal: str) -> float:
        """Return a cell as hours since admission, NaN where it tells none."""
        return hours_of(part, text, self.admitted.get(key), decimal=decimal)


def rows_of(sheet: Sheet, name: str, needed: Sequence[str]) -> Rows:
    """Return the rows of a table that has all columns that a schema names.

    Raises
    ------
    ChartError
        A column is missing or there twice.
    """
    for column in needed:
        if sheet.header.count(column) != 1:
            raise ChartError(
                f'found the column "{column}" {sheet.header.count(column)} times in {name} – '
                f"expected it once, as the schema says; there is {', '.join(sheet.header)}. "
                "Correct the schema.",
                code="chart-columns",
            )
    columns = {column: place for place, column in enumerate(sheet.header)}
    return Rows(name=name, columns=columns, lines=sheet.rows)


def stay_columns(schema: TableSchema) -> tuple[str, ...]:
    """Return the columns that tell of a stay, but for whose it is."""
    outcome = schema.outcome
    times = [] if outcome is None else [outcome.time, *outcome.times.values()]
    named = [
        None if schema.admission is None else schema.admission.column,
        schema.age_years,
        None if schema.sex is None else schema.sex.column,
        None if outcome is None else outcome.column,
        *(None if one is None else one.column for one in times),
    ]
    return tuple(dict.fromkeys(name for name in named if name))


def stays_of(rows: Rows, schema: TableSchema, problems: Problems) -> Stays:
    """Return every stay that the rows tell of.

    Parameters
    ----------
    rows
        Of the table of stays, or of the measurements where it has their columns.
    schema
        Which columns those are.
    problems
        Told of rows without a patient, of stays told in different ways, and of stays without a
        time of admission, which are left out.
    """
    grouped: dict[Key, list[Row]] = {}
    for row in rows:
        if row.text(schema.patient):
            grouped.setdefault(row.key(schema), []).append(row)
        else:
            problems.add(Kind.NO_PATIENT, [row.number])
    stays, admitted = {}, {}
    for key, lines in grouped.items():
        facts = {name: _agreed(name, lines, problems) for name in stay_columns(schema)}
        first = lines[0].number
        start = _admitted(facts, schema)
        if schema.admission is not None and start is None:
            is_told = any(row.text(schema.admission.column) for row in lines)
            detail = NOT_AS_DECLARED if is_told else ""
            problems.add(Kind.NO_ADMISSION, [first], detail=detail)
            continue
        if start is not None:
            admitted[key] = start
        stays[key] = Stay(
            patient=key[0],
            age_years=_age(facts, first, schema, problems),
            sex=_sex(facts, first, schema, problems),
            admitted_at="" if start is None else start.isoformat(),
            outcome=_outcome(facts, start, first, schema, problems),
        )
    return Stays(stays=stays, admitted=admitted)


def hours_of(part: TimePart, text: str, admitted: datetime | None, *, decimal: str) -> float:
    """Return a cell of times as hours since admission, NaN where it tells none.

    Parameters
    ----------
    part
        What stands in the column.
    text
        The cell.
    admitted
        Needed for instants.
    decimal
        The sign between a number's whole and its parts.
    """
    if part.kind is TimeKind.INSTANT:
        instant = instant_of(text, part.format) if text else None
        if instant is None or admitted is None:
            return math.nan
        return hours_between(admitted, instant)
    number = number_of(text, decimal)
    return math.nan if number is None else number * _HOURS_OF[part.kind]


def _agreed(name: str, lines: Sequence[Row], problems: Problems) -> str:
    """Return the one word of a stay's rows, "" where there is none or more than one."""
    found = dict.fromkeys(row.text(name) for row in lines if row.text(name))
    if len(found) > 1:
        problems.add(Kind.STAY_DIFFERS, [row.number for row in lines], detail=name)
        return ""
    return next(iter(found), "")


def _admitted(facts: Mapping[str, str], schema: TableSchema) -> datetime | None:
    if schema.admission is None:
        return None
    text = facts[schema.admission.column]
    return instant_of(text, schema.admission.format) if text else None


def _age(facts: Mapping[str, str], row: int, schema: TableSchema, problems: Problems) -> float:
    text = facts[schema.age_years] if schema.age_years else ""
    age = number_of(text, schema.decimal)
    if age is None or not _AGE_YEARS[0] <= age <= _AGE_YEARS[1]:
        if text:
            problems.add(Kind.OUT_OF_RANGE, [row], detail=str(schema.age_years), values=1)
        return math.nan
    return age


def _sex(facts: Mapping[str, str], row: int, schema: TableSchema, problems: Problems) -> str:
    if schema.sex is None:
        return ""
    text = facts[schema.sex.column]
    meanings = {**dict.fromkeys(schema.sex.female, FEMALE), **dict.fromkeys(schema.sex.male, MALE)}
    if text and text not in meanings:
        problems.add(Kind.UNKNOWN_WORD, [row], detail=schema.sex.column, values=1)
    return meanings.get(text, "")


def _outcome(
    facts: Mapping[str, str],
    admitted: datetime | None,
    row: int,
    schema: TableSchema,
    problems: Problems,
) -> Outcome | None:
    """Return the first event of a stay, None where it is unknown."""
    if schema.outcome is None:
        return None
    ends: list[Outcome] = []
    for event, part in _events(schema.outcome, facts, row, problems):
        text = facts[part.column]
        time_h = hours_of(part, text, admitted, decimal=schema.decimal)
        if math.isnan(time_h):
            if text or not schema.outcome.times:
                problems.add(Kind.NO_OUTCOME_TIME, [row])
        elif time_h < 0:
            problems.add(Kind.OUTCOME_BEFORE_ADMISSION, [row])
        else:
            ends.append(Outcome(event=event, time_h=time_h))
    return min(ends, key=lambda end: end.time_h, default=None)


def _events(
    outcome: OutcomePart, facts: Mapping[str, str], row: int, problems: Problems
) -> Iterator[tuple[str, TimePart]]:
    """Yield the events that may have come, each with the column of its time."""
    yield from outcome.times.items()
    if outcome.column and outcome.time is not None and facts[outcome.column]:
        meanings = {word: event for event, words in outcome.words.items() for word in words}
        event = meanings.get(facts[outcome.column])
        if event is None:
            problems.add(Kind.UNKNOWN_WORD, [row], detail=outcome.column, values=1)
        else:
            yield event, outcome.time
