"""Watch breathing that comes in line by line, of one patient or of many."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from thoracle.core.errors import SignalError
from thoracle.respiration.monitor import Monitor, Status

ONE: Final = "patient"
"""Name of the stream whose lines hold nothing but a value."""
_MISSING: Final = ("", "nan", "na")
_FIELDS_MAX: Final = 2


def watch(lines: Iterable[str], monitor: Monitor) -> Iterator[Status]:
    """Read samples and tell of each stream, second by second.

    Parameters
    ----------
    lines
        Each a value, or the name of a stream, a comma and a value; an empty value, or nan, is a
        sample that is missing. Empty lines between are left out; a line that is neither is a
        SignalError.
    monitor
        Knows rate and sensor.

    Yields
    ------
    Status
        Of all streams that had a new second, each time as many samples came as all of them give
        in a second. What is left at the end is told as well.
    """
    waiting = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        name, value = _read(line, number)
        monitor.push(name, np.array([value]))
        waiting += 1
        if waiting >= monitor.rate_hz * len(monitor.patients):
            waiting = 0
            yield from monitor.step()
    yield from monitor.step()


def status_line(status: Status) -> str:
    """Return what a person reads of a second: name, time, rate, pattern, alarms.

    Parameters
    ----------
    status
        Of one stream.

    Returns
    -------
    str
        One line; a dash where nothing is known.
    """
    rate = "–" if status.rate_per_minute is None else f"{status.rate_per_minute:.0f}/min"
    alarms = ", ".join(f"{one.code} since {one.since_s:.0f} s" for one in status.alarms)
    return (
        f"{status.patient}  {status.time_s:.0f} s  {rate}  {status.pattern or '–'}"
        f"{f'  ALARM: {alarms}' if alarms else ''}"
    )


def status_to_json(status: Status) -> Mapping[str, Any]:
    """Return a status as JSON has it."""
    return asdict(status)


def is_news(status: Status, before: Status | None) -> bool:
    """Return whether state or alarms differ from those that were told before.

    Parameters
    ----------
    status
        Of one stream.
    before
        What was told of it last, None where nothing was.
    """
    if before is None:
        return True
    alarms, earlier = ({one.code for one in told.alarms} for told in (status, before))
    return status.pattern != before.pattern or alarms != earlier


def _read(line: str, number: int) -> tuple[str, float]:
    fields = [one.strip() for one in line.rstrip("\n").split(",")]
    if len(fields) <= _FIELDS_MAX:
        name = fields[0] if len(fields) == _FIELDS_MAX else ONE
        value = _number(fields[-1])
        if name and value is not None:
            return name, value
    raise SignalError(
        f"found {line.strip()[:40]!r} in line {number} – expected a value, or a name, a comma and "
        "a value. Write one sample a line.",
        code="breathing-line",
    )


def _number(text: str) -> float | None:
    if text.lower() in _MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
