"""Figure1: Latin-1, vague ages, and one film that is Kermany's child."""

from pathlib import Path

import pytest

from thoracle.datasets.film import Film, Population
from thoracle.datasets.readers import figure1

TABLE = (
    "patientid,offset,sex,age,finding,view,modality,notes\n"
    "COVID-00001a,13,M,33,COVID-19,AP erect,X-ray,37 °C\n"
    "COVID-00001b,14,M,33,,,X-ray,\n"
    "COVID-00002,,F,50+,Pneumonia,,X-ray,\n"
    "COVID-00003,,F,toddler,No finding,,CT,\n"
    "COVID-00020,21,,39,COVID-19,,X-ray,covid 39yo\n"
)


@pytest.fixture
def films(tmp_path: Path) -> dict[str, Film]:
    (tmp_path / "images").mkdir()
    for number in ("00001a", "00001b", "00002", "00003", "00004", "00020"):
        (tmp_path / "images" / f"COVID-{number}.jpg").write_bytes(b"x")
    (tmp_path / "metadata.csv").write_bytes(TABLE.encode("latin-1"))
    return {Path(film.path).stem.removeprefix("COVID-"): film for film in figure1.read(tmp_path)}


def test_a_row_fills_a_film(films: dict[str, Film]) -> None:
    film = films["00001a"]
    assert (film.age_years, film.sex, film.view, film.label) == (33.0, "M", "AP", "covid-19")
    assert (film.study_offset_days, film.population) == (13.0, Population.ADULT)


def test_letters_number_films_of_one_patient(films: dict[str, Film]) -> None:
    assert films["00001a"].patient == films["00001b"].patient == "figure1:COVID-00001"


def test_an_empty_finding_is_unknown(films: dict[str, Film]) -> None:
    assert films["00001b"].label == ""
    assert "empty" in films["00001b"].label_origin


def test_an_age_of_50_plus_is_an_adult_of_unknown_age(films: dict[str, Film]) -> None:
    film = films["00002"]
    assert (film.age_years, film.population) == (None, Population.ADULT)
    assert film.note == "age given as 50+"
    assert film.label == "bacterial|covid-19|other|viral"


def test_an_age_in_words_stays_unknown(films: dict[str, Film]) -> None:
    film = films["00003"]
    assert (film.population, film.label, film.modality) == (Population.UNKNOWN, "normal", "CT")


def test_a_film_without_a_row_is_unknown(films: dict[str, Film]) -> None:
    assert films["00004"].label == ""
    assert films["00004"].label_origin == "no row in metadata.csv"


def test_the_film_from_kermany_is_that_child_and_viral(films: dict[str, Film]) -> None:
    film = films["00020"]
    assert (film.patient, film.label) == ("kermany:person1004", "viral")
    assert (film.age_years, film.population) == (None, Population.CHILD)
    assert "Figure1 says COVID-19" in film.label_origin


@pytest.mark.parametrize(
    ("text", "population"),
    [("early 40s", Population.ADULT), ("2-4 weeks", Population.UNKNOWN), ("", Population.UNKNOWN)],
)
def test_a_vague_age_is_an_adults_only_from_eighteen(text: str, population: Population) -> None:
    assert figure1._population(None, text) is population


def test_the_real_collection_is_read_whole(data_folder: Path) -> None:
    films = figure1.read(data_folder / "cxr" / "figure1")
    assert len(films) == 55
    assert sum(film.label == "" for film in films) == 15
