"""What is wrong with the tables: all of it at once, by row number, without a cell's content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thoracle.core.errors import ManifestError

_ROWS_SHOWN = 12
_SHAPE_LENGTH = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, in one or many rows of one table; no rows means the whole table."""

    table: str
    rows: tuple[int, ...]
    found: str
    expected: str
    action: str

    @property
    def text(self) -> str:
        """Return found – expected – do this, in one line."""
        place = f"{self.table}, {rows_text(self.rows)}" if self.rows else self.table
        return f"{place}: found {self.found} – expected {self.expected}. {self.action}."


class Problems:
    """Collects problems; the same thing in many rows is one problem."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str, str], set[int]] = {}

    def add(
        self, table: str, rows: Iterable[int], *, found: str, expected: str, action: str
    ) -> None:
        """Note a problem; texts must not hold what stands in a cell (use `shape_of`)."""
        self._rows.setdefault((table, found, expected, action), set()).update(rows)

    def concern(self, table: str) -> bool:
        """Say whether anything was noted of a table, so that rows of it may be missing."""
        return any(key[0] == table for key in self._rows)

    @property
    def all(self) -> tuple[Problem, ...]:
        """Every problem, in the order in which they were met."""
        return tuple(
            Problem(
                table=table, rows=tuple(sorted(rows)), found=found, expected=expected, action=action
            )
            for (table, found, expected, action), rows in self._rows.items()
        )

    def refuse(self) -> None:
        """Stop if anything was noted.

        Raises
        ------
        TablesError
            There is at least one problem.
        """
        if self._rows:
            raise TablesError(self.all)


class TablesError(ManifestError):
    """The hospital's tables are not what is expected; `problems` has all that is wrong."""

    code = "reference-tables"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        things = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(
            f"found {things} in the tables – expected none, and wrote nothing. Correct all of "
            f"them, or state the choice in the plan. The first: {problems[0].text}"
        )
        self.problems = problems


def shape_of(text: str) -> str:
    """Return what a cell looks like without saying it: letters become A or a, digits 0.

    Examples
    --------
    >>> shape_of("03/04/2020 Smith")
    '00/00/0000 Aaaaa'
    """
    shape = "".join(_sign(one) for one in text[:_SHAPE_LENGTH])
    return f"{shape}…" if len(text) > _SHAPE_LENGTH else shape


def _sign(letter: str) -> str:
    if letter.isdecimal():
        return "0"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter if letter.isprintable() else "?"


def rows_text(rows: Sequence[int]) -> str:
    """Name rows: "row 3", "rows 3, 7", and the first twelve of many with the number of others."""
    shown = ", ".join(str(row) for row in rows[:_ROWS_SHOWN])
    more = f" and {len(rows) - _ROWS_SHOWN} more" if len(rows) > _ROWS_SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"
