"""Pictures that are no chest radiographs, for the gate: a folder per kind, split by patient."""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thoracle.core.errors import ManifestError

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRecipe:
    """A folder of pictures of one kind; `group` cuts a file name to its patient."""

    kind: str
    folder: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePictures:
    """What a gate's recipe says of its pictures; `untrained_kinds` are kept for testing."""

    collections: tuple[CollectionRecipe, ...]
    seed: int
    untrained_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFilm:
    """One picture of a collection."""

    file: Path
    kind: str
    collection: str
    group: str
    split: str


def read_collections(
    recipes: Sequence[CollectionRecipe], root: Path, *, seed: int
) -> tuple[CollectionFilm, ...]:
    """List the pictures of a gate recipe's collections and split them by group.

    Parameters
    ----------
    recipes
        Kind, folder below `root`, and a regular expression whose first group is the patient.
    root
        Where the folders lie.
    seed
        Part of the hash that splits: 65 % train, 10 % tune, 10 % calibrate, 15 % test.

    Returns
    -------
    tuple of CollectionFilm
        In the order of recipes and names.

    Raises
    ------
    ManifestError
        A folder has no picture.
    """
    films: list[CollectionFilm] = []
    for recipe in recipes:
        files = sorted(f for f in (root / recipe.folder).rglob("*") if f.suffix.lower() in PICTURES)
        if not files:
            raise ManifestError(
                f"found no picture in {root / recipe.folder} – expected some of kind "
                f"{recipe.kind}. Give the folder above it with --collections.",
                code="collection-empty",
            )
        films.extend(_collection_film(file, recipe, seed=seed) for file in files)
    return tuple(films)


def pictures_of_recipe(text: str) -> GatePictures:
    """Return what a recipe's text, as a bundle keeps it, says of the gate's pictures."""
    table = tomllib.loads(text)
    return GatePictures(
        collections=tuple(CollectionRecipe(**one) for one in table.get("collections", [])),
        seed=table["seed"],
        untrained_kinds=frozenset(table.get("untrained_kinds", [])),
    )


def split_of_group(group: str, *, seed: int) -> str:
    """Return train, tune, calibrate or test for a group, from a hash alone."""
    draw = int(hashlib.sha256(f"{seed}:{group}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    for split, end in (("train", 0.65), ("tune", 0.75), ("calibrate", 0.85)):
        if draw < end:
            return split
    return "test"


def _collection_film(file: Path, recipe: CollectionRecipe, *, seed: int) -> CollectionFilm:
    hit = re.search(recipe.group, file.stem) if recipe.group else None
    group = f"{recipe.folder}:{hit.group(1) if hit else file.stem}"
    return CollectionFilm(
        file=file,
        kind=recipe.kind,
        collection=recipe.folder,
        group=group,
        split=split_of_group(group, seed=seed),
    )
