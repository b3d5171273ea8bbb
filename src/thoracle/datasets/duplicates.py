"""Near-duplicates inside and across sources, and the groups of films that must stay together."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import SplitError
from thoracle.core.files import write_atomically
from thoracle.core.progress import Progress, Steps
from thoracle.datasets.alignment import detail_pyramid, verify
from thoracle.datasets.candidates import Candidate, blocks, describe, find_candidates
from thoracle.datasets.manifest import Manifest, companion_path, csv_bytes
from thoracle.datasets.thumbnails import as_unit, load_thumbnails

# Measured by benchmarks/duplicates.py; docs/decisions/0003 holds the figures.
COPY_MIN = 0.60
"""Correlation of aligned detail from which two films show one exposure of one patient."""
LOOKALIKE_MIN = 0.50
"""From here to `COPY_MIN`: mostly another film of one patient. Grouped too, since keeping
two strangers together costs nothing and parting one patient's films leaks."""
CANDIDATE_MIN = 0.50
NEIGHBORS = 30  # of each film; a copy that is cropped and resized is not always the nearest
_COLUMNS = ("a", "b", "score", "kind")
_CROP_CHANGE = 0.03  # a placement that differs so much from 1 along an axis cut off borders
_MIN_FILMS = 2


class DuplicateKind(StrEnum):
    """How two near-duplicates differ."""

    COPY = "copy"
    CROP = "crop"
    MIRRORED = "mirrored"
    LOOKALIKE = "lookalike"
    LUNGS = "lungs"
    """Only the lungs were compared; the score is `thoracle.datasets.lung_forms`' correlation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """Two films of a manifest, by path with `a` < `b`, that must never be in two splits.

    `score` is the correlation of their aligned detail, -1 to 1; where only lungs were compared,
    that of the lungs' detail.
    """

    a: str
    b: str
    score: float
    kind: DuplicateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateSearch:
    """What a search over a manifest found.

    `unreadable` names films whose file is no picture; `negative_scores` are the
    correlations of candidates that were refused, for the report.
    """

    pairs: tuple[DuplicatePair, ...]
    unreadable: tuple[str, ...]
    candidates: int
    negative_scores: tuple[float, ...]


def find_duplicates(manifest: Manifest, *, on_progress: Progress) -> DuplicateSearch:
    """Compare every film with every other and return the pairs that show one film or patient.

    Found are re-encodings, resizes (aspect lost or not), crops of up to 15 % a side,
    monotone changes of grey, mirror images and drawn marks; not rotations.

    Parameters
    ----------
    manifest
        Its films are read once, at low resolution.
    on_progress
        Told about the stages "read", "compare" and "verify".
    """
    films = manifest.films
    count = Steps(on_progress, "read", len(films))
    paths = (manifest.resolve(film) for film in films)
    thumbnails, unreadable = load_thumbnails(paths, on_step=count.step)
    if len(films) < _MIN_FILMS:
        return DuplicateSearch(pairs=(), unreadable=(), candidates=0, negative_scores=())
    candidates, scores = match(as_unit(thumbnails), on_progress=on_progress)
    flat = set(unreadable)
    pairs = [
        _pair(films[one.query].path, films[one.gallery].path, float(score), one)
        for one, score in zip(candidates, scores, strict=True)
        if score >= LOOKALIKE_MIN and not flat & {one.query, one.gallery}
    ]
    return DuplicateSearch(
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.a, pair.b))),
        unreadable=tuple(films[position].path for position in unreadable),
        candidates=len(candidates),
        negative_scores=tuple(float(s) for s in scores if -1 < s < LOOKALIKE_MIN),
    )


def match(thumbnails: FloatArray, *, on_progress: Progress) -> tuple[list[Candidate], FloatArray]:
    """Find candidate pairs among (films, 128, 128) float32 thumbnails and verify each."""
    compare = Steps(on_progress, "compare", blocks(len(thumbnails)))
    candidates = find_candidates(
        describe(thumbnails), neighbors=NEIGHBORS, score_min=CANDIDATE_MIN, on_step=compare.step
    )
    verified = Steps(on_progress, "verify", len(candidates))
    scores = verify(detail_pyramid(thumbnails), candidates, on_step=verified.step)
    return candidates, np.asarray(scores, np.float32)


def group_films(manifest: Manifest, pairs: Iterable[DuplicatePair]) -> dict[str, str]:
    """Join films that share a patient or a duplicate link, through any chain of both.

    Returns
    -------
    dict of str to str
        Film path to the group's name, which is the smallest path in it.
    """
    parent = {film.path: film.path for film in manifest.films}
    first_of: dict[str, str] = {}
    for film in manifest.films:
        if film.patient is not None:
            _join(parent, film.path, first_of.setdefault(film.patient, film.path))
    for pair in pairs:
        if pair.a in parent and pair.b in parent:
            _join(parent, pair.a, pair.b)
    return {path: _find(parent, path) for path in parent}


def write_pairs(pairs: Sequence[DuplicatePair], path: Path, *, manifest_digest: str) -> None:
    """Write pairs as CSV, and a companion that names the manifest they belong to."""
    rows = [
        {"a": pair.a, "b": pair.b, "score": f"{pair.score:.4f}", "kind": str(pair.kind)}
        for pair in pairs
    ]
    write_atomically(path, csv_bytes(rows, _COLUMNS))
    companion = {
        "manifest_digest": manifest_digest,
        "duplicate_threshold": LOOKALIKE_MIN,
        "pairs": len(rows),
    }
    write_atomically(companion_path(path), (json.dumps(companion, indent=2) + "\n").encode())


def read_pairs(path: Path, *, manifest_digest: str) -> tuple[DuplicatePair, ...]:
    """Read pairs that were written for one manifest.

    Raises
    ------
    SplitError
        A file is missing or malformed, or the pairs belong to another manifest.
    """
    try:
        companion = json.loads(companion_path(path).read_text(encoding="utf-8"))
        with path.open(encoding="utf-8", newline="") as stream:
            pairs = tuple(
                DuplicatePair(
                    a=row["a"],
                    b=row["b"],
                    score=float(row["score"]),
                    kind=DuplicateKind(row["kind"]),
                )
                for row in csv.DictReader(stream)
            )
        belongs_to = companion["manifest_digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SplitError(
            f"{path} cannot be read as duplicates ({error}); expected the CSV and its .json as "
            "`thoracle data audit` writes them. Run the audit again."
        ) from None
    if belongs_to != manifest_digest:
        raise SplitError(
            f"{path} belongs to manifest {str(belongs_to)[:12]}, but this one is "
            f"{manifest_digest[:12]}. Run `thoracle data audit` on this manifest."
        )
    return pairs


def _pair(one: str, other: str, score: float, candidate: Candidate) -> DuplicatePair:
    placement = candidate.placement
    if score < COPY_MIN:
        kind = DuplicateKind.LOOKALIKE
    elif placement.is_flipped:
        kind = DuplicateKind.MIRRORED
    elif max(abs(placement.scale_y - 1), abs(placement.scale_x - 1)) > _CROP_CHANGE:
        kind = DuplicateKind.CROP
    else:
        kind = DuplicateKind.COPY
    return DuplicatePair(a=min(one, other), b=max(one, other), score=score, kind=kind)


def _find(parent: dict[str, str], path: str) -> str:
    while parent[path] != path:
        parent[path] = parent[parent[path]]
        path = parent[path]
    return path


def _join(parent: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_find(parent, one), _find(parent, other)))
    parent[second] = first
