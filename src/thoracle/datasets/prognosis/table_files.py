"""Tables of one's own as text: CSV, XLSX and Parquet."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from thoracle.core.errors import ChartError
from thoracle.core.extras import require_research
from thoracle.datasets.reference_standard.sheets import BYTES_MAX, Sheet, read_sheet

PARQUET: Final = ".parquet"


def read_table(path: Path) -> Sheet:
    """Read a table as text; rows are numbered as in a spreadsheet, the header being 1.

    Parameters
    ----------
    path
        A file .csv (UTF-8, with commas), .xlsx (one sheet) or .parquet.

    Raises
    ------
    ChartError
        A Parquet file cannot be read, or is too large. Others are refused as in `read_sheet`.
    """
    if path.suffix.lower() != PARQUET:
        return read_sheet(str(path))
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
