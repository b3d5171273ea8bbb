"""Reading the cells of one row: what is not understood becomes a problem, never a guess."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from thoracle.datasets.reference_standard.plan import plain_word
from thoracle.datasets.reference_standard.problems import Problems, shape_of
from thoracle.datasets.reference_standard.sheets import Sheet

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?P<time>[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date, and whether it came with a time of day."""

    at: datetime
    has_time: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the names that columns have here."""

    table: str
    number: int
    cells: Mapping[str, str] = field(repr=False)
    problems: Problems = field(repr=False)

    def text(self, column: str) -> str | None:
        """Return a cell, None where it is empty or the column is not there."""
        return self.cells.get(column) or None

    def need(self, column: str) -> str | None:
        """Return a cell that must be filled; an empty one is a problem."""
        text = self.text(column)
        if text is None:
            self.fault(column, "an empty cell", "one that is filled", "Fill it or remove the row")
        return text

    def word(self, column: str, meanings: Mapping[str, str]) -> str | None:
        """Return what a word means; one that the plan does not know is a problem."""
        text = self.text(column)
        if text is None:
            return None
        meaning = meanings.get(plain_word(text))
        if meaning is None:
            self.fault(
                column,
                "a word that the plan does not know",
                f"one of words.{column}",
                "Correct it, or say in the plan what it means",
            )
        return meaning

    def number_in(self, column: str, low: float, high: float) -> float | None:
        """Return a number of a range, None where it is not recorded."""
        text = self.text(column)
        if text is None:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else None
        if value is None or not low <= value <= high:
            expected = f"a number from {low:g} to {high:g}, with a point, or an empty cell"
            self.fault(column, f'"{shape_of(text)}"', expected, "Correct it")
            return None
        return value

    def moment(self, column: str, form: str) -> Moment | None:
        """Return a date in one format, ISO 8601 for ""; day and month are never guessed."""
        text = self.text(column)
        if text is None:
            return None
        found = _iso(text) if not form else _formed(text, form)
        if found is None:
            self.fault(
                column,
                f'a date like "{shape_of(text)}"',
                f'"{form}"' if form else "ISO 8601 (0000-00-00, with T00:00 if there is a time)",
                f'State the format in the plan, for instance {column} = "%d/%m/%Y" under [dates]',
            )
        return found

    def fault(self, column: str, found: str, expected: str, action: str) -> None:
        """Note what is wrong with a cell; the texts must not hold what stands there."""
        self.problems.add(
            self.table,
            [self.number],
            found=f"{found} in the column {column}",
            expected=expected,
            action=action,
        )


def rows_of(
    sheet: Sheet,
    table: str,
    *,
    columns: tuple[str, ...],
    required: tuple[str, ...],
    names: Mapping[str, str],
    problems: Problems,
) -> Iterator[Row]:
    """Yield the rows of a table under the names that columns have here; others are not read.

    Parameters
    ----------
    sheet, table
        The table and what it is called in problems.
    columns, required
        Those that are read, and those of them that must be there.
    names
        What the plan calls columns in the hospital's table, by the names that they have here.
    problems
        Takes missing, repeated and unknown columns; then nothing is yielded.
    """
    places = [plain_column(name) for name in sheet.header]
    own = {column: plain_column(names.get(column, column)) for column in columns}
    if not _has_columns(table, places, own, required, problems):
        return
    _refuse_unknown(table, sorted(set(names) - set(columns)), columns, problems)
    if sheet.wide:
        problems.add(
            table,
            sheet.wide,
            found="more cells than the header has",
            expected="as many",
            action='Put a cell that holds a comma between quotation marks (")',
        )
    index = {column: places.index(name) for column, name in own.items() if name in places}
    for number, cells in sheet.rows:
        yield Row(table, number, {name: cells[place] for name, place in index.items()}, problems)


def _refuse_unknown(
    table: str, unknown: Sequence[str], columns: tuple[str, ...], problems: Problems
) -> None:
    """Report what the plan calls a column that the table does not have here."""
    if unknown:
        problems.add(
            table,
            [],
            found=f"columns.{table}.{unknown[0]} in the plan",
            expected=f"only {', '.join(columns)}",
            action="Correct the plan",
        )


def _has_columns(
    table: str,
    places: list[str],
    own: Mapping[str, str],
    required: tuple[str, ...],
    problems: Problems,
) -> bool:
    missing = [column for column in required if own[column] not in places]
    twice = [column for column, name in own.items() if places.count(name) > 1]
    if missing:
        hint = ""
        if len(places) == 1 and ";" in places[0]:
            hint = "; it has semicolons between its cells, so save it with commas"
        problems.add(
            table,
            [],
            found=f"no column {', no column '.join(missing)}",
            expected=f"a header with {', '.join(required)}",
            action=f"Add it, or say under [columns] of the plan what it is called{hint}",
        )
    if twice:
        problems.add(
            table,
            [],
            found=f"the column {', '.join(twice)} more than once",
            expected="once",
            action="Rename one of them",
        )
    return not missing and not twice


def plain_column(name: str) -> str:
    """Return a column's name as names are compared: small letters, underscores."""
    return plain_word(name).replace(" ", "_")


def _iso(text: str) -> Moment | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    try:
        return Moment(at=datetime.fromisoformat(text), has_time=match["time"] is not None)
    except ValueError:
        return None


def _formed(text: str, form: str) -> Moment | None:
    try:
        at = datetime.strptime(text, form)  # noqa: DTZ007  (the hospital's own clock)
    except ValueError:
        return None
    if at.tzinfo is not None:
        return None
    return Moment(at=at, has_time=any(sign in form for sign in ("%H", "%I", "%X", "%c", "%T")))
