"""A file's channels to one breathing signal: which channel, at which rate, from which sensor.

None of the three is guessed: a file says it, or a user does, and where both do they must agree.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.imaging.recording import (
    RATE_MAX_HZ,
    Channel,
    Reading,
    RecordingFile,
    listed,
    printable,
)
from thoracle.imaging.recording_csv import TIME_UNITS_S
from thoracle.respiration.time_grid import TimeGrid, grid_of
from thoracle.respiration.types import SENSORS, Recording

USUAL_NAMES: Final = (
    *("resp", "rsp", "respiration", "breathing", "breath", "rip", "imp", "impedance"),
    *("flow", "airflow", "nasal", "thermistor", "pressure", "co2", "etco2", "capno"),
    *("thor", "thorax", "chest", "abdo", "abdomen", "effort", "belt", "volume", "depth"),
)
"""Words in the names of channels that often hold breathing: proposed to a user, never taken."""
_SAME_RATE: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a user says of a recording.

    Attributes
    ----------
    channel
        Its name; None where the file has one alone.
    rate_hz
        Samples per second; None where the file says it.
    sensor
        One of `SENSORS`; None is refused, "unknown" is not.
    time_unit
        A key of `TIME_UNITS_S`, for a column of time without a unit.
    """

    channel: str | None = None
    rate_hz: float | None = None
    sensor: str | None = None
    time_unit: str | None = None


def recording_of(file: RecordingFile, choice: Choice) -> Recording:
    """Take one breathing signal out of a file.

    Parameters
    ----------
    file
        As the decoder's child gave it.
    choice
        What the user says.

    Returns
    -------
    Recording
        On an even grid; missing samples are NaN. What is not said, said twice, or contradicted is a
        SignalError.
    """
    sensor = need_sensor(choice.sensor)
    channel = pick_channel(file.reading, choice.channel)
    signal, rate_hz = timed(file.reading, channel, choice)
    _need_samples(signal, channel.name)
    return Recording(
        signal=signal, rate_hz=rate_hz, sensor=sensor, unit=channel.unit, sha256=file.sha256
    )


def need_sensor(sensor: str | None) -> str:
    """Return the sensor that a user named.

    Raises
    ------
    SignalError
        signal-sensor: none, or none of `SENSORS`.
    """
    if sensor in SENSORS:
        return sensor
    if sensor is None:
        raise SignalError(
            f"found no sensor – expected one of {', '.join(SENSORS)}: it says which way "
            "inspiration goes. Give --sensor; with unknown, nothing that hangs on direction is "
            "told.",
            code="signal-sensor",
        )
    raise SignalError(
        f"found the sensor {printable(sensor, longest=24)!r} – expected one of "
        f"{', '.join(SENSORS)}. Correct --sensor; say unknown where you do not know.",
        code="signal-sensor",
    )


def pick_channel(reading: Reading, name: str | None) -> Channel:
    """Return the channel that a user named, or the only one.

    Raises
    ------
    SignalError
        signal-channel: there are several and none was named, none has the name, or several have.
    """
    names = [one.name for one in reading.channels]
    found = list(reading.channels)
    if name is not None:
        exact = [one for one in found if one.name == name]
        found = exact or [one for one in found if one.name.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if name is not None:
        raise SignalError(
            f"found {len(found)} channels called {printable(name, longest=24)} among "
            f"{listed(names)} – expected one. Give its exact name with --channel.",
            code="signal-channel",
        )
    usual = [one for one in names if _is_usual(one)]
    raise SignalError(
        f"found {len(names)} channels ({listed(names)}) – expected one to be chosen; by their "
        f"names, these may be breathing: {listed(usual) or '–'}. Give a name with --channel.",
        code="signal-channel",
    )


def timed(reading: Reading, channel: Channel, choice: Choice) -> tuple[DoubleArray, float]:
    """Return a channel's samples on an even grid, and their rate in Hz.

    Parameters
    ----------
    reading
        What the file holds, with its column of time where it has one.
    channel
        One of it.
    choice
        What the user says of rate and unit of time.

    Returns
    -------
    signal, rate_hz
        (samples,) float64, NaN in gaps.
    """
    _need_possible(choice.rate_hz)
    if reading.time is None:
        return channel.values, _agreed(channel.rate_hz, choice.rate_hz, allowed=_SAME_RATE)
    grid = time_grid(reading.time, choice.time_unit)
    allowed = max(_SAME_RATE, grid.rate_error)
    return grid.spread(channel.values), _agreed(grid.rate_hz, choice.rate_hz, allowed=allowed)


def time_grid(time: Channel, unit: str | None) -> TimeGrid:
    """Return the even grid of a column of time; what cannot be one is a SignalError.

    Parameters
    ----------
    time
        The column.
    unit
        What the user says of its unit; None where its name says it.

    Raises
    ------
    SignalError
        signal-time-unit: neither says it, or both do and differ.
    """
    said, given = time.unit.casefold(), (unit or "").casefold()
    if (said or given) not in TIME_UNITS_S or (said and given and said != given):
        raise SignalError(
            f"found the unit {time.unit or '–'} in the name of the time column {time.name}, and "
            f"{unit or '–'} given – expected one of {', '.join(TIME_UNITS_S)}, once. Name the "
            "column time_s or time_ms, or give --time-unit.",
            code="signal-time-unit",
        )
    return grid_of(time.values * TIME_UNITS_S[said or given])


def _agreed(found_hz: float | None, given_hz: float | None, *, allowed: float) -> float:
    """Return the rate, from whoever says it.

    Raises
    ------
    SignalError
        signal-no-rate: nobody says it. signal-rate-contradicted: both do, and differ.
    """
    if found_hz is None and given_hz is None:
        raise SignalError(
            "found no sampling rate in the file – expected it from the file or from you, for it is "
            "never assumed. Give --rate-hz, samples per second.",
            code="signal-no-rate",
        )
    if found_hz is None or given_hz is None:
        return float(given_hz if found_hz is None else found_hz)  # type: ignore[arg-type]
    if abs(given_hz / found_hz - 1.0) > allowed:
        raise SignalError(
            f"found {found_hz:g} samples per second in the file and {given_hz:g} given – expected "
            "one rate. Leave out --rate-hz, or mend the file.",
            code="signal-rate-contradicted",
        )
    return found_hz


def _need_possible(rate_hz: float | None) -> None:
    if rate_hz is not None and not 0.0 < rate_hz <= RATE_MAX_HZ:
        raise SignalError(
            f"found a rate of {rate_hz:g} samples per second – expected more than 0 and at most "
            f"{RATE_MAX_HZ:g}. Give the sensor's own.",
            code="signal-rate",
        )


def _need_samples(signal: DoubleArray, name: str) -> None:
    if signal.size == 0 or np.isnan(signal).all():
        raise SignalError(
            f"found no sample in the channel {name} – expected a signal. Choose another channel.",
            code="signal-empty",
        )


def _is_usual(name: str) -> bool:
    return any(word in name.casefold() for word in USUAL_NAMES)
