"""A table as text, from CSV or one sheet of an Excel workbook, within limits."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from thoracle.core.errors import ManifestError
from thoracle.datasets.columns import UnreadableTableError
from thoracle.datasets.reference_standard.workbook import read_workbook

BYTES_MAX: Final = 200 * 2**20
"""Largest file of a table; a million rows of ten cells have about 100 MB."""
_WORKBOOKS: Final = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A header and rows of stripped cells, each with its number in a spreadsheet (header 1).

    Rows without any text are left out; `wide` are rows with more cells than the header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...] = field(repr=False)
    wide: tuple[int, ...]


def read_sheet(place: str) -> Sheet:
    """Read a table.

    Parameters
    ----------
    place
        A path that ends in .csv or .xlsx; of a workbook with several sheets, the sheet's name
        stands behind "#", as in hospital.xlsx#X-rays. CSV that cannot be read is an
        UnreadableTableError.

    Raises
    ------
    ManifestError
        The file is missing, too large, or of another kind.
    """
    path, _, sheet = place.partition("#")
    content = _content(Path(path))
    ending = Path(path).suffix.lower()
    if ending == ".csv":
        lines = _csv_lines(content, Path(path).name)
    elif ending in _WORKBOOKS:
        lines = read_workbook(content, name=Path(path).name, sheet=sheet or None)
    else:
        raise ManifestError(
            f'found a table whose name ends in "{ending}" – expected .csv or .xlsx. Export it so.',
            code="reference-sheet",
        )
    return _sheet_of(lines)


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= BYTES_MAX else b""
    except OSError as fault:
        raise ManifestError(
            f"found no table that can be read at {path} ({fault.strerror}) – expected a .csv or "
            ".xlsx file. Correct the path.",
            code="reference-sheet",
        ) from None
    if size > BYTES_MAX:
        raise ManifestError(
            f"found a table of {size} bytes – expected at most {BYTES_MAX}. Leave out columns that "
            "are not needed, or build in parts.",
            code="reference-sheet",
        )
    return content


def _csv_lines(content: bytes, name: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError:
        fault: Exception = ValueError("not UTF-8")  # its own text would quote the cell's bytes
        raise UnreadableTableError(name, fault) from None
    except csv.Error as fault:
        raise UnreadableTableError(name, fault) from None


def _sheet_of(lines: list[list[str]]) -> Sheet:
    header = tuple(cell.strip() for cell in lines[0]) if lines else ()
    width = len(header)
    rows, wide = [], []
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if any(cells[width:]):
            wide.append(number)
        rows.append((number, tuple((cells + [""] * width)[:width])))
    return Sheet(header=header, rows=tuple(rows), wide=tuple(wide))
