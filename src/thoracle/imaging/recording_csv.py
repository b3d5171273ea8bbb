"""A table of samples (CSV, also gzipped) to channels; runs in a decoder's child.

A column is a channel, a row a moment. What separates cells, whether decimals have a point or a
comma, whether there is a line of names and which column is time is read off the file; where it
could be read in two ways, the file is refused.
"""

import csv
import io
import re
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ImageError
from thoracle.imaging.recording import (
    FILE_BYTES_MAX,
    UNIT_MAX,
    Channel,
    Reading,
    check_channels,
    check_samples,
    distinct,
    printable,
    wanted_of,
)
from thoracle.imaging.recording_faults import (
    CorruptRecordingError,
    InflatedRecordingError,
    TruncatedRecordingError,
)

FORMAT: Final = "CSV"
GZIP: Final = b"\x1f\x8b"
# A flat line repeats itself: a file this small may unpack a thousandfold, a larger one may not.
_INFLATION_MAX: Final = 200
_ALWAYS_ALLOWED: Final = 16 * 2**20
_GZIP_WBITS: Final = 31
_SEPARATORS: Final = ("\t", ";", ",")
_MISSING: Final = frozenset({"", "nan", "na", "n/a", "null", "none"})
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_LEADING_ZERO: Final = re.compile(r"(?m)(?:^|,)[ +-]*0\d+ *(?:,|$)")
_UNIT: Final = re.compile(r"(.*\S)\s*[\[(]([^\[\]()]*)[\])]")
_TIMES: Final = frozenset({"time", "t", "timestamp", "elapsed", "elapsed time", "zeit", "tempo"})
_SECONDS: Final = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3}
_OTHERS: Final = {"us": 1e-6, "µs": 1e-6, "min": 60.0, "minutes": 60.0}
TIME_UNITS_S: Final = {**_SECONDS, **_OTHERS}
"""How many seconds a time unit is, by the names that columns carry."""


class DecimalsError(ImageError):
    """The numbers of a table could be read in two ways."""

    code = "recording-decimals"

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(
            f"The CSV file has {found} – expected {expected}, so that there is one way to read it. "
            "Export it with decimal points and semicolons between cells."
        )


class RaggedRowsError(ImageError):
    """The rows of a table are of different lengths."""

    code = "recording-columns"

    def __init__(self, row: int, *, found: int, expected: int) -> None:
        super().__init__(
            f"The CSV file has {found} cells in row {row} – expected {expected}, as in its first "
            "row. Where commas are decimal, export it with semicolons between cells."
        )


def read_csv(content: bytes, *, wanted: str | None = None) -> Reading:
    """Read a table of samples.

    Parameters
    ----------
    content
        Text, or gzipped text; commas, semicolons or tabs between cells.
    wanted
        The channel that is handed over; None for all.

    Returns
    -------
    Reading
        Without rates: a column of time, where one is named so, is `time`. Empty cells and NaN are
        missing samples. A table that could be read in two ways is an ImageError.
    """
    lines = _first_lines(text := _text(content))
    separator = _separator(lines)
    cells = _cells(lines[0], separator)
    has_names = any(_is_word(cell) for cell in cells)
    body = _body(text, skip=1 if has_names else 0)
    check_samples(len(cells) * (body.count("\n") + 1), names=())
    table = _table(_with_points(body, separator), separator, len(cells), first=1 + has_names)
    names = cells if has_names else [""] * len(cells)
    return _reading(names, table, wanted)


