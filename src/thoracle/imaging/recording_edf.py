"""EDF and EDF+ to channels in physical units; runs in a decoder's child.

References
----------
Kemp et al., A simple format for exchange of digitized polygraphic recordings, 1992 (EDF); Kemp and
Olivan, European data format "plus" (EDF+), 2003: https://www.edfplus.info/specs
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ImageError
from thoracle.imaging.recording import (
    UNIT_MAX,
    Channel,
    Reading,
    check_channels,
    check_samples,
    check_time,
    distinct,
    printable,
    wanted_of,
)
from thoracle.imaging.recording_faults import CorruptRecordingError, TruncatedRecordingError

MAGIC: Final = b"0       "
_FIXED_BYTES: Final = 256
_SIGNAL_BYTES: Final = 256
_ANNOTATIONS: Final = b"EDF Annotations"
_LABEL_BYTES, _BEFORE_COUNT_BYTES, _COUNT_BYTES = 16, 216, 8
_RECORDS_AT: Final = slice(236, 244)
_NOT_COUNTED: Final = -1  # a recorder that was cut off leaves it so
_NEAR_S: Final = 1e-3  # onsets are written with few decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file declares that it is laid out.

    `counts` are samples in one data record, of every signal in the file's order; `annotations` are
    the places of the annotation signals among them.
    """

    is_plus: bool
    has_gaps: bool
    header_bytes: int
    records: int
    record_s: float
    counts: tuple[int, ...]
    annotations: tuple[int, ...]


def read_edf(content: bytes, *, wanted: str | None = None) -> Reading:
    """Read a recording.

    Parameters
    ----------
    content
        The whole file: EDF, EDF+C or EDF+D.
    wanted
        The channel that is handed over; None for all.

    Returns
    -------
    Reading
        In physical units. Of a discontinuous file (EDF+D), samples between its pieces are NaN. A
        header that does not fit the file is an ImageError.

    Raises
    ------
    ImageError
        recording-empty: it holds annotations alone.
    """
    import edfio

    layout = read_layout(content)
    starts_s = _record_starts(content, layout)
    signals = edfio.read_edf(_counted(content, layout)).signals
    names = distinct(one.label for one in signals)
    if not names:
        raise ImageError(
            "The EDF file holds annotations and no signal – expected a breathing signal. Export it "
            "with its signals.",
            code="recording-empty",
        )
    chosen = wanted_of(names, wanted)
    length_s = float(starts_s[-1] - starts_s[0]) + layout.record_s if starts_s.size else 0.0
    counts = [signals[one].samples_per_data_record for one in chosen]
    for count in counts:
        check_time(rate_hz=count / layout.record_s, duration_s=length_s)
    total = sum(math.ceil(count * length_s / layout.record_s) for count in counts)
    check_samples(total, names=names)
    channels = (_channel(signals[one], names[one], starts_s, layout) for one in chosen)
    return Reading(format="EDF+" if layout.is_plus else "EDF", channels=tuple(channels))


def read_layout(content: bytes) -> Layout:
    """Read and check what the header declares, before a library sees the file.

    Parameters
    ----------
    content
        The whole file.

    Raises
    ------
    CorruptRecordingError
        The header contradicts itself, or declares fewer bytes than there are.
    TruncatedRecordingError
        The file is shorter than its header declares.
    """
    if len(content) < _FIXED_BYTES:
        raise TruncatedRecordingError("EDF", f"its header has {len(content)} of 256 bytes")
    signals = _whole(content, 252, 4, "number of signals")
    check_channels(signals, format_name="EDF")
    header_bytes = _FIXED_BYTES + signals * _SIGNAL_BYTES
    if len(content) < header_bytes:
        raise TruncatedRecordingError("EDF", f"its header has {len(content)} of {header_bytes}")
    if _whole(content, 184, 8, "length of the header") != header_bytes:
        raise CorruptRecordingError("EDF", f"its header is not the {header_bytes} bytes it needs")
    counts = _counts(content, signals)
    plus = content[192:197]
    annotations = tuple(
        one
        for one in range(signals)
        if _label(content, one) == _ANNOTATIONS and plus in {b"EDF+C", b"EDF+D"}
    )
    record_s = _number(content, 244, 8, "length of a data record")
    if not record_s > 0.0 and len(annotations) < signals:
        raise CorruptRecordingError("EDF", f"a data record of {record_s:g} s")
    records = _records(content, header_bytes, 2 * sum(counts))
    return Layout(
        is_plus=plus in {b"EDF+C", b"EDF+D"},
        has_gaps=plus == b"EDF+D",
        header_bytes=header_bytes,
        records=records,
        record_s=record_s,
        counts=counts,
        annotations=annotations,
    )


def _counts(content: bytes, signals: int) -> tuple[int, ...]:
    first = _FIXED_BYTES + signals * _BEFORE_COUNT_BYTES
    counts = tuple(
        _whole(content, first + one * _COUNT_BYTES, _COUNT_BYTES, "samples in a data record")
        for one in range(signals)
    )
    if min(counts) < 1:
        raise CorruptRecordingError("EDF", f"{min(counts)} samples in a data record")
    return counts


