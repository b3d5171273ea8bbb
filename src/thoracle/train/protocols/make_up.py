"""The films of a protocol: drawn from a manifest as the paper drew its own, parted by patient."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.errors import RecipeError
from thoracle.datasets.duplicates import DuplicatePair
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import TEST, TRAIN, TUNE, check_split, make_split
from thoracle.train.protocols.protocol import ClassMakeUp, Origin, Protocol

FILMS_MIN = 10  # of a class: with fewer, a part would have none
Search = Callable[[Manifest], Sequence[DuplicatePair]]
"""From films to the near-duplicates among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFilm:
    """A film of a protocol, the index of its class, and its part."""

    film: Film
    target: int
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUp:
    """All films of one repeat, and the digest of their split."""

    films: tuple[DrawnFilm, ...] = field(repr=False)
    split_digest: str

    def counts(self, classes: int) -> dict[str, tuple[int, ...]]:
        """Return the films per class of each part."""
        return {
            part: tuple(
                sum(one.part == part and one.target == index for one in self.films)
                for index in range(classes)
            )
            for part in (TRAIN, TUNE, TEST)
        }


def draw(
    protocol: Protocol, manifest: Manifest, pairs: Sequence[DuplicatePair], *, seed: int, most: int
) -> MakeUp:
    """Draw a protocol's films and part them by patient and near-duplicate.

    Where a class has fewer films than the paper, all are taken. A film that nearly equals one
    already drawn is left out, so that copies of one film, frequent among web collections, count
    once.

    Parameters
    ----------
    protocol
        Its classes and shares.
    manifest
        Holds the collections that the protocol names.
    pairs
        Near-duplicates.
    seed
        Of this repeat: another seed, other films and another split.
    most
        Films per class at most, for a quick run; 0 for all.

    Raises
    ------
    RecipeError
        A class has too few films to be parted.
    """
    rng = np.random.default_rng((seed, 0))
    copies = _copies(pairs)
    taken: dict[str, int] = {}
    for target, one in enumerate(protocol.classes):
        seen = set(taken)
        found = (
            _few_films_of(one, manifest, copies, seen, rng, most)
            if most
            else _films_of(one, manifest, copies, seen, rng)
        )
        if len(found) < FILMS_MIN:
            raise RecipeError(
                f"found {len(found)} films of {one.name!r} for {protocol.name}, copies counted "
                f"once – expected at least {FILMS_MIN} from {', '.join(_sources(one))}. Build a "
                "manifest that holds these.",
                code="protocol-films",
            )
        taken |= dict.fromkeys(found, target)
    films = tuple(film for film in manifest.films if film.path in taken)
    part = manifest.select(films)
    shares = {TRAIN: protocol.shares.train, TUNE: protocol.shares.tune, TEST: protocol.shares.test}
    split = make_split(part, pairs, shares, seed)
    check_split(part, split, pairs)
    names = split.by_path()
    drawn = (DrawnFilm(film=f, target=taken[f.path], part=names[f.path]) for f in films)
    return MakeUp(films=tuple(drawn), split_digest=split.digest)


def _films_of(
    one: ClassMakeUp,
    manifest: Manifest,
    copies: Mapping[str, set[str]],
    taken: set[str],
    rng: np.random.Generator,
) -> list[str]:
    chosen: list[str] = []
    seen = set(taken)
    for origin in one.origins:
        candidates = [film.path for film in manifest.films if _fits(film, origin)]
        kept = 0
        for index in rng.permutation(len(candidates)):
            path = candidates[index]
            if origin.films and kept == origin.films:
                break
            if path in seen or copies.get(path, set()) & seen:
                continue
            chosen.append(path)
            seen.add(path)
            kept += 1
    return [chosen[index] for index in rng.permutation(len(chosen))]


def _few_films_of(
    one: ClassMakeUp,
    manifest: Manifest,
    copies: Mapping[str, set[str]],
    taken: set[str],
    rng: np.random.Generator,
    most: int,
) -> list[str]:
    """Draw from all origins at once and stop at `most`: what comes after need not be known."""
    places = [
        (origin, film.path)
        for origin in one.origins
        for film in manifest.films
        if _fits(film, origin)
    ]
    chosen: list[str] = []
    seen = set(taken)
    kept: Counter[Origin] = Counter()
    for index in rng.permutation(len(places)):
        origin, path = places[index]
        is_full = origin.films and kept[origin] == origin.films
        if is_full or path in seen or copies.get(path, set()) & seen:
            continue
        chosen.append(path)
        seen.add(path)
        kept[origin] += 1
        if len(chosen) == most:
            break
    return chosen


def _fits(film: Film, origin: Origin) -> bool:
    if film.source not in origin.sources or film.label not in origin.labels:
        return False
    return film.view in origin.views if origin.views else is_frontal(film)


def _copies(pairs: Sequence[DuplicatePair]) -> dict[str, set[str]]:
    copies: dict[str, set[str]] = {}
    for pair in pairs:
        copies.setdefault(pair.a, set()).add(pair.b)
        copies.setdefault(pair.b, set()).add(pair.a)
    return copies


def _sources(one: ClassMakeUp) -> list[str]:
    return sorted({source for origin in one.origins for source in origin.sources})


def candidates(protocol: Protocol, manifest: Manifest) -> tuple[Film, ...]:
    """Return every film of a manifest that some repeat of a protocol could draw, in its order."""
    origins = [origin for one in protocol.classes for origin in one.origins]
    return tuple(film for film in manifest.films if any(_fits(film, origin) for origin in origins))


def need_films(protocol: Protocol, manifest: Manifest) -> None:
    """Refuse a manifest that lacks a class of a protocol, before anything long is done with it.

    Raises
    ------
    RecipeError
        A class has too few films, whether they are copies of each other or not.
    """
    for one in protocol.classes:
        counts = [sum(_fits(film, origin) for film in manifest.films) for origin in one.origins]
        if sum(counts) < FILMS_MIN:
            told = "; ".join(
                f"{count} of {_named(origin)}"
                for count, origin in zip(counts, one.origins, strict=True)
            )
            raise RecipeError(
                f"found {sum(counts)} films of {one.name!r} for {protocol.name} ({told}) – "
                f"expected at least {FILMS_MIN}. Build a manifest that holds these sources and "
                "labels.",
                code="protocol-films",
            )


def _named(origin: Origin) -> str:
    views = f", view {' or '.join(origin.views)}" if origin.views else ""
    return f"source {' or '.join(origin.sources)} with label {' or '.join(origin.labels)}{views}"


def pairs_that_matter(
    protocol: Protocol, manifest: Manifest, search: Search, *, seeds: Sequence[int], most: int
) -> Sequence[DuplicatePair]:
    """Search for near-duplicates no further than a run's draws can meet them.

    Parameters
    ----------
    protocol, manifest
        A manifest that lacks a class is a RecipeError.
    search
        Finds near-duplicates; asked of all candidates, or, for a quick run, of those that its
        repeats draw: again and again, until they draw no film that was not searched.
    seeds, most
        Of the repeats, as `draw` takes them.
    """
    need_films(protocol, manifest)
    if not most:
        return search(manifest.select(candidates(protocol, manifest)))
    searched: set[str] = set()
    pairs: Sequence[DuplicatePair] = ()
    while True:
        draws = (draw(protocol, manifest, pairs, seed=seed, most=most) for seed in seeds)
        drawn = {one.film.path for made in draws for one in made.films}
        if drawn <= searched:
            return pairs
        searched |= drawn
        pairs = search(manifest.select(one for one in manifest.films if one.path in searched))
