"""Films are picked by label, source and view, and copied with their patient's number."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.picking import Choice, copy_films, pick
from thoracle.imaging.faults import UnreadableFileError


@pytest.fixture
def films(tmp_path: Path) -> Manifest:
    made = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        path.write_bytes(bytes([number]))
        made.append(
            Film(
                path=path.name,
                source="cohen" if number % 2 else "cxnet",
                patient=f"who:{number // 3}",
                label="covid-19" if number < 9 else "normal",
                view="L" if number == 1 else "PA",
            )
        )
    return Manifest(films=tuple(made), root=tmp_path)


def test_only_films_that_fit_are_drawn_and_a_seed_repeats(films: Manifest) -> None:
    choice = Choice(label="COVID-19", sources=("cohen",))
    drawn = pick(films, choice, seed=1)
    assert {film.path for film in drawn} == {"3.png", "5.png", "7.png"}
    assert pick(films, choice, seed=1) == drawn
    lateral = Choice(label="covid-19", sources=("cohen",), views=("L",))
    assert [film.path for film in pick(films, lateral, seed=1)] == ["1.png"]


def test_one_film_of_each_patient(films: Manifest) -> None:
    drawn = pick(films, Choice(label="covid-19", one_per_patient=True), seed=2)
    assert sorted(str(film.patient) for film in drawn) == ["who:0", "who:1", "who:2"]


def test_too_few_films_are_refused(films: Manifest) -> None:
    with pytest.raises(ManifestError, match="found 3 films with label 'normal' that fit"):
        pick(films, Choice(label="normal", films=4), seed=1)
    with pytest.raises(ManifestError, match="found 0 films"):
        pick(films, Choice(label="viral"), seed=1)


def test_copies_bear_folder_and_patient_in_their_names(films: Manifest, tmp_path: Path) -> None:
    out = tmp_path / "set" / "covid"
    copy_films(films, films.films[:4], out)
    assert sorted(one.name for one in out.iterdir()) == [
        "covid001_0.png",
        "covid001_1.png",
        "covid001_2.png",
        "covid002_3.png",
    ]
    assert (out / "covid002_3.png").read_bytes() == bytes([3])
    with pytest.raises(ManifestError, match=r"found files in .* new or empty folder"):
        copy_films(films, films.films[:4], out)


def test_a_film_that_is_gone_leaves_nothing_behind(films: Manifest, tmp_path: Path) -> None:
    (tmp_path / "2.png").unlink()
    with pytest.raises(UnreadableFileError):
        copy_films(films, films.films[:4], tmp_path / "set")
    assert not [one for one in tmp_path.iterdir() if "set" in one.name]


def test_too_few_films_are_told_with_what_there_is(films: Manifest) -> None:
    with pytest.raises(ManifestError, match=r"has \d of cxnet PA, \d of cohen PA") as one:
        pick(films, Choice(label="covid-19", sources=("coen",)), seed=1)
    assert one.value.code == "pick-too-few"
    with pytest.raises(ManifestError, match=r"The manifest has labels covid-19, normal"):
        pick(films, Choice(label="viral"), seed=1)
