"""What a recording's file holds: channels with their rates, and how much of it is accepted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ImageError

FORMATS: Final = ("CSV", "EDF", "EDF+", "WFDB")

FILE_BYTES_MAX: Final = 256 * 2**20
"""Largest file, and largest content of a compressed one."""
CHANNELS_MAX: Final = 256  # high-density EEG, the widest of what EDF is used for
SAMPLES_MAX: Final = 24 * 3600 * 256
"""Most samples that are handed over: a channel of a day and a night at 256 Hz."""
DURATION_MAX_S: Final = 7 * 24 * 3600.0
RATE_MAX_HZ: Final = 100_000.0
NAME_MAX: Final = 64
UNIT_MAX: Final = 24
_LISTED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One signal of a recording.

    Attributes
    ----------
    name, unit
        As the file says, on one printable line; the unit is "" where the file says none.
    rate_hz
        Samples per second; None where the file does not say.
    values : (samples,) float64
        In `unit`; NaN where samples are missing.
    """

    name: str
    unit: str
    rate_hz: float | None
    values: DoubleArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file holds.

    Attributes
    ----------
    format
        One of `FORMATS`.
    channels
        At least one.
    time
        The column of time stamps, of a table that has one; its unit is "" where it is not said.
    """

    format: str
    channels: tuple[Channel, ...]
    time: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFile:
    """A reading, and the file that it is from; nothing is believed of it yet."""

    reading: Reading
    sha256: str
    name: str


def check_size(size_bytes: int) -> None:
    """Refuse a file that is larger than any recording within the limits.

    Raises
    ------
    ImageError
        recording-too-large.
    """
    if size_bytes > FILE_BYTES_MAX:
        raise ImageError(
            f"The file has {size_bytes} bytes – expected at most {FILE_BYTES_MAX} for one "
            "recording. Export the breathing channel alone, or a shorter time.",
            code="recording-too-large",
        )


def check_channels(count: int, *, format_name: str) -> None:
    """Refuse a declared number of channels before anything is done for each.

    Raises
    ------
    ImageError
        recording-channels.
    """
    if not 0 < count <= CHANNELS_MAX:
        raise ImageError(
            f"The {format_name} file declares {count} channels – expected 1 to {CHANNELS_MAX}. "
            "Export the breathing channel alone.",
            code="recording-channels",
        )


def check_samples(samples: int, *, names: Sequence[str]) -> None:
    """Refuse a declared number of samples before memory is taken for them.

    Parameters
    ----------
    samples
        Of all channels that are handed over.
    names
        Of the file's channels, where choosing one would help.

    Raises
    ------
    ImageError
        recording-too-long.
    """
    if samples <= SAMPLES_MAX:
        return
    if names:
        raise ImageError(
            f"The recording declares {samples} samples – expected at most {SAMPLES_MAX} in all "
            f"channels that are read. Name one channel ({listed(names)}), or export a shorter "
            "time.",
            code="recording-too-long",
        )
    raise ImageError(
        f"The recording declares {samples} samples – expected at most {SAMPLES_MAX}. Export a "
        "shorter time, or the breathing channel alone.",
        code="recording-too-long",
    )


def check_time(*, rate_hz: float, duration_s: float) -> None:
    """Refuse a declared rate or length that no recording of breathing has.

    Raises
    ------
    ImageError
        recording-rate, recording-too-long.
    """
    if not 0.0 < rate_hz <= RATE_MAX_HZ:
        raise ImageError(
            f"The recording declares {rate_hz:g} samples per second – expected more than 0 and at "
            f"most {RATE_MAX_HZ:g}. Mend the header.",
            code="recording-rate",
        )
    if not 0.0 <= duration_s <= DURATION_MAX_S:
        raise ImageError(
            f"The recording declares a length of {duration_s:g} s – expected at most "
            f"{DURATION_MAX_S:g} s, seven days. Export a shorter time.",
            code="recording-too-long",
        )


def wanted_of(names: Sequence[str], wanted: str | None) -> list[int]:
    """Return which channels are handed over.

    Parameters
    ----------
    names
        Of all channels, as `distinct` made them.
    wanted
        The name of one, in any case; None for all.

    Returns
    -------
    list of int
        In the file's order.

    Raises
    ------
    ImageError
        recording-no-channel: there is none of that name.
    """
    if wanted is None:
        return list(range(len(names)))
    exact = [index for index, name in enumerate(names) if name == wanted]
    found = exact or [i for i, name in enumerate(names) if name.casefold() == wanted.casefold()]
    if not found:
        raise ImageError(
            f"found no channel {_shown(wanted)} – expected one of: {listed(names)}. Name one of "
            "these.",
            code="recording-no-channel",
        )
    return found


def distinct(names: Iterable[str]) -> list[str]:
    """Return names on one printable line each, none empty and none twice."""
    told: list[str] = []
    for number, name in enumerate(names, start=1):
        plain = printable(name, longest=NAME_MAX - 6) or f"column {number}"
        again, one = 1, plain
        while one in told:
            again += 1
            one = f"{plain} ({again})"
        told.append(one)
    return told


def printable(text: str, *, longest: int) -> str:
    """Return text on one printable line of at most so many signs."""
    words = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)[:longest].strip()


def listed(names: Sequence[str]) -> str:
    """Return the first names, and how many there are beside them."""
    first = ", ".join(_shown(name) for name in names[:_LISTED])
    rest = len(names) - _LISTED
    return first if rest <= 0 else f"{first} and {rest} more"


def missing_runs(values: DoubleArray) -> list[tuple[int, int]]:
    """Return where samples are missing: the first sample and how many, of each run of NaN."""
    is_missing = np.concatenate([[False], np.isnan(values), [False]])
    edges = np.flatnonzero(np.diff(is_missing.astype(np.int8)))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _shown(name: str) -> str:
    return printable(name, longest=24)
