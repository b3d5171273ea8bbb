"""Cells of tables as numbers and instants: what is not understood is None, never a guess."""

import math
import re
from datetime import datetime
from typing import Final

_YEAR_FIRST: Final = re.compile(
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"
    r"([T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2})(\.\d+)?)?)?"
)
_S_PER_H: Final = 3600.0


def number_of(text: str, decimal: str = ".") -> float | None:
    """Return a cell as a finite number, None where it is none.

    Parameters
    ----------
    text
        A limit such as <5 is no number, nor is one with signs between thousands.
    decimal
        The sign between the whole and its parts, "." or ",".
    """
    if decimal == "," and "." in text:
        return None
    try:
        value = float(text.replace(decimal, "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def instant_of(text: str, form: str = "") -> datetime | None:
    """Return a cell as an instant of the hospital's own clock, None where it is none.

    Parameters
    ----------
    text
        A date, with or without a time.
    form
        As `datetime.strptime` has it; "" reads dates that begin with the year, as ISO 8601 does.

    Returns
    -------
    datetime or None
        Without a time zone: one that is written is dropped, since a hospital has one clock.
    """
    try:
        if form:
            return datetime.strptime(text, form).replace(tzinfo=None)  # noqa: DTZ007
        match = _YEAR_FIRST.fullmatch(text)
        if match is None:
            return datetime.fromisoformat(text).replace(tzinfo=None)
        parts = match.groupdict(default="0")
        return datetime(  # noqa: DTZ001  (the hospital's own clock)
            int(parts["year"]),
            int(parts["month"]),
            int(parts["day"]),
            int(parts["hour"]),
            int(parts["minute"]),
            int(parts["second"]),
        )
    except ValueError:
        return None


def hours_between(start: datetime, end: datetime) -> float:
    """Return how many hours lie between two instants; negative where the end comes first."""
    return (end - start).total_seconds() / _S_PER_H
