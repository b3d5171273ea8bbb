"""What a decoder's child says of a recording, and what its parent believes of it.

The parent sends RECORDING: four bytes for a length, so much of a channel's name (UTF-8; none for
all channels), then the file. The child answers ERROR, or a HEADER (JSON) of the file; then for the
column of time, where there is one, and for each channel a HEADER and as many PIXELS as hold its
samples (float64 in the machine's order).
"""

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.imaging.recording import (
    CHANNELS_MAX,
    FORMATS,
    NAME_MAX,
    RATE_MAX_HZ,
    SAMPLES_MAX,
    UNIT_MAX,
    Channel,
    Reading,
)
from thoracle.imaging.wire import WireError, is_number, is_text, is_whole, json_object

RECORDING: Final = b"B"
_LENGTH: Final = struct.Struct(">I")


def pack_wanted(wanted: str | None) -> bytes:
    """Return what stands before the file in a RECORDING frame."""
    name = (wanted or "").encode("utf-8", "replace")
    return _LENGTH.pack(len(name)) + name


def unpack_wanted(payload: bytes) -> tuple[str | None, bytes]:
    """Part a RECORDING frame into the name of the wanted channel and the file."""
    (length,) = _LENGTH.unpack_from(payload)
    first = _LENGTH.size + length
    return payload[_LENGTH.size : first].decode() or None, payload[first:]


def pack_reading(reading: Reading) -> Iterator[tuple[bytes, DoubleArray | None]]:
    """Give the headers of a recording, each of a channel with its samples.

    A value that the parent would not believe is a WireError already here, so that the child can say
    what is wrong with the file, and lives on.

    Yields
    ------
    header, samples
        JSON; None for the file's own.
    """
    said = {
        "format": reading.format,
        "channels": len(reading.channels),
        "has_time": reading.time is not None,
    }
    head = json.dumps(said).encode()
    _file_said(head)
    yield head, None
    for one in _all(reading):
        about = {
            "name": one.name,
            "unit": one.unit,
            "rate_hz": one.rate_hz,
            "samples": one.values.size,
        }
        packed = json.dumps(about).encode()
        _channel_said(packed, SAMPLES_MAX)
        yield packed, np.ascontiguousarray(one.values, np.float64)


def receive_reading(
    read_header: Callable[[], bytes], fill: Callable[[np.ndarray[Any, np.dtype[Any]]], None]
) -> Reading:
    """Put a recording together from what a child says.

    Parameters
    ----------
    read_header
        Gives the payload of the next HEADER.
    fill
        Fills an array from the next PIXELS.

    Returns
    -------
    Reading
        Checked in type, range and size.

    Raises
    ------
    WireError
        A header or a sample is not what the protocol allows.
    """
    said = _file_said(read_header())
    left = SAMPLES_MAX * (2 if said["has_time"] else 1)
    told = []
    for _ in range(said["channels"] + said["has_time"]):
        about = _channel_said(read_header(), left)
        values = np.empty(about.pop("samples"), np.float64)
        left -= values.size
        fill(values)
        if np.isinf(values).any():
            raise WireError("found a sample that is not finite")
        told.append(Channel(**about, values=values))
    time = told.pop(0) if said["has_time"] else None
    return Reading(format=said["format"], channels=tuple(told), time=time)


def _all(reading: Reading) -> tuple[Channel, ...]:
    return reading.channels if reading.time is None else (reading.time, *reading.channels)


def _file_said(payload: bytes) -> dict[str, Any]:
    said = json_object(payload)
    is_sound = (
        set(said) == {"format", "channels", "has_time"}
        and said["format"] in FORMATS
        and is_whole(said["channels"])
        and 0 < said["channels"] <= CHANNELS_MAX
        and isinstance(said["has_time"], bool)
    )
    if not is_sound:
        raise WireError("found a recording's header of other fields or out of range")
    return said


def _channel_said(payload: bytes, samples_max: int) -> dict[str, Any]:
    said = json_object(payload)
    if set(said) != {"name", "unit", "rate_hz", "samples"}:
        raise WireError("found a channel's header of other fields")
    rate_hz = said["rate_hz"]
    checks = (
        is_text(said["name"], NAME_MAX),
        said["unit"] == "" or is_text(said["unit"], UNIT_MAX),
        rate_hz is None or (is_number(rate_hz) and 0.0 < rate_hz <= RATE_MAX_HZ),
        is_whole(said["samples"]) and 0 <= said["samples"] <= samples_max,
    )
    if not all(checks):
        raise WireError(f"found a channel's header that fails check {checks.index(False)}")
    return said