def _text(content: bytes) -> str:
    raw = _unpacked(content) if content.startswith(GZIP) else content
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    if b"\0" in raw:
        raise CorruptRecordingError(FORMAT, "it holds bytes that are no text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:  # of a name or a unit: numbers are the same in both
        return raw.decode("latin-1")


def _unpacked(content: bytes) -> bytes:
    allowed = min(FILE_BYTES_MAX, len(content) * _INFLATION_MAX + _ALWAYS_ALLOWED)
    parts, rest, left = [], content, allowed
    while rest.startswith(GZIP):  # a gzip file may be several, one after the other
        stream = zlib.decompressobj(_GZIP_WBITS)
        parts.append(stream.decompress(rest, left + 1))
        left -= len(parts[-1])
        if left < 0:
            raise InflatedRecordingError("gzip", allowed_bytes=allowed)
        if not stream.eof:
            raise TruncatedRecordingError("gzip", "its last bytes are missing")
        rest = stream.unused_data
    return b"".join(parts)


def _first_lines(text: str) -> list[str]:
    """Return the first two lines that hold anything and are no remark.

    Raises
    ------
    ImageError
        recording-empty: there is none.
    """
    found: list[str] = []
    for line in io.StringIO(text, newline=None):
        if line.strip() and not line.startswith("#"):
            found.append(line.rstrip("\n"))
        if len(found) == 2:
            return found
    if found:
        return found
    raise ImageError(
        "The CSV file holds no row – expected one row of numbers for each sample. Export it again.",
        code="recording-empty",
    )


def _separator(lines: Sequence[str]) -> str:
    """Return what stands between cells, by the last line given: names may hold commas."""
    return next((one for one in _SEPARATORS if one in lines[-1]), ",")


def _cells(line: str, separator: str) -> list[str]:
    check_channels(line.count(separator) + 1, format_name=FORMAT)
    (cells,) = csv.reader([line], delimiter=separator)
    return [cell.strip() for cell in cells]


def _is_word(cell: str) -> bool:
    is_number = _NUMBER.fullmatch(cell) or _DECIMAL_COMMA.fullmatch(cell)
    return not is_number and cell.casefold() not in _MISSING


def _body(text: str, *, skip: int) -> str:
    """Return the rows of samples, without remarks, names, blank lines and quotes."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace('"', "")
    if plain.startswith("#") or "\n#" in plain:
        plain = re.sub(r"(?m)^#.*\n?", "", plain)
    plain = plain.lstrip("\n")
    if skip:
        plain = plain.partition("\n")[2]
    return plain.strip("\n")


def _with_points(body: str, separator: str) -> str:
    """Return rows with decimal points.

    Raises
    ------
    DecimalsError
        Numbers could be read in two ways.
    """
    if separator != ",":
        if "," in body and "." in body:
            raise DecimalsError("commas and points in its numbers", "one sign for decimals")
        return body.replace(",", ".")
    if "." not in body and _LEADING_ZERO.search(body):
        raise DecimalsError("cells such as 05 between commas", "decimals with a point")
    return body


def _table(body: str, separator: str, columns: int, *, first: int) -> DoubleArray:
    """Return (rows, columns) float64; what NumPy's quick reader does not take is read cell by cell.

    Raises
    ------
    ImageError
        recording-empty: there are names and nothing else.
    RaggedRowsError
        Rows are longer or shorter than the names.
    CorruptRecordingError
        A number is infinite.
    """
    if not body.strip():
        raise ImageError(
            "The CSV file holds names and no row of numbers – expected one row for each sample. "
            "Export it again.",
            code="recording-empty",
        )
    try:
        table = np.loadtxt(
            io.StringIO(body), np.float64, delimiter=separator, ndmin=2, comments=None
        )
    except ValueError:
        table = _cell_by_cell(body, separator, columns, first=first)
    if table.shape[1] != columns:
        raise RaggedRowsError(first, found=table.shape[1], expected=columns)
    if np.isinf(table).any():
        raise CorruptRecordingError(FORMAT, "it holds a number that is not finite")
    return table


def _cell_by_cell(body: str, separator: str, columns: int, *, first: int) -> DoubleArray:
    rows = []
    for number, line in enumerate(body.split("\n"), start=first):
        if not line.strip():
            continue
        cells = line.split(separator)
        if len(cells) != columns:
            raise RaggedRowsError(number, found=len(cells), expected=columns)
        rows.append([_number(cell.strip(), number, index) for index, cell in enumerate(cells)])
    return np.array(rows, np.float64)


def _number(cell: str, line: int, index: int) -> float:
    if _NUMBER.fullmatch(cell):
        return float(cell)
    if cell.casefold() in _MISSING:
        return np.nan
    raise ImageError(
        f"The CSV file holds {printable(cell, longest=24)!r} in row {line}, column {index + 1} – "
        "expected a number, or an empty cell where a sample is missing; time in seconds, not as a "
        "date or clock time. Mend the cell, or leave the column out.",
        code="recording-cell",
    )


def _reading(names: list[str], table: DoubleArray, wanted: str | None) -> Reading:
    columns = _columns(names, table)
    at = _time_at([_parted(name)[0] for name in names])
    is_blank = np.isnan(table).all(axis=0) & (np.array(names) == "")
    others = [columns[index] for index in np.flatnonzero(~is_blank) if index != at]
    if not others:
        raise ImageError(
            "The CSV file holds no sample – expected at least one column of numbers. Export it "
            "again.",
            code="recording-empty",
        )
    chosen = wanted_of([one.name for one in others], wanted)
    return Reading(
        format=FORMAT,
        channels=tuple(others[one] for one in chosen),
        time=None if at is None else columns[at],
    )


def _columns(names: Sequence[str], table: DoubleArray) -> list[Channel]:
    parted = [_parted(name) for name in names]
    told = distinct(name for name, _ in parted)
    return [
        Channel(name=name, unit=unit, rate_hz=None, values=np.ascontiguousarray(values))
        for name, (_, unit), values in zip(told, parted, table.T, strict=True)
    ]


def _time_at(names: Sequence[str]) -> int | None:
    """Return which column is time: the first of such a name, where it is not the only column."""
    found = [index for index, name in enumerate(names) if name.casefold() in _TIMES]
    return found[0] if found and len(names) > 1 else None


def _parted(name: str) -> tuple[str, str]:
    """Part a column's name into name and unit, as in "Time [s]", "time_ms" or "seconds"."""
    found = _UNIT.fullmatch(name)
    if found:
        return found[1], printable(found[2], longest=UNIT_MAX)
    head, _, tail = name.rpartition("_")
    if head.casefold() in _TIMES and tail in TIME_UNITS_S:
        return head, tail
    return ("time", "s") if name.casefold() in {"seconds", "sec"} else (name, "")
