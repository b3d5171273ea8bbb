"""Which pictures train and test the gate, and what each of them is."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from thoracle.datasets.collections import CollectionFilm
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFilm:
    """One picture for the gate, upright as it lies on disk; `kind` is one of the gate's kinds."""

    file: Path
    kind: str
    source: str
    split: str


def gate_films(
    manifest: Manifest,
    splits: Mapping[str, str],
    collections: Sequence[CollectionFilm],
    *,
    untrained_kinds: Set[str] = frozenset(),
) -> tuple[GateFilm, ...]:
    """Return the manifest's films whose view is known, and the collections' pictures.

    Parameters
    ----------
    manifest
        Chest radiographs and CT pictures.
    splits
        Path to split.
    collections
        What is no chest radiograph.
    untrained_kinds
        Kinds that are test films whatever their split, to see how an unseen kind fares.

    Returns
    -------
    tuple of GateFilm
        The manifest's first.
    """
    films = [
        GateFilm(
            file=manifest.resolve(film),
            kind=kind,
            source=film.source,
            split=splits.get(film.path, ""),
        )
        for film in manifest.films
        if (kind := gate_kind(film)) is not None
    ]
    others = (
        GateFilm(file=one.file, kind=one.kind, source=one.collection, split=one.split)
        for one in collections
    )
    return tuple(
        replace(one, split="test") if one.kind in untrained_kinds else one
        for one in (*films, *others)
    )


def gate_kind(film: Film) -> str | None:
    """Return the gate's kind of a film, None where its view is not known for sure.

    Cohen's films without a view include laterals; other collections hold frontal films only.
    """
    if film.modality == "CT":
        return "ct"
    if film.view == "L":
        return "lateral_chest"
    return None if film.source == "cohen" and film.view is None else "frontal_chest"


def is_frontal(film: Film) -> bool:
    """Say whether a film can train or test the classifier."""
    return gate_kind(film) == "frontal_chest"
