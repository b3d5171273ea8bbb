"""A WFDB record (a header, .hea, and its signal files) to channels; runs in a decoder's child.

The record comes as a ZIP archive. The library `wfdb` reads files by the names in the header; here
it gets a file system that holds the archive's members and nothing else, and only after the names
have been checked.

References
----------
WFDB Applications Guide, header(5) and signal(5): https://wfdb.io/spec
"""

import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np

from thoracle.core.errors import ImageError
from thoracle.core.extras import how_to_install
from thoracle.imaging.archive import archive_members
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.recording import (
    FILE_BYTES_MAX,
    UNIT_MAX,
    Channel,
    Reading,
    check_channels,
    check_samples,
    check_time,
    distinct,
    listed,
    printable,
    wanted_of,
)
from thoracle.imaging.recording_faults import (
    CorruptRecordingError,
    InflatedRecordingError,
    TruncatedRecordingError,
)

HEADER_SUFFIX: Final = ".hea"
_FORMAT: Final = "WFDB"
_HEADER_BYTES_MAX: Final = 64 * 1024
_RECORD_LINE: Final = re.compile(r"([A-Za-z0-9_-]+)(/\d+)?[ \t]+(\d{1,5})(?:[ \t]+(\S+).*)?")
_RATE: Final = re.compile(r"(\d+\.?\d*|\.\d+)(/-?[\d.]+(\(-?[\d.]+\))?)?")  # and its counter's
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_]+)?")
_STORAGE: Final = re.compile(r"(\d{1,3})(?:x(\d{1,6}))?(?::(\d{1,9}))?(?:\+(\d{1,9}))?")
# signal(5). Those packed with FLAC (508, 516, 524) would bring one more decoder of foreign bytes.
_SAMPLE_BYTES: Final = {
    "8": 1.0, "80": 1.0, "16": 2.0, "61": 2.0, "160": 2.0, "24": 3.0, "32": 4.0,
    "212": 1.5, "310": 4 / 3, "311": 4 / 3,
}  # fmt: skip
# The library takes paths of this protocol as they are; what it would fetch there is replaced.
_PROTOCOL: Final = "gs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header says, checked before the library sees it.

    `files` are the names of the signal files, one for each signal; `has_gain` whether a signal is
    calibrated; `rate_hz` is None where the header says none (header(5) would assume 250).
    """

    record: str
    rate_hz: float | None
    files: tuple[str, ...]
    has_gain: tuple[bool, ...]


def load_library() -> None:
    """Import wfdb, so that no file's time is spent on it.

    Raises
    ------
    ImageError
        missing-extra: it is not installed.
    """
    try:
        import wfdb  # noqa: F401
    except ImportError as error:
        raise ImageError(
            "wfdb is not installed, but WFDB records need it (extra 'wfdb'). "
            f"Run: {how_to_install('wfdb')}",
            code="missing-extra",
        ) from error


def read_wfdb(content: bytes, *, wanted: str | None = None) -> Reading:
    """Read a record.

    Parameters
    ----------
    content
        A ZIP archive of one .hea file and the signal files that it names, in one folder.
    wanted
        The channel that is handed over; None for all.

    Returns
    -------
    Reading
        In physical units; the unit of a channel without a gain is "". What marks a missing sample
        is NaN. A record that names files outside of the archive, lacks one, or is put together of
        segments is an ImageError.
    """
    files = _members(content)
    header = read_header(_header_of(files))
    _need_files(header, files)
    load_library()
    return _read(files, header, wanted)


def read_header(content: bytes) -> Header:
    """Read and check the names and storage formats of a header.

    Parameters
    ----------
    content
        The whole .hea file.

    Raises
    ------
    ImageError
        recording-segments: the record is put together of others. recording-name: a signal file's
        name is not a plain one. recording-storage: a storage format that is not read.
    CorruptRecordingError
        A line is not what header(5) defines.
    """
    lines = _lines(content)
    first = _RECORD_LINE.fullmatch(lines[0])
    if first is None:
        raise CorruptRecordingError(_FORMAT, "its header does not begin with a record line")
    if first[2]:
        raise ImageError(
            f"The WFDB record {first[1]} is put together of segments – expected a record of one. "
            "Give one segment: its own .hea and .dat files.",
            code="recording-segments",
        )
    signals = int(first[3])
    check_channels(signals, format_name=_FORMAT)
    if len(lines) != signals + 1:
        raise CorruptRecordingError(
            _FORMAT, f"{len(lines) - 1} lines for {signals} signals in its header"
        )
    parts = [_signal_line(line) for line in lines[1:]]
    return Header(
        record=first[1],
        rate_hz=None if first[4] is None else _rate(first[4]),
        files=tuple(name for name, _ in parts),
        has_gain=tuple(has_gain for _, has_gain in parts),
    )


def _lines(content: bytes) -> list[str]:
    """Return the lines of a header that are no remarks; one empty line where there is none.

    Raises
    ------
    CorruptRecordingError
        It is longer than any header.
    """
    if len(content) > _HEADER_BYTES_MAX:
        raise CorruptRecordingError(_FORMAT, f"a header of {len(content)} bytes")
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    return [line for line in lines if line and not line.startswith("#")] or [""]


def _rate(said: str) -> float:
    found = _RATE.fullmatch(said)
    if found is None:
        raise CorruptRecordingError(_FORMAT, f"a rate of {said!r}")
    return float(found[1])


def _signal_line(line: str) -> tuple[str, bool]:
    """Return the file that a signal is in, and whether it is calibrated.

    Raises
    ------
    ImageError
        recording-name, recording-storage.
    CorruptRecordingError
        There are fewer fields than a signal needs.
    """
    fields = line.split()
    if len(fields) < 2:
        raise CorruptRecordingError(_FORMAT, f"a signal line {line!r}")
    name, storage = fields[0], fields[1]
    if not _FILE_NAME.fullmatch(name):
        raise ImageError(
            f"The WFDB header names the file {printable(name, longest=40)!r} – expected letters, "
            "digits, - and _, one point, and no folder. Keep the record's files together, under "
            "plain names.",
            code="recording-name",
        )
    found = _STORAGE.fullmatch(storage)
    if found is None or found[1] not in _SAMPLE_BYTES:
        raise ImageError(
            f"The WFDB header names the storage format {printable(storage, longest=20)!r} – "
            f"expected one of {', '.join(_SAMPLE_BYTES)}. Write the record again in format 16.",
            code="recording-storage",
        )
    gain = re.match(r"-?\d*\.?\d*(?:e[+-]?\d+)?", fields[2]) if len(fields) > 2 else None
    return name, gain is not None and gain[0] not in {"", "-"} and float(gain[0]) != 0.0


def _members(content: bytes) -> dict[str, bytes]:
    limits = DecodeLimits(pixels_max=FILE_BYTES_MAX // 8)
    files: dict[str, bytes] = {}
    left = FILE_BYTES_MAX
    for name, member in archive_members(content, limits=limits):
        left -= len(member)
        if left < 0:
            raise InflatedRecordingError("ZIP", allowed_bytes=FILE_BYTES_MAX)
        if name in files:
            raise CorruptRecordingError("ZIP", f"it holds two files called {name}")
        files[name] = member
    return files


def _header_of(files: Mapping[str, bytes]) -> bytes:
    """Return the one header of a record.

    Raises
    ------
    ImageError
        recording-headers: there is none, or several.
    """
    found = [name for name in files if PurePosixPath(name).suffix.lower() == HEADER_SUFFIX]
    if len(found) != 1:
        raise ImageError(
            f"found {len(found)} WFDB headers (.hea) in the ZIP archive ({listed(found) or '–'}) – "
            "expected one record: its .hea and .dat files. Pack one record alone.",
            code="recording-headers",
        )
    return files[found[0]]


def _need_files(header: Header, files: Mapping[str, bytes]) -> None:
    """Refuse a record whose header names a file that is not there.

    Raises
    ------
    ImageError
        recording-no-file.
    """
    missing = [name for name in header.files if name not in files]
    if missing:
        raise ImageError(
            f"The WFDB header names the file {missing[0]}, which is not in the archive – expected "
            "it beside the header. Pack the record with all of its files.",
            code="recording-no-file",
        )


def _read(files: Mapping[str, bytes], header: Header, wanted: str | None) -> Reading:
    import wfdb

    # The name of the record and of its header may differ; the library wants one of them.
    place = f"{_PROTOCOL}://record/{header.record}"
    with_header = {**files, header.record + HEADER_SUFFIX: _header_of(files)}
    _show(with_header)
    try:
        declared = wfdb.rdheader(place)
        chosen = _checked(declared, header, files, wanted)
        record = wfdb.rdrecord(place, channels=chosen, smooth_frames=False, return_res=64)
    finally:
        _show({})
    names = _names(declared)
    channels = []
    for one, values in zip(chosen, record.e_p_signal, strict=True):
        frame = declared.samps_per_frame[one]
        unit = declared.units[one] if header.has_gain[one] else ""
        channel = Channel(
            name=names[one],
            unit=printable(unit or "", longest=UNIT_MAX),
            rate_hz=None if header.rate_hz is None else header.rate_hz * frame,
            values=np.asarray(values, np.float64),
        )
        channels.append(channel)
    return Reading(format=_FORMAT, channels=tuple(channels))


def _names(declared: Any) -> list[str]:
    return distinct(name or "" for name in declared.sig_name)


def _checked(
    declared: Any, header: Header, files: Mapping[str, bytes], wanted: str | None
) -> list[int]:
    """Hold what the header declares against the files; return the channels to read."""
    frames = _frames(declared, files)
    names = _names(declared)
    chosen = wanted_of(names, wanted)
    per_frame = [int(each) for each in declared.samps_per_frame]
    skews = [int(each or 0) for each in declared.skew]
    # The library lays out every channel of a file, whichever of them it then gives back.
    check_samples((frames + max(skews)) * sum(per_frame), names=())
    if header.rate_hz is not None:
        for one in chosen:
            check_time(rate_hz=header.rate_hz * per_frame[one], duration_s=0.0)
            check_time(rate_hz=header.rate_hz, duration_s=frames / header.rate_hz)
    return chosen


def _frames(declared: Any, files: Mapping[str, bytes]) -> int:
    """Return how many frames the files hold, which must be as many as are declared.

    Raises
    ------
    CorruptRecordingError
        There is no sample.
    TruncatedRecordingError
        A file ends before its declared end.
    """
    frames = declared.sig_len
    for name in dict.fromkeys(declared.file_name):
        frame_bytes, there = _storage(declared, name, len(files[name]))
        if frames is None:
            frames = math.floor(there / frame_bytes)
        if math.floor(frames * frame_bytes) > there:
            needed = math.ceil(frames * frame_bytes)
            raise TruncatedRecordingError(_FORMAT, f"{name} holds {there} of {needed} bytes")
    if not frames or frames < 1:
        raise CorruptRecordingError(_FORMAT, "it holds no sample")
    return int(frames)


def _storage(declared: Any, name: str, size_bytes: int) -> tuple[float, int]:
    """Return the bytes of one frame in a file, and how many bytes of samples it holds.

    Raises
    ------
    CorruptRecordingError
        Its signals are stored in different ways, or there is none in a frame.
    """
    inside = [index for index, each in enumerate(declared.file_name) if each == name]
    kinds = {(declared.fmt[index], declared.byte_offset[index] or 0) for index in inside}
    samples = sum(int(declared.samps_per_frame[index]) for index in inside)
    if len(kinds) != 1 or samples < 1:
        raise CorruptRecordingError(_FORMAT, f"{name} is stored in several ways, or in none")
    ((kind, offset),) = kinds
    return _SAMPLE_BYTES[kind] * samples, max(size_bytes - offset, 0)


def _show(files: Mapping[str, bytes]) -> None:
    """Let the library find these files, and nothing else, under its protocol."""
    import fsspec
    from fsspec.spec import AbstractFileSystem

    class RecordFiles(AbstractFileSystem):  # type: ignore[misc]
        """The members of one archive."""

        protocol = _PROTOCOL
        cachable = False

        def _open(self, path: str, mode: str = "rb", **_options: Any) -> io.BytesIO:
            name = path.removeprefix("record/")
            if mode != "rb" or name not in files:
                raise FileNotFoundError(name)
            return io.BytesIO(files[name])

    fsspec.register_implementation(_PROTOCOL, RecordFiles, clobber=True)
