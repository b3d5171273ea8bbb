"""Films to try: the operator's, else synthetic and fetched ones; no other file can be read."""

from pathlib import Path

import pytest

from thoracle.core.errors import StoreError
from thoracle.jobs.example_films import COUNT_MAX, ExampleFilms
from thoracle.jobs.open_films import keep_credit, read_list, shipped_list


def test_films_of_the_operators_folder_are_offered_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.dcm", "a.png", "a.json", "a-opacity.png", "notes.txt", ".hidden.png"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "folder.png").mkdir()
    films = ExampleFilms(tmp_path / "home", tmp_path)
    assert films.names() == ("a.png", "b.dcm")
    assert films.read("a.png") == b"a.png"
    films.prepare()
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["../secret.png", "notes.txt", "none.png", "/etc/passwd", ""])
def test_no_other_file_can_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").touch()
    (tmp_path / "films").mkdir()
    with pytest.raises(StoreError, match="found no example") as caught:
        ExampleFilms(tmp_path, tmp_path / "films").read(name)
    assert caught.value.code == "unknown-example"


def test_no_more_are_offered_than_a_strip_holds(tmp_path: Path) -> None:
    for number in range(COUNT_MAX + 5):
        (tmp_path / f"{number:03}.png").touch()
    assert len(ExampleFilms(tmp_path, tmp_path).names()) == COUNT_MAX


def test_synthetic_films_are_drawn_once_where_there_are_none(tmp_path: Path) -> None:
    films = ExampleFilms(tmp_path, None)
    assert films.names() == ()
    films.prepare()
    names = films.names()
    assert len(names) == 3
    assert all(films.read(name).startswith(b"\x89PNG") for name in names)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "examples").iterdir()}
    films.prepare()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "examples").iterdir()} == written


def test_synthetic_films_stand_beside_fetched_ones_with_their_credit(tmp_path: Path) -> None:
    films = ExampleFilms(tmp_path, None)
    fetched = read_list(shipped_list()).films[0]
    keep_credit(tmp_path / "examples", fetched)
    (tmp_path / "examples" / fetched.name).write_bytes(b"film")
    films.prepare()
    assert fetched.name in films.names()
    assert len(films.names()) == 4
    assert films.credits() == {fetched.name: fetched.owed}
