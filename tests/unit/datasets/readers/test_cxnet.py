"""COVID-CXNet: negative tests, children by name, films without a row."""

from pathlib import Path

import pytest

from thoracle.datasets.film import Film, Population
from thoracle.datasets.readers import cxnet

TABLE = (
    "\ufefffilename,patient_id,sex,age,view,label,pcr_test,location,admission_offset,url\n"
    "1.jpg,10,female,68,AP,COVID-19,positive,US,4,https://twitter.com/x\n"
    "2.webp,11,male,47,,COVID-19,negative,,,https://doi.org/x\n"
    "3.jpg,,,,,COVID-19,,,,\n"
    "4p.jpg,12,,0.25,,COVID-19,positive,Spain,,\n"
    "5.jpg,13,,,,,negative,Spain,,\n"
)


@pytest.fixture
def films(tmp_path: Path) -> dict[str, Film]:
    (tmp_path / "images").mkdir()
    for stem in ("1", "2", "3", "4p", "5", "6", "7p-"):
        (tmp_path / "images" / f"{stem}.jpg").write_bytes(b"x")
    (tmp_path / "metadata.csv").write_text(TABLE, encoding="utf-8")
    return {Path(film.path).stem: film for film in cxnet.read(tmp_path)}


def test_a_row_fills_a_film(films: dict[str, Film]) -> None:
    film = films["1"]
    assert (film.patient, film.sex, film.age_years, film.view) == ("cxnet:10", "F", 68.0, "AP")
    assert (film.label, film.label_origin) == (
        "covid-19",
        "metadata.csv label: COVID-19; PCR positive",
    )
    assert (film.site, film.publisher, film.study_offset_days) == ("USA", "twitter.com", 4.0)
    assert film.population is Population.ADULT


def test_a_negative_test_leaves_every_pneumonia_possible(films: dict[str, Film]) -> None:
    for stem in ("2", "5"):
        assert films[stem].label == "bacterial|covid-19|other|viral"
        assert "PCR negative" in films[stem].label_origin
        assert films[stem].finding is None
    assert "label: empty" in films["5"].label_origin


def test_an_unknown_test_keeps_the_label(films: dict[str, Film]) -> None:
    assert films["3"].label == "covid-19"
    assert "PCR unknown" in films["3"].label_origin
    assert films["3"].patient is None
    assert films["3"].site is None


def test_films_without_a_row_say_so(films: dict[str, Film]) -> None:
    assert films["6"].label == "covid-19"
    assert "no row" in films["6"].label_origin
    assert (films["6"].patient, films["6"].population) == (None, Population.UNKNOWN)


def test_the_letter_p_marks_children_of_unknown_age(films: dict[str, Film]) -> None:
    assert films["7p-"].population is Population.CHILD
    assert "child" in (films["7p-"].note or "")
    assert (films["4p"].population, films["4p"].age_years) == (Population.CHILD, 0.25)
    assert films["4p"].note is None


def test_the_real_collection_has_its_known_peculiarities(data_folder: Path) -> None:
    films = cxnet.read(data_folder / "cxr" / "cxnet")
    assert len(films) == 819
    assert sum("PCR negative" in film.label_origin for film in films) == 23
    assert sum(film.patient is None for film in films) == 385
    marked = [film for film in films if Path(film.path).stem.rstrip("-").endswith("p")]
    assert len(marked) == 15  # every one has an age below 18
    assert {film.population for film in marked} == {Population.CHILD}
