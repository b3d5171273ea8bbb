"""A user's table of covariates is read, matched and refused where it is wrong."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Film
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.jobs.evaluation_covariates import read_covariates, with_covariates

FILMS = (
    Film(path="a.png", source="here", patient="p1", age_years=40.0, sex="F"),
    Film(path="b.png", source="here", patient="p1"),
    Film(path="c.png", source="here", patient="p2"),
    Film(path="d.png", source="here"),
)


def scored() -> EvaluationInput:
    probabilities = np.full((4, 2), 0.5)
    return EvaluationInput(
        labels=("No finding", "COVID-19"),
        logits=np.array([[1.0, -1.0]] * 4),
        probabilities=probabilities,
        reference=np.array([0, 1, 0, 1]),
        patient=("p1", "p1", "p2", "d.png"),
        age_years=np.array([40.0, np.nan, np.nan, np.nan]),
        sex=("F", None, None, None),
    )


def table(folder: Path, text: str) -> Path:
    path = folder / "covariates.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_patients_rows_hold_for_all_their_films(tmp_path: Path) -> None:
    text = "Patient_ID,BMI,Ethnicity,Age,x_note\np1,31.5,Pacific,41,hello\np2,,Asian,\n"
    found = with_covariates(scored(), FILMS, read_covariates(table(tmp_path, text)))
    assert found.bmi is not None
    assert found.age_years is not None
    np.testing.assert_array_equal(found.bmi, [31.5, 31.5, np.nan, np.nan])
    assert found.ethnicity == ("Pacific", "Pacific", "Asian", None)
    np.testing.assert_array_equal(found.age_years, [40.0, 41.0, np.nan, np.nan])
    assert found.sex == ("F", None, None, None)


def test_a_films_own_row_counts_before_its_patients(tmp_path: Path) -> None:
    text = "path,patient,bmi,sex\n,p1,30,M\nb.png,,35,\n"
    found = with_covariates(scored(), FILMS, read_covariates(table(tmp_path, text)))
    assert found.bmi is not None
    assert found.bmi.tolist()[:2] == [30.0, 35.0]
    assert found.sex == ("F", "M", None, None)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("bmi,ethnicity\n30,x\n", "covariates-column", "expected path or patient"),
        ("patient,weight\np1,80\n", "covariates-column", "x_"),
        ("patient,age,age_years\np1,3,4\n", "covariates-column", "at most once"),
        ("patient,bmi\np1,many\n", "covariates-cell", 'found bmi "many" in row 2'),
        ("patient,bmi\np1,3000\n", "covariates-cell", "expected 5 to 150"),
        ("patient,sex\np1,female\n", "covariates-cell", "expected F, M"),
        ("patient,bmi\np1,30\np1,31\n", "covariates-row", "row 3"),
        ("patient,bmi\n,30\n", "covariates-row", "row 2"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place(
    tmp_path: Path, text: str, code: str, words: str
) -> None:
    with pytest.raises(EvaluationError, match=words) as caught:
        read_covariates(table(tmp_path, text))
    assert caught.value.code == code


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read as a table"):
        read_covariates(tmp_path / "nowhere.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EvaluationError, match="cannot be read as a table"):
        read_covariates(path)


def test_a_table_of_other_patients_is_refused(tmp_path: Path) -> None:
    covariates = read_covariates(table(tmp_path, "patient,bmi\nq1,30\n"))
    with pytest.raises(EvaluationError, match="found none of 4 films") as caught:
        with_covariates(scored(), FILMS, covariates)
    assert caught.value.code == "covariates-nobody"
