"""What readers share: images in any ending, cells read with care."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.readers import source_files
from thoracle.datasets.readers.reading import SkippedFileError


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_images_are_listed_in_order_without_masks_and_hidden_files(tmp_path: Path) -> None:
    for name in (
        "b.PNG",
        "a/c.jpeg",
        "a/.hidden.png",
        "lung_masks/b.png",
        "annotations/lungVAE-masks/b_mask.png",
        "__MACOSX/b.png",
        "notes.txt",
    ):
        _touch(tmp_path / name)
    found = source_files.image_files(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a/c.jpeg", "b.PNG"]


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_a_folder_without_images_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ManifestError, match="holds no image"):
        source_files.image_files(tmp_path / name)


def test_rows_are_stripped_and_short_rows_filled(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,\n 1 ,\n2\n")
    rows = source_files.read_rows(tmp_path / "t.csv", columns=("a", "b"), encoding="utf-8")
    assert rows == [{"a": "1", "b": ""}, {"a": "2", "b": ""}]


def test_a_missing_table_and_a_missing_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="is missing"):
        source_files.read_rows(tmp_path / "t.csv", columns=("a",), encoding="utf-8")
    (tmp_path / "t.csv").write_text("a,b\n")
    with pytest.raises(ManifestError, match='no column "c"; expected a, c'):
        source_files.read_rows(tmp_path / "t.csv", columns=("a", "c"), encoding="utf-8")


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a\n\xef\n")
    with pytest.raises(ManifestError, match="expected CSV in UTF-8"):
        source_files.read_rows(tmp_path / "t.csv", columns=("a",), encoding="utf-8")


def test_a_file_is_what_its_first_bytes_are(tmp_path: Path) -> None:
    (tmp_path / "film.png").write_bytes(b"GIF89a" + bytes(9000))
    assert source_files.kind_of_file(tmp_path / "film.png") == "GIF"
    with pytest.raises(SkippedFileError, match="unreadable"):
        source_files.kind_of_file(tmp_path / "missing")


def test_masks_are_found_in_both_layouts(tmp_path: Path) -> None:
    assert source_files.mask_of("x", tmp_path) is None
    other = _touch(tmp_path / "annotations/lungVAE-masks/x_mask.png")
    assert source_files.mask_of("x", tmp_path) == str(other)
    own = _touch(tmp_path / "lung_masks/x.png")
    assert source_files.mask_of("x", tmp_path) == str(own)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("65", 65.0),
        ("1.5", 1.5),
        ("058Y", 58.0),
        ("0", 0.0),
        ("120", 120.0),
        ("121", None),
        ("412", None),
        ("50+", None),
        ("mid 50s", None),
        ("45Y", 45.0),
        ("45y", 45.0),
        ("006M", 0.5),
        ("9 years", None),
        ("-3", None),
        ("", None),
    ],
)
def test_only_a_possible_number_is_an_age(text: str, years: float | None) -> None:
    assert source_files.age_years(text) == years


@pytest.mark.parametrize(
    ("text", "days"), [("3", 3.0), ("-360", -360.0), ("2.5", 2.5), ("?", None), ("", None)]
)
def test_only_a_number_is_an_offset(text: str, days: float | None) -> None:
    assert source_files.days(text) == days


@pytest.mark.parametrize(
    ("text", "sex"),
    [("M", "M"), ("male", "M"), ("f", "F"), ("Female", "F"), ("", None), ("O", None)],
)
def test_sex_is_brought_to_one_letter(text: str, sex: str | None) -> None:
    assert source_files.sex(text) == sex


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("PA", "PA"),
        ("AP Supine", "AP supine"),
        ("AP erect", "AP"),
        ("L", "L"),
        ("LL", "L"),
        ("Axial", None),
        ("?", None),
        ("", None),
    ],
)
def test_views_are_brought_to_four_names(text: str, view: str | None) -> None:
    assert source_files.view(text) == view
