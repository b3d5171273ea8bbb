"""Tables of one's own as text: CSV with commas or semicolons, XLSX and Parquet."""

import csv
import io
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from thoracle.core.errors import ChartError
from thoracle.core.extras import require_research
from thoracle.datasets.reference_standard.sheets import BYTES_MAX, Sheet, read_sheet

PARQUET: Final = ".parquet"
_CSV: Final = ".csv"
_POINT, _COMMA, _SEMICOLON = ".", ",", ";"


def read_table(path: Path) -> Sheet:
    """Read a table as text; rows are numbered as in a spreadsheet, the header being 1.

    Parameters
    ----------
    path
        As for `read_table_and_decimal`.
    """
    return read_table_and_decimal(path)[0]


def read_table_and_decimal(path: Path) -> tuple[Sheet, str]:
    """Read a table as text, and tell the decimal sign that goes with how it is written.

    Parameters
    ----------
    path
        A file .csv (UTF-8, with commas or semicolons), .xlsx (of several sheets one is named as in
        ward.xlsx#values) or .parquet. Parquet that cannot be read is a ChartError; others are
        refused as in `read_sheet`.

    Returns
    -------
    sheet, decimal
        A comma where semicolons part the cells, as spreadsheets write CSV where the comma is the
        decimal sign; else a point.

    Raises
    ------
    ChartError
        Nothing stands in it.
    """
    if path.suffix.lower() == PARQUET:
        return _read_parquet(path), _POINT
    content = _with_commas(path)
    if content is None:
        sheet, decimal = read_sheet(str(path)), _POINT
    else:
        with TemporaryDirectory(prefix="thoracle-") as folder:
            copy = Path(folder) / path.name
            copy.write_text(content, encoding="utf-8", newline="")
            sheet, decimal = read_sheet(str(copy)), _COMMA
    if not any(sheet.header):
        raise ChartError(
            f"found nothing in {path.name} – expected a table with a header and rows. Export it "
            "again.",
            code="chart-table",
        )
    return sheet, decimal


def file_of(path: Path) -> Path:
    """Return the file of a path that may name a sheet, as ward.xlsx#values does."""
    return path if path.exists() else Path(str(path).partition("#")[0])


def _with_commas(path: Path) -> str | None:
    """Return a table that has semicolons with commas; None where it has none, or is no table."""
    try:
        if path.suffix.lower() != _CSV or path.stat().st_size > BYTES_MAX:
            return None
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.readline()
            if _cells(head, _SEMICOLON) <= _cells(head, _COMMA):
                return None
            lines = io.StringIO(head + stream.read(), newline="")
        rows = list(csv.reader(lines, delimiter=_SEMICOLON, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error):
        return None  # what is wrong is told when it is read
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _cells(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _read_parquet(path: Path) -> Sheet:
    """Read a Parquet file.

    Raises
    ------
    ChartError
        It cannot be read, or is too large.
    """
    require_research("pyarrow", package="pyarrow", need="Parquet files need")
    from pyarrow import ArrowException, parquet

    try:
        if path.stat().st_size > BYTES_MAX:
            raise ChartError(
                f"found {path.name} of more than {BYTES_MAX} bytes – expected a smaller table. "
                "Leave out columns that are not needed.",
                code="chart-table",
            )
        table = parquet.read_table(path)
    except (OSError, ArrowException) as fault:
        raise ChartError(
            f"found {path.name} that cannot be read as Parquet ({type(fault).__name__}) – expected "
            "a table. Write it again.",
            code="chart-table",
        ) from None
    columns = [[_text(cell) for cell in column.to_pylist()] for column in table.columns]
    rows = tuple((number, cells) for number, cells in enumerate(zip(*columns, strict=True), 2))
    return Sheet(header=tuple(name.strip() for name in table.column_names), rows=rows, wide=())


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
