"""Tables of one's own as text: the same from CSV, XLSX and Parquet."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from thoracle.core.errors import ChartError
from thoracle.datasets.columns import UnreadableTableError
from thoracle.datasets.prognosis import table_files
from thoracle.datasets.prognosis.table_files import file_of, read_table, read_table_and_decimal

_TAKEN = datetime.fromisoformat("2020-02-01T10:30:00")


def test_three_formats_give_the_same_text(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("id,taken,LDH\n1,2020-02-01T10:30:00,250.5\n2,,300\n")
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["id", "taken", "LDH"], [1, _TAKEN, 250.5], [2, None, 300.0]):
        book.active.append(row)
    book.save(tmp_path / "ward.xlsx")
    columns = {"id": [1, 2], "taken": [_TAKEN, None], "LDH": [250.5, 300.0]}
    parquet.write_table(pa.table(columns), tmp_path / "ward.parquet")
    found = [read_table(tmp_path / f"ward.{end}") for end in ("csv", "xlsx", "parquet")]
    assert found[0].rows == ((2, ("1", "2020-02-01T10:30:00", "250.5")), (3, ("2", "", "300")))
    assert found[1] == found[0]
    assert found[2] == found[0]


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ward.parquet").write_bytes(b"not at all")
    with pytest.raises(ChartError, match="that cannot be read as Parquet"):
        read_table(tmp_path / "ward.parquet")
    with pytest.raises(ChartError, match="that cannot be read as Parquet"):
        read_table(tmp_path / "none.parquet")


def test_a_table_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "BYTES_MAX", 10)
    (tmp_path / "ward.parquet").write_bytes(b"x" * 11)
    with pytest.raises(ChartError, match="of more than 10 bytes"):
        read_table(tmp_path / "ward.parquet")


def test_semicolons_part_cells_where_the_comma_is_the_decimal_sign(tmp_path: Path) -> None:
    text = '\ufeffid;"Hb, g/dL";note\r\n1;13,5;"a;b"\r\n\r\n2;;"two\nlines"\r\n'
    (tmp_path / "ward.csv").write_bytes(text.encode())
    sheet, decimal = read_table_and_decimal(tmp_path / "ward.csv")
    assert sheet.header == ("id", "Hb, g/dL", "note")
    assert sheet.rows == ((2, ("1", "13,5", "a;b")), (4, ("2", "", "two\nlines")))
    assert decimal == ","


@pytest.mark.parametrize("text", ["id,LDH\n1,2;3\n", "LDH\n1\n", 'id,"a;b",c\n1,2,3\n'])
def test_commas_stay_what_they_are(text: str, tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(text)
    sheet, decimal = read_table_and_decimal(tmp_path / "ward.csv")
    assert decimal == "."
    assert ",".join(sheet.header) == text.partition("\n")[0].replace('"', "")


def test_a_table_with_semicolons_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_bytes(b"id;unit\n1;\xb5g/L\n")
    with pytest.raises(UnreadableTableError, match=r"found ward\.csv .*not UTF-8"):
        read_table(tmp_path / "ward.csv")


@pytest.mark.parametrize("text", ["", "\n", ",,\n1,2,3\n"])
def test_a_table_without_a_header_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(text)
    with pytest.raises(ChartError, match=r"found nothing in ward\.csv"):
        read_table(tmp_path / "ward.csv")


def test_the_file_of_a_sheet_is_the_workbook(tmp_path: Path) -> None:
    (tmp_path / "a#b.csv").touch()
    assert file_of(tmp_path / "a#b.csv").name == "a#b.csv"
    assert file_of(tmp_path / "ward.xlsx#values").name == "ward.xlsx"
