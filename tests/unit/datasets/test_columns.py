"""Columns go by their other names; what is not understood is refused, never left out in silence."""

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.columns import ALIASES, OWN_PREFIX, known_columns, rename_cells
from thoracle.datasets.film import COLUMNS


def _known(*header: str) -> dict[str, str]:
    return known_columns(header, required=("path",), where="films.csv")


def test_the_manifests_own_columns_are_known() -> None:
    assert _known(*COLUMNS) == {name: name for name in COLUMNS}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("age", "age_years"),
        ("Age", "age_years"),
        ("AGE_YEARS", "age_years"),
        ("age years", "age_years"),
        ("patient_id", "patient"),
        ("PatientID", "patient"),
        ("Patient ID", "patient"),
        ("study offset", "study_offset_days"),
        ("study_offset", "study_offset_days"),
        ("offset", "study_offset_days"),
        ("mask", "mask_path"),
        ("license", "licence"),
        ("Finding", "label"),
        ("gender", "sex"),
        ("View Position", "view"),
        (" sex ", "sex"),
    ],
)
def test_other_names_are_understood_in_either_case(name: str, column: str) -> None:
    assert _known("path", name) == {"path": "path", name: column}


def test_every_alias_stands_for_a_column_and_hides_none() -> None:
    assert set(ALIASES.values()) <= set(COLUMNS)
    assert not set(ALIASES) & set(COLUMNS)


def test_own_columns_are_left_out() -> None:
    assert OWN_PREFIX == "x_"
    known = _known("path", "x_reader", "X scanner", "")
    assert known == {"path": "path"}
    assert rename_cells({"path": "a", "x_reader": "b"}, known) == {"path": "a"}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("path", "age_at_death"), 'the column "age_at_death" in films.csv – expected only path, '),
        (("path", "born", "name"), 'the columns "born", "name" in films.csv'),
        (("path", "age", "age_years"), '"age", "age_years" in films.csv, which all mean age_years'),
        (("path", "sex", "sex"), '"sex", "sex" in films.csv, which all mean sex'),
        (("file",), 'the column "file"'),
        (("label",), "no column path in films.csv"),
        ((), "no column path in films.csv"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(header: tuple[str, ...], words: str) -> None:
    with pytest.raises(ManifestError) as error:
        _known(*header)
    assert words in error.value.text
    assert error.value.code == "manifest-column"


def test_cells_move_under_the_manifests_names() -> None:
    known = _known("path", "Age")
    assert rename_cells({"path": "a.png", "Age": "7"}, known) == {"path": "a.png", "age_years": "7"}
