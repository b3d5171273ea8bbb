"""What a film is to the gate follows from modality, view and source."""

from pathlib import Path

import pytest

from thoracle.datasets.collections import CollectionFilm
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import GateFilm, gate_films, gate_kind, is_frontal
from thoracle.datasets.manifest import Manifest


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"source": "cohen", "view": "PA"}, "frontal_chest"),
        ({"source": "cohen", "view": "L"}, "lateral_chest"),
        ({"source": "cohen", "modality": "CT"}, "ct"),
        ({"source": "cohen"}, None),
        ({"source": "nih"}, "frontal_chest"),
    ],
)
def test_the_kind_is_known_or_the_film_is_left_out(facts: dict[str, str], kind: str | None) -> None:
    film = Film(path="a.png", **facts)  # type: ignore[arg-type]  # facts are text fields only
    assert gate_kind(film) == kind
    assert is_frontal(film) == (kind == "frontal_chest")


def test_manifest_and_collections_are_joined_with_their_splits() -> None:
    films = (Film(path="a.png", source="nih"), Film(path="b.png", source="cohen"))
    manifest = Manifest(films=films, root=Path("/data"))
    knee = CollectionFilm(
        file=Path("/k.png"), kind="other_radiograph", collection="knees", group="k", split="test"
    )
    assert gate_films(manifest, {"a.png": "train"}, [knee]) == (
        GateFilm(file=Path("/data/a.png"), kind="frontal_chest", source="nih", split="train"),
        GateFilm(file=Path("/k.png"), kind="other_radiograph", source="knees", split="test"),
    )


def test_films_of_an_untrained_kind_are_test_films_whatever_their_split() -> None:
    films = (
        Film(path="a.png", source="cohen", view="L"),
        Film(path="b.png", source="cohen", view="PA"),
    )
    manifest = Manifest(films=films, root=Path("/data"))
    slices = CollectionFilm(
        file=Path("/s.png"), kind="ct", collection="slices", group="s", split="train"
    )
    splits = {"a.png": "train", "b.png": "train"}
    made = gate_films(manifest, splits, [slices], untrained_kinds={"lateral_chest", "ct"})
    assert [one.split for one in made] == ["test", "train", "test"]
