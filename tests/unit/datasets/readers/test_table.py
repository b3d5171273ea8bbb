"""A table of one's own: any manifest column, paths beside it, patients of its source."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.readers import table


def _read(folder: Path, text: str) -> tuple[Film, ...]:
    for name in ("1.png", "2.png", "m.png"):
        (folder / name).write_bytes(b"x")
    (folder / "clinic.csv").write_text(text)
    return table.read(folder / "clinic.csv")


def test_a_table_with_paths_only_is_enough(tmp_path: Path) -> None:
    (film,) = _read(tmp_path, "path\n1.png\n")
    assert film.path == str((tmp_path / "1.png").resolve())
    assert (film.source, film.label, film.patient) == ("clinic", "", None)


def test_columns_are_taken_over(tmp_path: Path) -> None:
    first, second = _read(
        tmp_path,
        "path,source,patient,age_years,label,mask_path,label_origin,population\n"
        "1.png,,7,15,viral,m.png,,\n"
        "2.png,rival,rival:7,40,normal,,CT,unknown\n",
    )
    assert (first.patient, first.population, first.label) == ("clinic:7", Population.CHILD, "viral")
    assert first.mask_path == str((tmp_path / "m.png").resolve())
    assert first.label_origin == "the table's label column"
    assert (second.source, second.patient, second.label_origin) == ("rival", "rival:7", "CT")


def test_a_given_population_is_kept(tmp_path: Path) -> None:
    (film,) = _read(tmp_path, "path,population\n1.png,child\n")
    assert film.population is Population.CHILD


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"9\.png does not exist"):
        _read(tmp_path, "path\n9.png\n")


def test_a_table_without_paths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match='no column "path"'):
        _read(tmp_path, "file\n1.png\n")
