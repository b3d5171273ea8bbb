"""A film's row: what goes in comes out, and what is wrong is refused with its column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import (
    COLUMNS,
    Film,
    Population,
    film_from_row,
    film_row,
    population_of,
)
from thoracle.datasets.labels import COVID_19

FULL = Film(
    path="a/b.png",
    source="cohen",
    patient="cohen:2",
    study_offset_days=-3.0,
    view="AP supine",
    modality="X-ray",
    age_years=1.5,
    sex="F",
    label="bacterial|viral",
    label_origin="table",
    mask_path="m/b.png",
    licence="CC0",
    site="Spain",
    publisher="example.org",
    population=Population.CHILD,
    official_split="train",
    note="odd",
    sha256="00",
)


def test_a_full_row_survives_writing_and_reading() -> None:
    assert film_from_row(film_row(FULL)) == FULL
    assert tuple(film_row(FULL)) == COLUMNS


@pytest.mark.parametrize("known", Population)
def test_a_film_counts_as_an_adults_unless_it_is_known_to_be_a_childs(known: Population) -> None:
    film = Film(path="a.png", source="cohen", population=known)
    is_child = known is Population.CHILD
    assert film.assumed_population is (Population.CHILD if is_child else Population.ADULT)


def test_unknown_is_an_empty_cell_and_comes_back_as_none() -> None:
    film = Film(path="a.png", source="x")
    row = film_row(film)
    assert row["age_years"] == row["patient"] == row["label"] == ""
    assert film_from_row(row) == film


def test_absent_columns_count_as_empty() -> None:
    assert film_from_row({"path": "a.png", "source": "x"}) == Film(path="a.png", source="x")


@given(st.floats(min_value=0, max_value=120).map(lambda age: round(age, 2)))
def test_ages_survive_to_two_decimals(age_years: float) -> None:
    film = Film(path="a", source="x", age_years=age_years)
    assert film_from_row(film_row(film)).age_years == pytest.approx(age_years)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("age_years", "50+", "expected a number"),
        ("age_years", "412", "expected a number from 0 to 120"),
        ("age_years", "-1", "expected a number from 0 to 120"),
        ("age_years", "nan", "expected a number from 0 to 120"),
        ("study_offset_days", "?", "expected a number of either sign"),
        ("study_offset_days", "inf", "expected a number of either sign"),
        ("view", "oblique", "expected PA, AP, AP supine, L"),
        ("modality", "MR", "expected X-ray, CT"),
        ("sex", "male", "expected M, F"),
        ("population", "teen", "expected adult, child, unknown"),
        ("label", "flu", "not understood"),
    ],
)
def test_a_wrong_cell_is_refused_with_what_was_expected(
    column: str, value: str, expected: str
) -> None:
    with pytest.raises(ManifestError, match=expected) as caught:
        film_from_row({"path": "a.png", "source": "x", column: value})
    assert value in caught.value.text


@pytest.mark.parametrize(
    ("cells", "population"),
    [
        ({"age_years": "7"}, Population.CHILD),
        ({"age_years": "70"}, Population.ADULT),
        ({"age_years": "7", "population": "unknown"}, Population.UNKNOWN),
        ({}, Population.UNKNOWN),
    ],
)
def test_where_the_population_is_not_given_the_age_says_it(
    cells: dict[str, str], population: Population
) -> None:
    assert film_from_row({"path": "a.png", "source": "x", **cells}).population is population


@pytest.mark.parametrize("column", ["path", "source"])
def test_a_row_without_path_or_source_is_refused(column: str) -> None:
    row = {"path": "a.png", "source": "x", column: "  "}
    with pytest.raises(ManifestError, match=f'no "{column}"'):
        film_from_row(row)


def test_a_label_is_brought_to_its_sorted_form() -> None:
    film = film_from_row({"path": "a", "source": "x", "label": "viral|bacterial"})
    assert film.label == "bacterial|viral"
    assert film.finding == "Other lung opacity"


def test_possible_labels_and_finding_follow_the_text() -> None:
    film = Film(path="a", source="x", label="covid-19")
    assert film.possible == COVID_19
    assert film.finding == "COVID-19"


@pytest.mark.parametrize(
    ("age_years", "population"),
    [
        (None, Population.UNKNOWN),
        (0.0, Population.CHILD),
        (17.9, Population.CHILD),
        (18.0, Population.ADULT),
    ],
)
def test_adulthood_starts_at_eighteen(age_years: float | None, population: Population) -> None:
    assert population_of(age_years) is population
