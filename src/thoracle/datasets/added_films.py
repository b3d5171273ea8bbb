"""Films that come to a manifest whose split must not move: each goes where its patient is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.duplicates import LOOKALIKE_MIN, DuplicateKind, DuplicatePair, group_films
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, assemble
from thoracle.datasets.split import (
    DROPPED,
    EXTERNAL,
    TEST,
    TRAIN,
    Split,
    SplitRow,
    check_split,
    make_split,
)

ALREADY_THERE = "already-there"
"""Left out: it shows an exposure that is in the manifest already."""
BETWEEN_PARTS = "between-parts"
"""Left out: by patient or near-duplicate it belongs to two parts, or to one that is left out."""
UNKNOWN_PATIENT = "unknown-patient"
"""Left out: its patient is not known, and it resembles a held-out film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A manifest with films added: where they lie in it, and their former paths.

    `added` are paths of the joint manifest; `former` maps its other paths to those of the manifest
    before.
    """

    manifest: Manifest
    added: tuple[str, ...]
    former: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The split of a joint manifest, and how many added films were left out, by reason."""

    split: Split
    pairs: tuple[DuplicatePair, ...]
    left_out: Mapping[str, int]


def join_manifests(old: Manifest, new: Manifest) -> Joined:
    """Join two manifests under one root.

    Parameters
    ----------
    old, new
        With files of their own: one file in both is a ManifestError.

    Returns
    -------
    Joined
        The old films first, each list in its order.

    Raises
    ------
    ManifestError
        There is no new film.
    """
    if not new.films:
        raise ManifestError(
            "found no film to add – expected some that readers have labeled. Export them with "
            "thoracle readings export, or give a manifest of your own.",
            code="readings-none",
        )
    manifest = assemble([_absolute(old), _absolute(new)])
    paths = [film.path for film in manifest.films]
    count = len(old.films)
    former = dict(zip(paths, (film.path for film in old.films), strict=False))
    return Joined(manifest=manifest, added=tuple(paths[count:]), former=former)


def place_added(
    joined: Joined,
    old: Split,
    pairs: Iterable[DuplicatePair],
    *,
    fractions: Mapping[str, float],
    seed: int,
) -> Placed:
    """Give each added film a part; films that were there keep theirs.

    A film whose patient or near-duplicate is there goes to its part. Others are parted by patient
    at random; those of unknown patient go to train. A split that leaks nevertheless is a
    SplitError.

    Parameters
    ----------
    joined
        From `join_manifests`.
    old
        The split of the manifest before.
    pairs
        Near-duplicates of the joint manifest.
    fractions, seed
        Of the films that are parted at random.

    Returns
    -------
    Placed
        Films that are left out are "dropped", and no pair ties them to others.
    """
    known = tuple(pairs)
    groups = group_films(joined.manifest, known)
    before = old.by_path()
    parts = {path: before[former] for path, former in joined.former.items()}
    beside, free = _placed_beside(joined, groups, parts, _copies(known, parts))
    parts |= {path: part for path, (part, _) in beside.items()}
    parts |= _share_out(joined.manifest.select(free), known, fractions, seed)
    kept = _without_dropped(known, parts, joined.added)
    split = Split(
        rows=tuple(
            SplitRow(path=film.path, group=groups[film.path], split=parts[film.path])
            for film in joined.manifest.films
        ),
        manifest_digest=joined.manifest.digest,
        seed=seed,
        duplicate_threshold=LOOKALIKE_MIN,
    )
    check_split(joined.manifest, split, kept)
    return Placed(
        split=split, pairs=kept, left_out=Counter(why for _, why in beside.values() if why)
    )


def pairs_that_matter(
    known: Iterable[DuplicatePair], found: Iterable[DuplicatePair], joined: Joined
) -> tuple[DuplicatePair, ...]:
    """Return the pairs known before, by their new paths, and those that an added film is in.

    Films that were there keep the parts that the pairs known then gave them.

    Parameters
    ----------
    known
        Of the manifest before.
    found
        Of the joint one.
    joined
        From `join_manifests`.
    """
    now = {former: path for path, former in joined.former.items()}
    added = set(joined.added)
    old = [_renamed(pair, now) for pair in known]
    return (*old, *(pair for pair in found if {pair.a, pair.b} & added))


def _renamed(pair: DuplicatePair, now: Mapping[str, str]) -> DuplicatePair:
    a, b = sorted((now[pair.a], now[pair.b]))
    return replace(pair, a=a, b=b)


def _absolute(manifest: Manifest) -> list[Film]:
    root = manifest.root.resolve()
    return [
        replace(
            film,
            path=str(Path(root / film.path)),
            mask_path=None if film.mask_path is None else str(root / film.mask_path),
        )
        for film in manifest.films
    ]


def _placed_beside(
    joined: Joined, groups: Mapping[str, str], parts: Mapping[str, str], copies: Collection[str]
) -> tuple[dict[str, tuple[str, str]], list[Film]]:
    """Return part and reason of added films whose group was there, and the others."""
    films = {film.path: film for film in joined.manifest.films}
    beside: dict[str, tuple[str, str]] = {}
    free: list[Film] = []
    for added, there in _members_of_added(groups, joined).values():
        taken = {parts[one] for one in there}
        if taken:
            beside |= {path: _part_of(films[path], taken, copies) for path in added}
        else:
            free += [films[path] for path in added]
    return beside, free


def _members_of_added(
    groups: Mapping[str, str], joined: Joined
) -> dict[str, tuple[list[str], list[str]]]:
    """Return the added films and the others of each group that has an added one."""
    wanted = {groups[path] for path in joined.added}
    members: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for path, group in groups.items():
        if group in wanted:
            members[group][path in joined.former].append(path)
    return dict(members)


def _copies(pairs: Sequence[DuplicatePair], there: Collection[str]) -> set[str]:
    """Return the added films that show an exposure which is there."""
    exposures = [pair for pair in pairs if pair.kind is not DuplicateKind.LOOKALIKE]
    return {
        one
        for pair in exposures
        for one, other in ((pair.a, pair.b), (pair.b, pair.a))
        if one not in there and other in there
    }


def _part_of(film: Film, parts: set[str], copies: Collection[str]) -> tuple[str, str]:
    """Return the part of a film whose group has films in some parts, and why it is left out."""
    if film.path in copies:
        return DROPPED, ALREADY_THERE
    if len(parts) > 1 or parts & {EXTERNAL, DROPPED}:
        return DROPPED, BETWEEN_PARTS
    (part,) = parts
    if part == TEST and film.patient is None:
        return DROPPED, UNKNOWN_PATIENT
    return part, ""


def _share_out(
    films: Manifest, pairs: Sequence[DuplicatePair], fractions: Mapping[str, float], seed: int
) -> dict[str, str]:
    """Part films whose patients are new by patient; groups with an unknown one go to train."""
    groups = group_films(films, pairs)
    nameless = {groups[film.path] for film in films.films if film.patient is None}
    named = films.select(film for film in films.films if groups[film.path] not in nameless)
    parts = {path: TRAIN for path, group in groups.items() if group in nameless}
    if named.films:
        parts |= make_split(named, pairs, fractions, seed).by_path()
    return parts


def _without_dropped(
    pairs: Sequence[DuplicatePair], parts: Mapping[str, str], added: Collection[str]
) -> tuple[DuplicatePair, ...]:
    left = {path for path in added if parts[path] == DROPPED}
    return tuple(pair for pair in pairs if not {pair.a, pair.b} & left)
