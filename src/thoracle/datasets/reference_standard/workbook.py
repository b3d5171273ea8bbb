"""One sheet of an Excel workbook as text, read in a child process with limits.

Started as `python -I -m thoracle.datasets.reference_standard.workbook`: the workbook comes through
standard input, and rows or one error go back as JSON.
"""

import io
import json
import subprocess
import sys
import zipfile
from datetime import date, datetime, time
from typing import Any, Final

from thoracle.core.errors import ManifestError
from thoracle.imaging.worker import WorkerLimits, limited_cpu, restrict

MEMORY_MB: Final = 2048
CPU_S: Final = 120
"""About a million rows; the clock may take twice as long."""
_PARTS_MAX: Final = 2000
_UNPACKED_MAX: Final = 2**30
_INFLATION_MAX: Final = 200  # XML of a sheet deflates to a tenth; a bomb needs a thousandth
_CELLS_MAX: Final = 20_000_000
# OOXML has no document type declaration (ECMA-376 part 2, 8.1.4), which entity bombs need.
_DECLARATIONS: Final = ("<!DOCTYPE", "<!ENTITY")
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")


class WorkbookError(ManifestError):
    """An Excel workbook cannot be read as a table."""

    code = "reference-workbook"


def read_workbook(content: bytes, *, name: str, sheet: str | None) -> list[list[str]]:
    """Read one sheet in a child process.

    Parameters
    ----------
    content
        The whole file.
    name
        The file's, for errors.
    sheet
        Its name; None for the only one.

    Returns
    -------
    list of list of str
        Rows of cells, the header first. Dates are ISO 8601, with a time if the cell shows one.

    Raises
    ------
    WorkbookError
        The workbook is damaged, too large, locked or no workbook, or the sheet is not there.
    """
    found = _asked(content, sheet)
    if isinstance(found, str):
        raise WorkbookError(
            f"found {name} with {found} – expected an Excel workbook (.xlsx) with the table. Save "
            "it anew from the spreadsheet, or as CSV in UTF-8."
        )
    return found


def _asked(content: bytes, sheet: str | None) -> list[list[str]] | str:
    command = [sys.executable, "-I", "-m", __name__, json.dumps(sheet)]
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            command, input=content, capture_output=True, timeout=2 * CPU_S, check=False, cwd="/"
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return f"more than can be read in {2 * CPU_S} s"
    except ValueError:
        return f"more than can be read in {CPU_S} s and {MEMORY_MB} MB"
    lines: list[list[str]] | str = answer.get("rows", answer.get("error", "nothing"))
    return lines


def main() -> None:
    """Read standard input, answer on standard output."""
    content = sys.stdin.buffer.read()
    restrict(WorkerLimits(memory_mb=MEMORY_MB, cpu_s=CPU_S, pixels_max=0))
    with limited_cpu(CPU_S):
        try:
            answer: dict[str, object] = {"rows": sheet_lines(content, json.loads(sys.argv[1]))}
        except RefusedError as refusal:
            answer = {"error": str(refusal)}
        except Exception as fault:  # noqa: BLE001  The edge: whatever a library trips over.
            answer = {"error": f"damage ({type(fault).__name__})"}
    sys.stdout.write(json.dumps(answer))


class RefusedError(Exception):
    """The workbook is left alone, for the reason in the text."""


def sheet_lines(content: bytes, sheet: str | None) -> list[list[str]]:
    """Read one sheet here; `main` calls it within limits.

    Raises
    ------
    RefusedError
        The archive or the choice of the sheet is not what is expected.
    """
    from openpyxl import load_workbook

    _check_archive(content)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    lines: list[list[str]] = []
    cells = 0
    for row in _chosen(book, sheet).iter_rows():
        lines.append([_text(cell) for cell in row])
        cells += len(row)
        if cells > _CELLS_MAX:
            raise RefusedError(f"more than {_CELLS_MAX} cells")
    return lines


def _chosen(book: Any, sheet: str | None) -> Any:
    names = [one.title for one in book.worksheets]
    if sheet is None and len(names) == 1:
        return book.worksheets[0]
    if sheet in names:
        return book[sheet]
    if sheet is None:
        raise RefusedError(f'{len(names)} sheets and no word which (write FILE.xlsx#"the sheet")')
    raise RefusedError(f"{len(names)} sheets, none of them of the name that was given")


def _check_archive(content: bytes) -> None:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise RefusedError("no Excel workbook inside (.xls and locked files are none)")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(one.file_size for one in parts)
        if len(parts) > _PARTS_MAX:
            raise RefusedError(f"more than {_PARTS_MAX} parts")
        if unpacked > min(_UNPACKED_MAX, _INFLATION_MAX * len(content)):
            raise RefusedError(f"{unpacked} bytes in a file of {len(content)}")
        for one in parts:
            _check_part(archive.read(one))


def _check_part(part: bytes) -> None:
    for encoding in _ENCODINGS:
        if any(word.encode(encoding) in part for word in _DECLARATIONS):
            raise RefusedError("a document type declaration")


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        has_time = "h" in str(cell.number_format).lower() or value.time() != time()
        return value.isoformat() if has_time else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


if __name__ == "__main__":
    main()
