"""Use cases around manifests: build one, find its near-duplicates, split it, audit it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ImageError, SplitError
from thoracle.core.files import sha256_of_file
from thoracle.core.progress import Progress, counted
from thoracle.datasets.duplicates import (
    DuplicateKind,
    DuplicatePair,
    DuplicateSearch,
    find_duplicates,
    read_pairs,
)
from thoracle.datasets.film import Film
from thoracle.datasets.lung_forms import FORMS, alike, compare_form
from thoracle.datasets.manifest import Manifest, assemble, refuse_synthetic_films
from thoracle.datasets.readers import dicom_tree, folder, registry, table
from thoracle.datasets.readers.reading import Reading
from thoracle.datasets.split import DEFAULT_FRACTIONS, Split, check_split, leave_out, make_split
from thoracle.imaging.faults import UnreadableFileError
from thoracle.jobs.film_lungs import FindLungs, read_film


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a manifest is built from: named collections and films of one's own."""

    sources: tuple[tuple[str, Path], ...] = ()
    folders: tuple[Path, ...] = ()
    dicom_trees: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()
    patient_pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """How a manifest is parted; left-out sources and sites exclude each other."""

    seed: int
    fractions: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_FRACTIONS))
    use_official: bool = False
    left_out_sources: tuple[str, ...] = ()
    left_out_sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A manifest, and in words what was left out of each folder that holds more than films."""

    manifest: Manifest
    skipped: tuple[str, ...] = ()


def build(inputs: Inputs, *, with_sha256: bool) -> Built:
    """Read every input and join the films into one manifest.

    Parameters
    ----------
    inputs
        Collections by name, folders per class, DICOM trees and tables.
    with_sha256
        Whether every file is read once to keep its digest.

    Returns
    -------
    Built
        An input that is not what its reader expects, and a file that comes twice, are a
        ManifestError; a synthetic film and a file that cannot be read are an ImageError.
    """
    groups = [registry.read_source(name, where) for name, where in inputs.sources]
    readings = [*_readings(inputs)]
    groups += [reading.films for _, reading in readings]
    groups += [table.read(where.resolve()) for where in inputs.tables]
    manifest = assemble(groups)
    refuse_synthetic_films(manifest)
    if with_sha256:
        manifest = manifest.select(_with_sha256(film, manifest) for film in manifest.films)
    skipped = tuple(
        f"{where}: skipped {reading.skipped_text}" for where, reading in readings if reading.skipped
    )
    return Built(manifest=manifest, skipped=skipped)


def near_duplicates(
    manifest: Manifest,
    *,
    known: Path | None,
    find_lungs: FindLungs | None = None,
    on_progress: Progress,
) -> DuplicateSearch:
    """Search a manifest for near-duplicates, or read those that an earlier search wrote.

    Parameters
    ----------
    manifest
        The films.
    known
        A file from `write_pairs` for this very manifest; None to search.
    find_lungs
        With it films are also compared by their lungs alone, known or not, which finds those of
        which more than 15 % a side was cut off.
    on_progress
        Told about the search's stages.
    """
    if known is None:
        search = find_duplicates(manifest, on_progress=on_progress)
    else:
        pairs = read_pairs(known, manifest_digest=manifest.digest)
        search = DuplicateSearch(pairs=pairs, unreadable=(), candidates=0, negative_scores=())
    if find_lungs is None:
        return search
    found = {(pair.a, pair.b) for pair in search.pairs}
    more = _same_lungs(manifest, find_lungs, on_progress)
    new = [pair for pair in more.pairs if (pair.a, pair.b) not in found]
    pairs = tuple(sorted((*search.pairs, *new), key=lambda pair: (-pair.score, pair.a, pair.b)))
    unreadable = tuple(dict.fromkeys((*search.unreadable, *more.unreadable)))
    return replace(search, pairs=pairs, unreadable=unreadable)


def split_manifest(manifest: Manifest, pairs: Sequence[DuplicatePair], plan: SplitPlan) -> Split:
    """Make the split that a plan asks for, and check that it does not leak.

    Raises
    ------
    SplitError
        The plan is impossible.
    """
    if not plan.left_out_sources and not plan.left_out_sites:
        split = make_split(
            manifest, pairs, plan.fractions, plan.seed, use_official=plan.use_official
        )
    elif plan.use_official:
        raise SplitError(
            "The official split and a left-out source exclude each other. Give one of them."
        )
    else:
        split = leave_out(
            manifest,
            pairs,
            plan.fractions,
            plan.seed,
            sources=plan.left_out_sources,
            sites=plan.left_out_sites,
        )
    check_split(manifest, split, pairs)
    return split


def _same_lungs(
    manifest: Manifest, find_lungs: FindLungs, on_progress: Progress
) -> DuplicateSearch:
    """Compare films by the lungs that one network finds: readers outline them each their way."""
    paths: list[str] = []
    details: list[FloatArray] = []
    unreadable: list[str] = []
    for film in counted(manifest.films, "lungs", on_progress):
        try:
            pixels = read_film(film, manifest)
        except ImageError:
            unreadable.append(film.path)
            continue
        lungs = find_lungs(pixels)
        if lungs.any():
            paths.append(film.path)
            details.append(compare_form(pixels, lungs)[FORMS.index("detail")])
    pairs = []
    for one, other, score in alike(np.array(details, np.float32)) if details else ():
        a, b = sorted((paths[one], paths[other]))
        pairs.append(DuplicatePair(a=a, b=b, score=score, kind=DuplicateKind.LUNGS))
    return DuplicateSearch(
        pairs=tuple(pairs),
        unreadable=tuple(unreadable),
        candidates=len(details),
        negative_scores=(),
    )


def _readings(inputs: Inputs) -> Iterator[tuple[Path, Reading]]:
    for where in inputs.folders:
        yield where, folder.read(where.resolve(), patient_pattern=inputs.patient_pattern)
    for where in inputs.dicom_trees:
        yield where, dicom_tree.read(where.resolve())


def _with_sha256(film: Film, manifest: Manifest) -> Film:
    path = manifest.resolve(film)
    try:
        return replace(film, sha256=sha256_of_file(path))
    except OSError as fault:
        raise UnreadableFileError(path, fault) from fault
