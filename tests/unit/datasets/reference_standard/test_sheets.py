"""Tables as text, from CSV."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.columns import UnreadableTableError
from thoracle.datasets.reference_standard import sheets
from thoracle.datasets.reference_standard.sheets import read_sheet


def _csv(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return str(path)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    sheet = read_sheet(_csv(tmp_path, b"\xef\xbb\xbfa, b\r\n1,2\r\n\r\n , \r\n3\r\n"))
    assert sheet.header == ("a", "b")
    assert sheet.rows == ((2, ("1", "2")), (5, ("3", "")))
    assert sheet.wide == ()


def test_rows_with_more_cells_than_the_header_are_told(tmp_path: Path) -> None:
    assert read_sheet(_csv(tmp_path, b"a\n1,\n2,3\n")).wide == (3,)


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    assert read_sheet(_csv(tmp_path, b"")).header == ()


@pytest.mark.parametrize("content", [b"name\nM\xfcller\n", b'a\n"b\n', b"a\n" + b"x" * 200_000])
def test_what_is_no_csv_in_utf8_is_refused_without_a_cell(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableTableError) as got:
        read_sheet(_csv(tmp_path, content))
    assert "ller" not in str(got.value)
    assert "\\xfc" not in str(got.value)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="found no table that can be read"):
        read_sheet(str(tmp_path / "none.csv"))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.xls").write_bytes(b"")
    with pytest.raises(ManifestError, match=r'ends in "\.xls"'):
        read_sheet(str(tmp_path / "table.xls"))


def test_a_table_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "BYTES_MAX", 3)
    with pytest.raises(ManifestError, match="found a table of 4 bytes"):
        read_sheet(_csv(tmp_path, b"a\n1\n"))
