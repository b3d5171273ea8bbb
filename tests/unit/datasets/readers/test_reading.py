"""Reading file by file: films in order, what is none counted, offsets within a patient."""

from datetime import date
from pathlib import Path

from thoracle.datasets.film import Film
from thoracle.datasets.readers.reading import DatedFilm, Reading, SkippedFileError, read_each

DAYS = {"a": date(2020, 3, 10), "b": date(2020, 3, 1), "c": None}


def _read_one(path: Path) -> DatedFilm:
    if path.suffix:
        raise SkippedFileError(path.suffix)
    film = Film(path=str(path), source="x", patient="x:1" if path.name != "d" else None)
    return DatedFilm(film=film, study_date=DAYS.get(path.name))


def test_films_keep_their_order_and_the_rest_is_counted() -> None:
    reading = read_each([Path(name) for name in ("a", "1.gif", "b", "2.txt", "3.gif")], _read_one)
    assert [film.path for film in reading.films] == ["a", "b"]
    assert reading.skipped == {".gif": 2, ".txt": 1}
    assert reading.skipped_text == "2 .gif, 1 .txt"


def test_offsets_are_days_since_the_patients_first_study() -> None:
    reading = read_each([Path(name) for name in "abcd"], _read_one)
    assert [film.study_offset_days for film in reading.films] == [9.0, 0.0, None, None]


def test_nothing_skipped_is_said_so() -> None:
    assert Reading(films=()).skipped_text == "nothing"
