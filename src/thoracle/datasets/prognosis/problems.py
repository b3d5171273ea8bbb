"""What was kept out of a cohort, and why: counted, by row, without a cell's content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from thoracle.core.arrays import IntArray

ROWS_KEPT: Final = 12
_ROWS_NAMED: Final = 4
THOUSANDS: Final = "1,000 or 1.000"
"""The detail of numbers whose only sign may stand between thousands."""
UNREADABLE: Final = "unreadable"
DATE_ALONE: Final = "date only"
NOT_AS_DECLARED: Final = "not as declared"
"""Details of times that are there, and tell nothing."""
NO_ENCOUNTER: Final = "no Encounter"
"""The detail where nothing in FHIR resources says when anybody was admitted."""


class Kind(StrEnum):
    """Why a row or a value is not in a cohort; a doubtful unit or time leaves it there."""

    NO_PATIENT = "no patient"
    NO_TIME = "no time"
    NO_ADMISSION = "no admission time"
    NO_OUTCOME_TIME = "outcome without time"
    OUTCOME_BEFORE_ADMISSION = "outcome before admission"
    LONG_BEFORE = "long before admission"
    AFTER_OUTCOME = "after the outcome"
    SINCE_OUTCOME = "since the outcome"
    NOT_A_NUMBER = "not a number"
    UNKNOWN_WORD = "unknown word"
    OUT_OF_RANGE = "out of range"
    NOT_SCALED = "not scaled"
    OTHER_UNIT = "another unit"
    IMPOSSIBLE = "impossible value"
    DOUBTFUL_UNIT = "doubtful unit"
    OTHER_SPECIMEN = "another specimen"
    UNKNOWN_STAY = "unknown stay"
    STAY_DIFFERS = "stay told in different ways"
    REPEATED = "repeated"
    CONTRADICTORY = "contradictory"
    UNKNOWN_COLUMN = "unknown column"
    UNKNOWN_CODE = "unknown code"
    UNKNOWN_UNIT = "unknown unit"
    STATUS = "status"


_TEXTS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    Kind.NO_PATIENT: ("no patient", "one in each row", "Fill it in"),
    Kind.NO_TIME: ("no time", "when each value was known", "Fill it in"),
    Kind.NO_ADMISSION: ("no time of admission", "one for each stay", "Fill it in"),
    Kind.NO_OUTCOME_TIME: (
        "an outcome without its time, which was taken for unknown",
        "when it came",
        "Fill it in",
    ),
    Kind.OUTCOME_BEFORE_ADMISSION: (
        "an outcome before admission, which was taken for unknown",
        "one after it",
        "Correct one of both",
    ),
    Kind.LONG_BEFORE: (
        "values that were kept, of more than 14 days before admission",
        "those of this stay, and of shortly before it",
        "Look whether day and month were swapped",
    ),
    Kind.AFTER_OUTCOME: (
        "values later than the outcome",
        "what was known before it",
        "Look whether the times are right",
    ),
    Kind.SINCE_OUTCOME: (
        "values of the time in which the outcome came, or later",
        "what was known before it",
        "Nothing is to be done",
    ),
    Kind.NOT_A_NUMBER: (
        "text, a limit such as <5, or another decimal sign than the file's",
        "a number such as 1234.5, or 1234,5 where the comma is the decimal sign",
        "Write the number, or leave the cell empty",
    ),
    Kind.UNKNOWN_WORD: (
        "a word in {detail} that is not known",
        "one of those that the layout or the schema has",
        "Correct it, or add it to the schema",
    ),
    Kind.OUT_OF_RANGE: (
        "numbers in {detail} that cannot be",
        "plausible ones",
        "Correct them at their source",
    ),
    Kind.NOT_SCALED: (
        "numbers in {detail} below -1 or above 1",
        "scaled ones, from -1 to 1",
        "Choose the file as it was published",
    ),
    Kind.OTHER_UNIT: (
        "values that are impossible here, but plausible in {detail}",
        "the unit that was declared",
        "Convert them, or declare their unit",
    ),
    Kind.IMPOSSIBLE: (
        "values outside the plausible range",
        "{low:g} to {high:g} {unit}",
        "Correct them at their source",
    ),
    Kind.DOUBTFUL_UNIT: (
        "values that were kept, far from usual, but usual were they in {detail}",
        "the unit that was declared",
        "Look which unit it is",
    ),
    Kind.OTHER_SPECIMEN: (
        "values of another specimen ({detail})",
        "blood",
        "Nothing is to be done",
    ),
    Kind.UNKNOWN_STAY: (
        "a patient, time or visit that belongs to no stay in hospital",
        "one of the stays",
        "Add the stay",
    ),
    Kind.STAY_DIFFERS: (
        "different words in {detail} for one stay, which was taken for unknown",
        "the same in each of its rows",
        "Correct them, or declare the column of the stay",
    ),
    Kind.REPEATED: (
        "the same value at the same time once more",
        "each once",
        "Nothing is to be done: one was kept",
    ),
    Kind.CONTRADICTORY: (
        "different values at the same time",
        "one",
        "Correct them: none was kept",
    ),
    Kind.UNKNOWN_COLUMN: (
        'the column "{detail}", which is no variable',
        "a name that `thoracle prognosis variables` lists",
        "Nothing is to be done, unless it is one",
    ),
    Kind.UNKNOWN_CODE: (
        "the code {detail}, which is no variable's",
        "a code that `thoracle prognosis variables` lists",
        "Nothing is to be done, unless it is one",
    ),
    Kind.UNKNOWN_UNIT: (
        'the unit "{detail}"',
        "one of {units}",
        "Correct it at its source",
    ),
    Kind.STATUS: (
        "the status {detail}",
        "final, amended or corrected",
        "Nothing is to be done",
    ),
}
_TEXTS_OF_DETAILS: Final[Mapping[tuple[Kind, str], tuple[str, str, str]]] = {
    (Kind.NOT_A_NUMBER, THOUSANDS): (
        "numbers such as {detail}, which may be a thousand or one",
        "no sign between thousands, and one decimal sign in the whole file",
        "Write 1000, or 1.0",
    ),
    (Kind.NO_TIME, UNREADABLE): (
        "a time that cannot be read",
        "a date and time such as 2026-02-27T08:30:00+00:00, or hours since admission",
        "Write it so",
    ),
    (Kind.NO_TIME, DATE_ALONE): (
        "a date without a time, which tells no hour",
        "when each value was known, such as 2026-02-27T08:30:00+00:00",
        "Add the time",
    ),
    (Kind.NO_TIME, NOT_AS_DECLARED): (
        "a time that cannot be read",
        "one as the schema declares it",
        "Correct it, or its kind or format in the schema",
    ),
    (Kind.NO_ADMISSION, UNREADABLE): (
        "a time of admission that cannot be read",
        "a date and time such as 2026-02-27T08:30:00+00:00",
        "Write it so",
    ),
    (Kind.NO_ADMISSION, NO_ENCOUNTER): (
        "no Encounter, which says when a patient was admitted",
        "one for each stay",
        "Add it, or say the admission of one patient beside the file",
    ),
    (Kind.NO_ADMISSION, NOT_AS_DECLARED): (
        "a time of admission that cannot be read",
        "one as the schema declares it",
        "Correct it, or its format in the schema",
    ),
}
"""Where the same reason has more than one cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that kept values out of a cohort.

    Attributes
    ----------
    kind
        Why.
    source
        The file.
    variable
        Its name; "" where it concerns whole rows.
    detail
        The other unit, the column, the code or the cause; "" where there is none.
    rows, values
        How many of each; 0 values where the row is at fault.
    places
        The first rows, as a spreadsheet counts them (header 1); entries of a bundle from 1.
    """

    kind: Kind
    source: str
    variable: str
    detail: str
    rows: int
    values: int
    places: tuple[int, ...]

    @property
    def text(self) -> str:
        """Return found – expected – do this, in one line."""
        from thoracle.prognosis.variables import VARIABLES, place_of

        facts: dict[str, object] = {"detail": self.detail}
        if self.variable:
            measured = VARIABLES[place_of(self.variable)]
            facts |= {"unit": measured.unit, "low": measured.low, "high": measured.high}
            facts["units"] = ", ".join(f'"{one.name}"' for one in measured.units)
        texts = _TEXTS_OF_DETAILS.get((self.kind, self.detail), _TEXTS[self.kind])
        found, expected, action = (each.format(**facts).strip() for each in texts)
        of = f", {self.variable}" if self.variable else ""
        count = f"{self.values} × " if self.values else ""
        place = f"{self.source}{of}, {self._where}"
        return f"{place}: found {count}{found} – expected {expected}. {action}."

    @property
    def _where(self) -> str:
        """Name the rows: "row 3", "rows 3, 7", and the first few of many with their number."""
        shown = ", ".join(str(row) for row in self.places[:_ROWS_NAMED])
        if not self.places:
            return "all rows"
        if self.rows > _ROWS_NAMED:
            return f"{self.rows} rows ({shown}, …)"
        return f"row{'s' if self.rows > 1 else ''} {shown}"


class Problems:
    """Collects what was kept out of one file; the same thing in many rows is one problem."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: dict[tuple[Kind, str, str], set[int]] = {}
        self._values: dict[tuple[Kind, str, str], int] = {}

    def add(
        self,
        kind: Kind,
        rows: Iterable[int] | IntArray,
        *,
        variable: str = "",
        detail: str = "",
        values: int = 0,
    ) -> None:
        """Note rows; `values` is how many values of them are at fault, 0 where the row is."""
        key = (kind, variable, detail)
        listed = rows.tolist() if isinstance(rows, np.ndarray) else rows
        self._rows.setdefault(key, set()).update(listed)
        self._values[key] = self._values.get(key, 0) + values

    @property
    def all(self) -> tuple[Problem, ...]:
        """Every problem, in the order of `Kind`, then of variables."""
        order = list(Kind)
        keys = sorted(self._rows, key=lambda key: (order.index(key[0]), key[1:]))
        return tuple(
            Problem(
                kind=key[0],
                source=self._source,
                variable=key[1],
                detail=key[2],
                rows=len(self._rows[key]),
                values=self._values[key],
                places=tuple(sorted(self._rows[key])[:ROWS_KEPT]),
            )
            for key in keys
        )
