"""Collections are listed in order and split by group, from a hash alone."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.collections import (
    CollectionRecipe,
    GatePictures,
    pictures_of_recipe,
    read_collections,
    split_of_group,
)

KNEES = CollectionRecipe(kind="other_radiograph", folder="knees", group=r"^(k\d)")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "knees" / "deeper").mkdir(parents=True)
    for name in ("k1_a.png", "k1_b.jpg", "deeper/k2_a.PNG", "notes.txt", "other.bmp"):
        (tmp_path / "knees" / name).write_bytes(b"x")
    return tmp_path


def test_pictures_of_one_patient_come_into_one_split(root: Path) -> None:
    films = read_collections([KNEES], root, seed=3)
    groups = {film.file.name: film.group for film in films}
    assert groups == {
        "k1_a.png": "knees:k1",
        "k1_b.jpg": "knees:k1",
        "k2_a.PNG": "knees:k2",
        "other.bmp": "knees:other",
    }
    assert len({film.split for film in films if film.group == "knees:k1"}) == 1


def test_an_empty_folder_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no picture in .*knees .* --collections"):
        read_collections([KNEES], tmp_path, seed=3)


def test_shares_are_those_documented() -> None:
    splits = [split_of_group(f"g{number}", seed=1) for number in range(4000)]
    shares = {name: splits.count(name) / 4000 for name in set(splits)}
    expected = {"train": 0.65, "tune": 0.10, "calibrate": 0.10, "test": 0.15}
    assert shares == pytest.approx(expected, abs=0.02)


def test_another_seed_gives_another_split() -> None:
    one = [split_of_group(f"g{number}", seed=1) for number in range(50)]
    assert one != [split_of_group(f"g{number}", seed=2) for number in range(50)]


def test_a_recipes_text_gives_its_collections_and_seed() -> None:
    text = 'seed = 5\n[[collections]]\nkind = "ct"\nfolder = "a"\n'
    one = CollectionRecipe(kind="ct", folder="a")
    assert pictures_of_recipe(text) == GatePictures(collections=(one,), seed=5)
    text = 'seed = 6\nuntrained_kinds = ["ct"]\n'
    wanted = GatePictures(collections=(), seed=6, untrained_kinds=frozenset({"ct"}))
    assert pictures_of_recipe(text) == wanted
