"""The films of a retraining: the champion's own split, and readers' films in it, none leaking."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.errors import RecipeError, SplitError
from thoracle.core.files import sha256_of_file
from thoracle.core.progress import Progress
from thoracle.datasets.duplicates import DuplicateSearch, find_duplicates, write_pairs
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest, read_manifest, write_manifest
from thoracle.datasets.split import Split, SplitRow, read_checked_split, write_split
from thoracle.inference.bundle import open_bundle
from thoracle.jobs import retraining
from thoracle.jobs.retraining import (
    FormerFilms,
    RetrainingFilms,
    keep_plan,
    need_own_films,
    retraining_films,
)

SHARES = {"train": 0.5, "calibrate": 0.1, "test": 0.4}
PARTS = ("train", "tune", "calibrate", "test")


def picture(path: Path, seed: int) -> None:
    """Write a picture that resembles no other: smooth noise."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse.resize((96, 96), Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def former(tmp_path: Path) -> FormerFilms:
    """Sixteen films of as many patients, four in each part."""
    films, rows = [], []
    for number in range(16):
        path = f"{number:02d}.png"
        picture(tmp_path / "old" / path, number)
        films.append(Film(path=path, source="old", patient=f"old:{number}", label="normal"))
        rows.append(SplitRow(path=path, group=path, split=PARTS[number % 4]))
    manifest = Manifest(films=tuple(films), root=tmp_path / "old")
    write_manifest(manifest, tmp_path / "manifest.csv")
    split = Split(
        rows=tuple(rows), manifest_digest=manifest.digest, seed=0, duplicate_threshold=0.5
    )
    write_split(split, tmp_path / "split.csv")
    write_pairs((), tmp_path / "split.duplicates.csv", manifest_digest=manifest.digest)
    return FormerFilms(manifest=tmp_path / "manifest.csv", split=tmp_path / "split.csv")


@pytest.fixture
def readings(tmp_path: Path) -> Manifest:
    """Twenty films of ten new patients, a copy of a film that was trained on, and a nameless."""
    films = []
    for number in range(20):
        path = f"{number:02d}.png"
        picture(tmp_path / "new" / path, 100 + number)
        films.append(Film(path=path, source="new", patient=f"new:{number // 2}", label="viral"))
    copy = Image.open(tmp_path / "old" / "00.png").resize((120, 110), Image.Resampling.BICUBIC)
    copy.save(tmp_path / "new" / "copy.jpg", quality=80)
    films.append(Film(path="copy.jpg", source="new", patient="new:copy", label="viral"))
    picture(tmp_path / "new" / "nameless.png", 999)
    films.append(Film(path="nameless.png", source="new", label="viral"))
    return Manifest(films=tuple(films), root=tmp_path / "new")


def made(former: FormerFilms, readings: Manifest, folder: Path) -> RetrainingFilms:
    return retraining_films(former, readings, folder, fractions=SHARES, seed=1)


def test_readings_are_placed_and_the_former_split_does_not_move(
    former: FormerFilms, readings: Manifest, tmp_path: Path
) -> None:
    films = made(former, readings, tmp_path / "out")
    assert {films.splits[f"old/{n:02d}.png"] for n in range(3, 16, 4)} == {"test"}
    assert films.splits["new/copy.jpg"] == "dropped"
    assert films.left_out == {"already-there": 1}
    assert films.splits["new/nameless.png"] == "train"
    assert len(films.added) == 22
    new = [films.splits[f"new/{n:02d}.png"] for n in range(20)]
    assert all(new[n] == new[n + 1] for n in range(0, 20, 2))
    assert sorted(new) == ["calibrate"] * 2 + ["test"] * 8 + ["train"] * 10


def test_what_is_written_can_be_read_as_the_next_champions_films(
    former: FormerFilms, readings: Manifest, tmp_path: Path
) -> None:
    films = made(former, readings, tmp_path / "out")
    manifest = read_manifest(tmp_path / "out" / "manifest.csv")
    split = read_checked_split(tmp_path / "out" / "split.csv", manifest)
    assert split.by_path() == films.splits
    assert films.digests["manifest_digest"] == manifest.digest
    assert films.digests["split_sha256"] == sha256_of_file(tmp_path / "out" / "split.csv")
    assert films.digests["films_in_manifest"] == "38"
    assert all(manifest.resolve(film).is_file() for film in manifest.films)


def test_a_search_is_not_done_twice_for_the_same_films(
    former: FormerFilms, readings: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(former, readings, tmp_path / "out")
    searched: list[Manifest] = []

    def find(manifest: Manifest, *, on_progress: Progress) -> DuplicateSearch:
        searched.append(manifest)
        return find_duplicates(manifest, on_progress=on_progress)

    monkeypatch.setattr(retraining, "find_duplicates", find)
    assert made(former, readings, tmp_path / "out").splits == first.splits
    assert searched == []
    made(former, readings.select(readings.films[:10]), tmp_path / "out")
    assert len(searched) == 1


def test_held_out_films_are_frontal_known_and_of_the_population() -> None:
    known = Film(path="a", source="s", patient="p", label="normal", view="PA")
    films = (
        known,
        replace(known, path="b", label="viral", view="L"),
        replace(known, path="c", label=""),
        replace(known, path="d", population=Population.CHILD),
        replace(known, path="e"),
        replace(known, path="f"),
    )
    parts = dict.fromkeys("abcde", "test") | {"f": "train"}
    found = RetrainingFilms(
        manifest=Manifest(films=films, root=Path()),
        splits=parts,
        added=frozenset({"e", "f"}),
        left_out={},
        digests={},
    )
    assert [film.path for film in found.held_out("adults", added=False)] == ["a"]
    assert [film.path for film in found.held_out("all", added=False)] == ["a", "d"]
    assert [film.path for film in found.held_out("adults", added=True)] == ["e"]


def test_films_that_are_not_the_champions_own_are_refused(
    bundles: Path, former: FormerFilms
) -> None:
    champion = open_bundle("radiograph")
    digest = sha256_of_file(former.split)
    need_own_films(replace(champion, training={"split_sha256": digest}), former)
    for training in ({"split_sha256": "a" * 64}, {}):
        with pytest.raises(SplitError, match="Give that one") as raised:
            need_own_films(replace(champion, training=training), former)
        assert raised.value.code == "champion-other-split"
    missing = replace(former, split=former.split.with_name("none.csv"))
    with pytest.raises(SplitError, match="found no file"):
        need_own_films(champion, missing)


@pytest.mark.parametrize("changed", ["champion", "readings", "recipe"])
def test_another_retraining_in_the_folder_is_refused(tmp_path: Path, changed: str) -> None:
    plan = {"champion": "c", "readings": "r", "recipe": "t"}
    for _ in range(2):
        keep_plan(tmp_path / "new", **plan)
    with pytest.raises(RecipeError, match=f"another {changed}") as raised:
        keep_plan(tmp_path / "new", **plan | {changed: "x"})
    assert raised.value.code == "retraining-other"
