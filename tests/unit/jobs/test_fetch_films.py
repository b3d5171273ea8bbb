"""Films are fetched one by one, kept only if they are the very files listed, and once."""

import dataclasses
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from thoracle.core.files import sha256_of
from thoracle.jobs.fetch_films import Fetched, fetch_films
from thoracle.jobs.open_films import CREDITS_NAME, FilmList, OpenFilm, read_credits

CONTENTS = {"a.png": b"the first film", "b.jpg": b"the second film", "c.png": b"the third film"}


def _film(name: str) -> OpenFilm:
    return OpenFilm(
        name=name,
        ref="v1",
        finding="COVID-19",
        view="PA",
        license="CC BY 4.0",
        credit="Somebody",
        source="https://example.org/a",
        sha256=sha256_of(CONTENTS[name]),
    )


@pytest.fixture
def films(web_place: Any) -> FilmList:
    """Return a list of three films, all of which lie on a server."""
    for name, content in CONTENTS.items():
        web_place.put(f"/v1/images/{name}", content)
    return FilmList(
        address=f"{web_place.address}/{{ref}}/images/{{name}}",
        bytes_max=1000,
        films=tuple(_film(name) for name in CONTENTS),
    )


def _codes(fetched: list[Fetched]) -> list[str | None]:
    return [None if one.error is None else one.error.code for one in fetched]


def test_films_are_kept_with_their_credits(films: FilmList, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "examples"
    told: list[tuple[str, int, int]] = []
    fetched = list(fetch_films(films, folder, on_progress=lambda *step: told.append(step)))
    assert [(one.film.name, one.is_new, one.error) for one in fetched] == [
        (name, True, None) for name in CONTENTS
    ]
    assert {name: (folder / name).read_bytes() for name in CONTENTS} == CONTENTS
    assert sorted(path.name for path in folder.iterdir()) == sorted([*CONTENTS, CREDITS_NAME])
    assert read_credits(folder) == {film.name: film.owed for film in films.films}
    assert told == [("fetch", 1, 3), ("fetch", 2, 3), ("fetch", 3, 3)]


def test_what_is_there_is_not_fetched_again(
    films: FilmList, tmp_path: Path, web_place: Any
) -> None:
    list(fetch_films(films, tmp_path))
    web_place.asked.clear()
    (tmp_path / "b.jpg").write_bytes(b"damaged")
    (tmp_path / CREDITS_NAME).unlink()
    again = list(fetch_films(films, tmp_path))
    assert [(one.is_new, one.error) for one in again] == [
        (False, None),
        (True, None),
        (False, None),
    ]
    assert web_place.asked == ["/v1/images/b.jpg"]
    assert (tmp_path / "b.jpg").read_bytes() == CONTENTS["b.jpg"]
    assert set(read_credits(tmp_path)) == set(CONTENTS)


def test_another_file_under_the_name_is_not_kept_and_the_rest_is_fetched(
    films: FilmList, tmp_path: Path, web_place: Any
) -> None:
    web_place.put("/v1/images/a.png", b"a page of a hotel's network")
    fetched = list(fetch_films(films, tmp_path))
    assert _codes(fetched) == ["download-digest", None, None]
    assert "found another file at http://127.0.0.1" in str(fetched[0].error)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.jpg", "c.png", CREDITS_NAME]
    assert "a.png" not in read_credits(tmp_path)


def test_a_film_of_before_stays_when_its_successor_is_wrong(
    films: FilmList, tmp_path: Path, web_place: Any
) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    web_place.put("/v1/images/a.png", b"wrong")
    assert _codes(list(fetch_films(films, tmp_path)))[0] == "download-digest"
    assert (tmp_path / "a.png").read_bytes() == b"old"


def test_each_failure_is_told_and_none_ends_it(
    films: FilmList, tmp_path: Path, web_place: Any
) -> None:
    del web_place.answers["/v1/images/a.png"]
    web_place.put("/v1/images/b.jpg", b"the", headers={"Content-Length": "15"})
    web_place.put("/v1/images/c.png", bytes(1001))
    fetched = list(fetch_films(films, tmp_path))
    assert _codes(fetched) == ["download-status", "download-cut-off", "download-too-large"]
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_is_asked_for_the_names(films: FilmList, tmp_path: Path, web_place: Any) -> None:
    for name, content in CONTENTS.items():
        web_place.put(f"/mirror/{name}", content)
    fetched = list(fetch_films(films, tmp_path, mirror=f"{web_place.address}/mirror/"))
    assert _codes(fetched) == [None] * 3
    assert web_place.asked == [f"/mirror/{name}" for name in CONTENTS]


def test_what_was_fetched_before_an_interruption_stays(
    films: FilmList, tmp_path: Path, web_place: Any
) -> None:
    def interrupt(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(fetch_films(films, tmp_path, on_progress=interrupt))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.jpg", CREDITS_NAME]
    web_place.asked.clear()
    assert _codes(list(fetch_films(films, tmp_path))) == [None] * 3
    assert web_place.asked == ["/v1/images/c.png"]


def test_an_interruption_while_a_film_comes_leaves_nothing_of_it(
    films: FilmList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(fetch_films(films, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(
    films: FilmList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    fetched = list(fetch_films(films, tmp_path))
    assert _codes(fetched) == ["open-film-not-kept"] * 3
    assert "(No space left on device) – expected a folder with room" in str(fetched[0].error)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(films: FilmList, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    fetched = list(fetch_films(films, tmp_path / "file" / "films"))
    assert _codes(fetched) == ["open-film-not-kept"] * 3
    folder = tmp_path / "closed"
    folder.mkdir(0o500)
    if not os.access(folder, os.W_OK):  # the administrator may write everywhere
        assert _codes(list(fetch_films(films, folder))) == ["open-film-not-kept"] * 3


def test_a_list_without_versions_needs_no_ref(films: FilmList, tmp_path: Path) -> None:
    plain = dataclasses.replace(
        films,
        address=films.address.replace("{ref}", "v1"),
        films=tuple(dataclasses.replace(film, ref="") for film in films.films),
    )
    assert _codes(list(fetch_films(plain, tmp_path))) == [None] * 3