def _label(content: bytes, signal: int) -> bytes:
    first = _FIXED_BYTES + signal * _LABEL_BYTES
    return content[first : first + _LABEL_BYTES].rstrip()


def _records(content: bytes, header_bytes: int, record_bytes: int) -> int:
    declared = _whole(content, 236, 8, "number of data records")
    there = len(content) - header_bytes
    if declared == _NOT_COUNTED:
        declared = there // record_bytes
    if declared < 1 or there > declared * record_bytes:
        raise CorruptRecordingError(
            "EDF", f"{there} bytes of data where its header declares {declared} data records"
        )
    if there < declared * record_bytes:
        raise TruncatedRecordingError("EDF", f"{there} of {declared * record_bytes} bytes of data")
    return declared


def _counted(content: bytes, layout: Layout) -> bytes:
    """Write the number of data records into a header that left it open."""
    if content[_RECORDS_AT].strip() == b"%d" % layout.records:
        return content
    said = b"%-8d" % layout.records
    return content[: _RECORDS_AT.start] + said + content[_RECORDS_AT.stop :]


def _record_starts(content: bytes, layout: Layout) -> DoubleArray:
    """Return when each data record begins, in seconds, earliest first.

    Raises
    ------
    CorruptRecordingError
        A record of EDF+D does not say when it begins, or begins before another has ended.
    """
    if not layout.has_gaps:
        return np.arange(layout.records, dtype=np.float64) * layout.record_s
    if not layout.annotations:
        raise CorruptRecordingError("EDF+D", "no record says when it begins")
    starts_s = np.array([_onset_s(content, layout, one) for one in range(layout.records)])
    if (np.diff(starts_s) < layout.record_s - _NEAR_S).any():
        raise CorruptRecordingError("EDF+D", "data records overlap in time")
    return starts_s


def _onset_s(content: bytes, layout: Layout, record: int) -> float:
    """Read the time-keeping annotation of a record: the first, "+seconds" and two marks.

    Raises
    ------
    CorruptRecordingError
        It is not there.
    """
    place = layout.annotations[0]
    first = layout.header_bytes + 2 * (record * sum(layout.counts) + sum(layout.counts[:place]))
    field = content[first : first + 2 * layout.counts[place]]
    said, mark, _ = field.partition(b"\x14\x14")
    if not mark:
        raise CorruptRecordingError("EDF+D", f"data record {record + 1} does not say its time")
    return _as_number(said, f"time of data record {record + 1}")


def _channel(signal: Any, name: str, starts_s: DoubleArray, layout: Layout) -> Channel:
    _check_scale(signal, name)
    rate_hz = signal.samples_per_data_record / layout.record_s
    values = np.asarray(signal.data, np.float64)
    if layout.has_gaps:
        values = _spread(values, starts_s, rate_hz, signal.samples_per_data_record)
    unit = printable(signal.physical_dimension, longest=UNIT_MAX)
    return Channel(name=name, unit=unit, rate_hz=rate_hz, values=values)


def _check_scale(signal: Any, name: str) -> None:
    """Refuse a channel whose numbers cannot be turned into its unit.

    Raises
    ------
    ImageError
        recording-scale.
    """
    digital = (signal.digital_min, signal.digital_max)
    physical = (signal.physical_min, signal.physical_max)
    is_sound = digital[0] < digital[1] and physical[0] != physical[1]
    if not is_sound or not all(math.isfinite(each) for each in physical):
        raise ImageError(
            f"The EDF channel {name} maps {digital[0]} to {digital[1]} onto {physical[0]:g} to "
            f"{physical[1]:g} – expected two ranges that are not empty. Mend the header, or name "
            "another channel.",
            code="recording-scale",
        )


def _spread(values: DoubleArray, starts_s: DoubleArray, rate_hz: float, count: int) -> DoubleArray:
    """Put data records where their times say; what lies between them is NaN."""
    first = np.rint((starts_s - starts_s[0]) * rate_hz).astype(np.int64)
    whole = np.full(int(first[-1]) + count, np.nan)
    whole[(first[:, None] + np.arange(count)).ravel()] = values
    return whole


def _whole(content: bytes, first: int, length: int, what: str) -> int:
    said = content[first : first + length].strip()
    if not said.removeprefix(b"-").isdigit():
        raise CorruptRecordingError("EDF", f"{what}: {said.decode('ascii', 'replace')!r}")
    return int(said)


def _number(content: bytes, first: int, length: int, what: str) -> float:
    return _as_number(content[first : first + length], what)


def _as_number(said: bytes, what: str) -> float:
    words = said.decode("ascii", "replace").strip()
    try:
        number = float(words)
    except ValueError as fault:
        raise CorruptRecordingError("EDF", f"{what}: {words[:40]!r}") from fault
    if not math.isfinite(number):
        raise CorruptRecordingError("EDF", f"{what}: {words!r}")
    return number
