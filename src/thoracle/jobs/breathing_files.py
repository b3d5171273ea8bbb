"""Open a breathing recording that anybody sent: CSV, EDF, or a WFDB record (.hea or ZIP)."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.errors import ImageError, SignalError, SystemFaultError
from thoracle.imaging.recording import Channel, RecordingFile, check_size, missing_runs
from thoracle.imaging.recording_wfdb import HEADER_SUFFIX, read_header
from thoracle.imaging.sandbox import DecoderPool
from thoracle.respiration.recording import Choice, recording_of, time_grid
from thoracle.respiration.types import Recording

__all__ = ["ChannelFacts", "Choice", "open_recording", "recording_facts", "recording_from_bytes"]

# The oldest date that ZIP knows: an archive made twice of the same record has the same bytes.
_DATED: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """What is known of a channel without choosing it.

    Attributes
    ----------
    name, unit
        As the file says.
    rate_hz
        None where the file does not say it.
    samples, missing
        How many there are, and how many of them are missing.
    gaps, longest_gap
        Runs of missing samples, and the samples of the longest.
    low, high
        Of the samples that are there; NaN where none is.
    """

    name: str
    unit: str
    rate_hz: float | None
    samples: int
    missing: int
    gaps: int
    longest_gap: int
    low: float
    high: float


def open_recording(path: Path, choice: Choice, pool: DecoderPool) -> Recording:
    """Open one breathing signal.

    Parameters
    ----------
    path
        CSV (also .csv.gz), EDF, a ZIP archive of a WFDB record, or the .hea file of one, beside its
        signal files. What it is, is told by its bytes, except for .hea.
    choice
        What the user says of channel, rate, sensor and unit of time.
    pool
        Decodes the file; it is not opened in this process.

    Returns
    -------
    Recording
        Its SHA-256 is that of the file's bytes; of a record given by its .hea, that of the header
        and the signal files one after the other, in the header's order. A file that cannot be read
        is an ImageError, a choice that is missing or contradicts the file a SignalError.
    """
    return recording_of(_file(path, pool, channel=choice.channel), choice)


def recording_from_bytes(
    content: bytes, choice: Choice, pool: DecoderPool, *, name: str
) -> Recording:
    """Open one breathing signal that was uploaded; see `open_recording`."""
    return recording_of(pool.decode_recording(content, name=name, channel=choice.channel), choice)


def recording_facts(
    path: Path, pool: DecoderPool, *, time_unit: str | None = None
) -> tuple[str, list[ChannelFacts], str | None]:
    """Say what a file holds, for choosing a channel.

    Parameters
    ----------
    path
        As for `open_recording`.
    pool
        Decodes the file.
    time_unit
        Of the column of time, where the file does not say it.

    Returns
    -------
    format, channels, trouble
        `trouble` says why the column of time cannot be used; None where it can, or there is none.
    """
    reading = _file(path, pool).reading
    grid, trouble = None, None
    if reading.time is not None:
        try:
            grid = time_grid(reading.time, time_unit)
        except SignalError as error:
            trouble = f"{error.text} [{error.code}]"
    facts = []
    for one in reading.channels:
        on_grid = one
        if grid is not None:
            on_grid = replace(one, rate_hz=grid.rate_hz, values=grid.spread(one.values))
        facts.append(_facts(on_grid))
    return reading.format, facts, trouble


def _facts(channel: Channel) -> ChannelFacts:
    runs = missing_runs(channel.values)
    there = channel.values[~np.isnan(channel.values)]
    return ChannelFacts(
        name=channel.name,
        unit=channel.unit,
        rate_hz=channel.rate_hz,
        samples=channel.values.size,
        missing=channel.values.size - there.size,
        gaps=len(runs),
        longest_gap=max((length for _, length in runs), default=0),
        low=float(there.min()) if there.size else np.nan,
        high=float(there.max()) if there.size else np.nan,
    )


def _file(path: Path, pool: DecoderPool, *, channel: str | None = None) -> RecordingFile:
    if path.suffix.lower() != HEADER_SUFFIX:
        return pool.decode_recording(_content(path), name=path.name, channel=channel)
    parts = _record(path)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, content in parts.items():
            packed.writestr(zipfile.ZipInfo(name, _DATED), content)
    file = pool.decode_recording(archive.getvalue(), name=path.name, channel=channel)
    digest = hashlib.sha256(b"".join(parts.values())).hexdigest()
    return replace(file, sha256=digest)


def _record(path: Path) -> dict[str, bytes]:
    """Read a header and the signal files beside it, whose names `read_header` has checked.

    Raises
    ------
    ImageError
        recording-no-file.
    """
    parts = {path.name: _content(path)}
    total = len(parts[path.name])
    for name in dict.fromkeys(read_header(parts[path.name]).files):
        beside = path.parent / name
        if not beside.is_file():
            raise ImageError(
                f"The WFDB header names the file {name}, which is not beside it – expected "
                f"{beside}. Put the record's files into one folder.",
                code="recording-no-file",
            )
        parts[name] = _content(beside)
        total += len(parts[name])
        check_size(total)
    return parts


def _content(path: Path) -> bytes:
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as fault:
        raise SystemFaultError(fault) from fault
