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


def test_cells_may_be_written_as_people_do(tmp_path: Path) -> None:
    first, second = _read(
        tmp_path,
        "Path,Patient ID,Study offset,View,Gender,Age,Finding,Mask,License,x_reader,Modality\n"
        "1.png,7,3,pa,male,45Y,COVID-19,m.png,CC0,me,CR\n"
        "2.png,8,,lateral,Female,006M,Other lung opacity,,,,xray\n",
    )
    assert (first.patient, first.study_offset_days, first.view) == ("clinic:7", 3.0, "PA")
    assert (first.sex, first.age_years, first.label) == ("M", 45.0, "covid-19")
    assert (first.population, first.licence, first.modality) == (Population.ADULT, "CC0", "X-ray")
    assert first.mask_path == str((tmp_path / "m.png").resolve())
    assert (second.view, second.sex, second.age_years) == ("L", "F", 0.5)
    assert (second.label, second.population) == ("bacterial|other|viral", Population.CHILD)


@pytest.mark.parametrize(
    ("label", "text"),
    [("Normal", "normal"), ("Bacterial", "bacterial"), ("no finding", "normal"), ("unknown", "")],
)
def test_labels_are_understood_in_words(tmp_path: Path, label: str, text: str) -> None:
    (film,) = _read(tmp_path, f"path,label\n1.png,{label}\n")
    assert film.label == text


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("view", "oblique"),
        ("sex", "X"),
        ("age", "412"),
        ("age", "mid 50s"),
        ("label", "flu"),
        ("modality", "MR"),
        ("population", "teen"),
    ],
)
def test_a_cell_that_is_not_understood_is_refused_by_name(
    tmp_path: Path, column: str, cell: str
) -> None:
    with pytest.raises(ManifestError, match=cell):
        _read(tmp_path, f"path,{column}\n1.png,{cell}\n")


def test_an_unknown_column_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r'the column "born" in .*clinic\.csv'):
        _read(tmp_path, "path,born\n1.png,1970\n")


def test_two_columns_for_one_thing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="which all mean label"):
        _read(tmp_path, "path,label,label\n1.png,normal,viral\n")


def test_a_table_without_rows_has_no_films(tmp_path: Path) -> None:
    assert _read(tmp_path, "path,label\n") == ()


def test_a_given_population_is_kept(tmp_path: Path) -> None:
    (film,) = _read(tmp_path, "path,population\n1.png,child\n")
    assert film.population is Population.CHILD


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"9\.png does not exist"):
        _read(tmp_path, "path\n9.png\n")


def test_a_table_without_paths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no column path"):
        _read(tmp_path, "label\nnormal\n")
