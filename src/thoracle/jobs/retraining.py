"""The films of a retraining: the champion's own, and those that readers labeled, in one split."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from thoracle.core.errors import RecipeError, SplitError
from thoracle.core.files import sha256_of, sha256_of_file, write_atomically
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.added_films import (
    Joined,
    join_manifests,
    pairs_that_matter,
    place_added,
)
from thoracle.datasets.duplicates import DuplicatePair, find_duplicates, read_pairs, write_pairs
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.manifest import (
    Manifest,
    read_manifest,
    refuse_synthetic_films,
    write_manifest,
)
from thoracle.datasets.split import (
    TEST,
    duplicates_beside,
    read_checked_split,
    read_split,
    write_split,
)
from thoracle.inference.bundle import Bundle

ADULTS = "adults"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerFilms:
    """Manifest and split that the champion was trained on, as files."""

    manifest: Path
    split: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingFilms:
    """All films of a retraining, their parts, and which of them readers labeled.

    `left_out` counts readers' films that are in no part, by reason.
    """

    manifest: Manifest
    splits: Mapping[str, str]
    added: frozenset[str]
    left_out: Mapping[str, int]
    digests: Mapping[str, str]

    def held_out(self, population: str, *, added: bool) -> list[Film]:
        """Return the films that judge: frontal, of known finding, of the bundle's population.

        Parameters
        ----------
        population
            Of the champion; "adults" leaves children out.
        added
            Whether those that readers labeled are wanted, or those that were held out before.
        """
        return [
            film
            for film in self.manifest.films
            if self.splits[film.path] == TEST
            and (film.path in self.added) == added
            and is_frontal(film)
            and film.finding is not None
            and not (population == ADULTS and film.assumed_population is Population.CHILD)
        ]


def need_own_films(champion: Bundle, former: FormerFilms) -> None:
    """Refuse films that are not those a champion was trained on.

    With others nobody knows whom it has seen, and no patient can be held out from it.

    Parameters
    ----------
    champion
        Its description names its manifest and its split.
    former
        The files given.

    Raises
    ------
    SplitError
        The split is another one, or the bundle does not say which it was.
    """
    wanted = champion.training.get("split_sha256", "")
    found = sha256_of_file(former.split) if former.split.is_file() else "no file"
    if not wanted or found != wanted:
        raise SplitError(
            f"found {found[:12]} for {former.split} – expected SHA-256 {wanted[:12] or 'unknown'}, "
            f"the split that {champion.name} {champion.version} was trained on. Give that one and "
            "its manifest: of other patients nobody knows whether it has seen them.",
            code="champion-other-split",
        )


def keep_plan(folder: Path, *, champion: str, readings: str, recipe: str) -> None:
    """Write into a retraining's folder what it is of, or check it against what is there.

    Parameters
    ----------
    folder
        Of the retraining; made if needed.
    champion, readings
        Digests of the bundle in use, and of the manifest of readings.
    recipe
        The recipe's text.

    Raises
    ------
    RecipeError
        Another retraining has begun there.
    """
    path = folder / "retraining.json"
    wanted = {"champion": champion, "readings": readings, "recipe": sha256_of(recipe.encode())}
    kept = json.loads(path.read_bytes()) if path.is_file() else wanted
    odd = [key for key, value in wanted.items() if kept.get(key) != value]
    if odd:
        raise RecipeError(
            f"found a retraining with another {' and '.join(odd)} in {folder} – expected the same "
            "champion, readings and recipe to go on with. Give a new folder with --out.",
            code="retraining-other",
        )
    write_atomically(path, (json.dumps(wanted, indent=1) + "\n").encode())


def retraining_films(
    former: FormerFilms,
    readings: Manifest,
    folder: Path,
    *,
    fractions: Mapping[str, float],
    seed: int,
    on_progress: Progress = no_progress,
) -> RetrainingFilms:
    """Join former films and readings, look for near-duplicates, and give each film its part.

    Writes manifest, near-duplicates and split into the folder; a search that was done for the same
    films is not done again.

    Parameters
    ----------
    former
        From the champion's training.
    readings
        Films that readers labeled.
    folder
        Gets the files.
    fractions, seed
        How readings of new patients are parted.
    on_progress
        Told of the search's stages.

    Returns
    -------
    RetrainingFilms
        Checked: no patient and no near-duplicate stands in two parts.
    """
    old = read_manifest(former.manifest)
    old_split = read_checked_split(former.split, old)
    refuse_synthetic_films(readings)
    joined = join_manifests(old, readings)
    known = read_pairs(duplicates_beside(former.split), manifest_digest=old.digest)
    found = _duplicates(joined, folder / "found-duplicates.csv", on_progress)
    pairs = pairs_that_matter(known, found, joined)
    placed = place_added(joined, old_split, pairs, fractions=fractions, seed=seed)
    manifest_path, split_path = folder / "manifest.csv", folder / "split.csv"
    write_manifest(joined.manifest, manifest_path)
    write_pairs(placed.pairs, duplicates_beside(split_path), manifest_digest=joined.manifest.digest)
    write_split(placed.split, split_path)
    return RetrainingFilms(
        manifest=joined.manifest,
        splits=read_split(split_path).by_path(),
        added=frozenset(joined.added),
        left_out=placed.left_out,
        digests={
            "manifest_digest": joined.manifest.digest,
            "split_sha256": sha256_of_file(split_path),
            "films_in_manifest": str(len(joined.manifest.films)),
        },
    )


def _duplicates(joined: Joined, path: Path, on_progress: Progress) -> tuple[DuplicatePair, ...]:
    """Search the joint manifest, or read what an earlier start found for the same films."""
    if path.is_file():
        try:
            return read_pairs(path, manifest_digest=joined.manifest.digest)
        except SplitError:  # of other films, or half of another run: search again
            path.unlink()
    pairs = find_duplicates(joined.manifest, on_progress=on_progress).pairs
    write_pairs(pairs, path, manifest_digest=joined.manifest.digest)
    return pairs
