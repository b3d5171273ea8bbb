"""Excel workbooks, read in a child with limits; what is no plain workbook is refused."""

import contextlib
import io
import json
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from thoracle.datasets.reference_standard import workbook
from thoracle.datasets.reference_standard.sheets import read_sheet
from thoracle.datasets.reference_standard.workbook import (
    RefusedError,
    WorkbookError,
    read_workbook,
    sheet_lines,
)


def _book(*titles: str) -> tuple[Any, list[Any]]:
    book = openpyxl.Workbook()
    book.remove(book.active)
    return book, [book.create_sheet(title) for title in titles]


def _bytes(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def plain() -> bytes:
    book, (sheet,) = _book("X-rays")
    sheet.append(["accession", "taken", "bmi", "n"])
    sheet.append(["A1", datetime.fromisoformat("2021-01-02T10:30"), 25.5, 7.0])
    sheet.append(["A2", date.fromisoformat("2021-01-03"), None, True])
    return _bytes(book)


def test_a_workbook_is_read_in_a_child_with_dates_as_iso(plain: bytes) -> None:
    assert read_workbook(plain, name="a.xlsx", sheet=None) == [
        ["accession", "taken", "bmi", "n"],
        ["A1", "2021-01-02T10:30:00", "25.5", "7"],
        ["A2", "2021-01-03", "", "True"],
    ]


def test_a_sheet_is_named_behind_the_path(tmp_path: Path) -> None:
    book, (one, other) = _book("One", "The other")
    one.append(["a"])
    other.append(["b"])
    (tmp_path / "book.xlsx").write_bytes(_bytes(book))
    assert read_sheet(f"{tmp_path / 'book.xlsx'}#The other").header == ("b",)
    with pytest.raises(WorkbookError, match="2 sheets and no word which"):
        read_sheet(str(tmp_path / "book.xlsx"))
    with pytest.raises(WorkbookError, match="none of them of the name"):
        read_sheet(f"{tmp_path / 'book.xlsx'}#Third")


def test_midnight_is_a_time_where_the_cell_shows_one() -> None:
    book, (sheet,) = _book("S")
    for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"):
        sheet.append([datetime.fromisoformat("2021-01-02")])
        sheet.cell(sheet.max_row, 1).number_format = form
    assert sheet_lines(_bytes(book), None) == [["2021-01-02"], ["2021-01-02T00:00:00"]]


def _changed(content: bytes, name: str, change: bytes) -> bytes:
    """Put bytes in front of what one part holds."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for one in old.namelist():
            new.writestr(one, (change if one == name else b"") + old.read(one))
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_declaration_is_refused(plain: bytes, encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bb">]>'.encode(encoding)
    changed = _changed(plain, "xl/workbook.xml", bomb)
    with pytest.raises(WorkbookError, match="a document type declaration"):
        read_workbook(changed, name="a.xlsx", sheet=None)
    with pytest.raises(RefusedError, match="a document type declaration"):
        sheet_lines(changed, None)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    with pytest.raises(WorkbookError, match="50000000 bytes in a file of"):
        read_workbook(stream.getvalue(), name="a.xlsx", sheet=None)
    with pytest.raises(RefusedError, match="50000000 bytes in a file of"):
        sheet_lines(stream.getvalue(), None)


def test_too_many_parts_and_too_many_cells_are_refused(
    plain: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_CELLS_MAX", 5)
    with pytest.raises(RefusedError, match="more than 5 cells"):
        sheet_lines(plain, None)
    monkeypatch.setattr(workbook, "_PARTS_MAX", 2)
    with pytest.raises(RefusedError, match="more than 2 parts"):
        sheet_lines(plain, None)


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0 an old .xls", b"a,b\n"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(WorkbookError, match="no Excel workbook inside"):
        read_workbook(content, name="a.xlsx", sheet=None)


def test_a_damaged_workbook_is_refused_without_its_content(plain: bytes) -> None:
    damaged = _changed(plain, "xl/workbook.xml", b"<<<")
    with pytest.raises(WorkbookError, match=r"damage \(\w+\)"):
        read_workbook(damaged, name="a.xlsx", sheet=None)


def test_a_child_that_dies_is_an_error(plain: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WorkbookError, match="more than can be read in"):
        read_workbook(plain, name="a.xlsx", sheet=None)


def test_the_child_answers_on_standard_output(
    plain: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["workbook", "null"])
    monkeypatch.setattr(workbook, "restrict", lambda _: None)
    monkeypatch.setattr(workbook, "limited_cpu", lambda _: contextlib.nullcontext())
    for content, key in ((plain, "rows"), (b"", "error")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        workbook.main()
        assert key in json.loads(capsys.readouterr().out)
