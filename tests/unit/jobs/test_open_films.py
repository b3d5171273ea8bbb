"""The list of openly licensed films: each may be passed on, and has its credit."""

import csv
import dataclasses
import tomllib
from pathlib import Path

import pytest

from thoracle.jobs.example_films import COUNT_MAX
from thoracle.jobs.open_films import (
    CREDITS_NAME,
    FilmList,
    OpenFilmsError,
    keep_credit,
    read_credits,
    read_list,
    shipped_list,
)

FILM = """
name = "a.png"
ref = "abc"
finding = "COVID-19"
view = "PA"
license = "CC BY 4.0"
credit = "Somebody"
source = "https://example.org/a"
"""
DIGEST = f'sha256 = "{"0" * 64}"\n'
HEAD = 'address = "https://example.org/{ref}/{name}"\nbytes_max = 1000\n'
SYNTHETIC = 3


@pytest.fixture
def shipped() -> FilmList:
    return read_list(shipped_list())


def test_every_licence_of_the_shipped_list_permits_redistribution(shipped: FilmList) -> None:
    assert {film.license for film in shipped.films} <= {
        "CC BY", "CC BY 3.0", "CC BY 4.0", "CC BY-SA 4.0",
    }  # fmt: skip


def test_the_shipped_films_fit_the_strip_beside_synthetic_ones(shipped: FilmList) -> None:
    assert len({film.name for film in shipped.films}) == len(shipped.films)
    assert len({film.sha256 for film in shipped.films}) == len(shipped.films)
    assert len(shipped.films) + SYNTHETIC <= COUNT_MAX


def test_the_shipped_films_are_fetched_at_fixed_commits_of_their_public_home(
    shipped: FilmList,
) -> None:
    home = "https://raw.githubusercontent.com/ieee8023/covid-chestxray-dataset"
    first = shipped.films[0]
    assert shipped.address_of(first) == f"{home}/{first.ref}/images/{first.name}"
    assert all(len(film.ref) == 40 for film in shipped.films)


def test_the_shipped_list_is_what_the_collection_says(shipped: FilmList, data_folder: Path) -> None:
    folder = data_folder / "cxr"
    with (folder / "cohen" / "metadata.csv").open(encoding="utf-8") as stream:
        rows = {row["filename"]: row for row in csv.DictReader(stream)}
    with (folder / "index.csv").open(encoding="utf-8") as stream:
        digests = {
            Path(row["path"]).stem: row["original_sha256"]
            for row in csv.DictReader(stream)
            if row["source"] == "cohen"
        }
    for film in shipped.films:
        row = rows[film.name]
        assert film.license.startswith(row["license"])
        assert (film.finding, film.view) == (row["finding"], row["view"])
        assert film.sha256 == digests[Path(film.name).stem]


def test_a_mirror_holds_films_by_their_names(shipped: FilmList) -> None:
    film = shipped.films[0]
    for mirror in ("http://127.0.0.1:1/films", "http://127.0.0.1:1/films/"):
        assert shipped.address_of(film, mirror=mirror) == f"http://127.0.0.1:1/films/{film.name}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("address =", "Invalid value"),
        (HEAD, "films: Field required"),
        (f"{HEAD}films = []", "films"),
        (f"{HEAD}[[films]]{FILM}", "films.0.sha256: Field required"),
        (f'{HEAD}[[films]]{FILM}sha256 = "0"', "films.0.sha256"),
        (f"{HEAD}[[films]]{FILM}{DIGEST}size = 1", "films.0.size: Unexpected keyword"),
        (f"{HEAD}[[films]]{FILM}{DIGEST}".replace("a.png", "../a.png"), "films.0.name"),
        (f"{HEAD}[[films]]{FILM}{DIGEST}".replace("a.png", "a.sh"), "films.0.name"),
        (f"{HEAD}[[films]]{FILM}{DIGEST}".replace('"abc"', '"a/../b"'), "films.0.ref"),
        (f"{HEAD}[[films]]{FILM}{DIGEST}".replace("https://example.org/a", "javascript:a"),
         "films.0.source"),
        (f"{HEAD}[[films]]{FILM}{DIGEST}".replace("1000", "0"), "bytes_max"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_says_where(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(OpenFilmsError) as caught:
        read_list(path)
    assert why in caught.value.text
    assert "\n" not in caught.value.text


def test_a_list_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(OpenFilmsError, match="No such file"):
        read_list(tmp_path / "none.toml")


def test_credits_are_added_to_those_that_are_there(shipped: FilmList, tmp_path: Path) -> None:
    first, second = shipped.films[:2]
    assert read_credits(tmp_path) == {}
    keep_credit(tmp_path, second)
    keep_credit(tmp_path, first)
    assert read_credits(tmp_path) == {first.name: first.owed, second.name: second.owed}
    changed = dataclasses.replace(first, credit="Somebody else")
    keep_credit(tmp_path, changed)
    assert read_credits(tmp_path)[first.name].credit == "Somebody else"
    assert read_credits(tmp_path)[second.name] == second.owed


def test_a_person_can_read_the_credits(shipped: FilmList, tmp_path: Path) -> None:
    film = shipped.films[0]
    keep_credit(tmp_path, film)
    text = (tmp_path / CREDITS_NAME).read_text("utf-8")
    assert text.startswith("# Real films")
    assert tomllib.loads(text)[film.name] == {
        "finding": film.finding,
        "view": film.view,
        "license": film.license,
        "credit": film.credit,
        "source": film.source,
    }


@pytest.mark.parametrize("text", ["{", '["a.png"]\nsource = "javascript:a"\n', "a = 1"])
def test_damaged_credits_are_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / CREDITS_NAME).write_text(text, "utf-8")
    assert read_credits(tmp_path) == {}
