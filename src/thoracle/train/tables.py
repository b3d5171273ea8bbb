"""From manifest, split and recipe to the film tables of a task."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thoracle.core.arrays import ByteArray, FloatArray, IntArray
from thoracle.datasets.collections import CollectionFilm
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import gate_films, is_frontal
from thoracle.datasets.labels import (
    COVID_19_FINDING,
    FINDINGS,
    NO_FINDING,
    OTHER_LUNG_OPACITY,
    is_abnormal,
)
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.masks import read_mask
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.resample import crop, equalize, resize, to_bytes
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.radiograph.preprocess import (
    CLASSIFIER_INPUT,
    GATE_INPUT,
    LUNG_INPUT,
    classifier_margin,
    gate_input,
    lung_box,
    scale_box,
    wide_classifier_input,
)
from thoracle.train.films import FilmArrays, cached_arrays
from thoracle.train.lung_finder import LungFinder
from thoracle.train.recipe import Recipe, StageRecipe
from thoracle.train.table import FilmTable

GATE_SIDE = 256  # cached; the network sees 224 after zoom and turn.


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTables:
    """Train and tune films of a stage, and the names of the sources."""

    train: FilmTable
    tune: FilmTable
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """What a run reads: films, their split, and where arrays are cached.

    `groups` names by path the films that belong together, by patient or as near-duplicates.
    """

    manifest: Manifest
    splits: Mapping[str, str]
    cache: Path
    groups: Mapping[str, str] = field(default_factory=dict)

    def split_of(self, film: Film) -> str:
        """Return the split of a film, "" when it has none."""
        return self.splits.get(film.path, "")

    def group_of(self, film: Film) -> str:
        """Return the name of a film's group: its patient, or itself, where none is known."""
        return self.groups.get(film.path) or film.patient or film.path


def lung_tables(data: TrainingData, recipe: Recipe, stage: StageRecipe) -> TaskTables:
    """Return a stage's films that have a reference lung mask, ranked, and the masks."""
    pairs = [
        (film, mask_file)
        for film in data.manifest.films
        if (mask_file := data.manifest.resolve_mask(film)) is not None
    ]
    films = [film for film, _ in pairs]

    def make(index: int) -> tuple[ByteArray, ByteArray]:
        film, mask_file = pairs[index]
        pixels = decode_trusted_film(data.manifest.resolve(film)).pixels
        side = recipe.size
        mask = read_mask(mask_file).astype(np.float32)
        shown = equalize(resize(pixels, rows=side, columns=side))
        return to_bytes(shown), to_bytes(resize(mask, rows=side, columns=side))

    files = [data.manifest.resolve(film) for film in films]
    arrays = cached_arrays(
        files, make, side=recipe.size, folder=data.cache, kind="lungs", form=LUNG_INPUT
    )
    sources, index = _indexed([film.source for film in films])
    table = FilmTable(
        arrays=arrays,
        rows=np.arange(len(films)),
        targets=np.zeros_like(index),  # one class: sources by the square root of their number
        sources=index,
    )
    keep = np.flatnonzero([_is_among(film, stage) for film in films])
    return _divide(table.take(keep), [data.split_of(films[index]) for index in keep], sources)


def gate_tables(
    data: TrainingData, collections: Sequence[CollectionFilm], *, untrained_kinds: Set[str]
) -> TaskTables:
    """Return frontal and lateral films and CT of the manifest, and the recipe's collections."""
    entries = gate_films(data.manifest, data.splits, collections, untrained_kinds=untrained_kinds)

    def make(index: int) -> tuple[ByteArray, ByteArray]:
        pixels = decode_trusted_film(entries[index].file).pixels
        shown = to_bytes(gate_input(pixels, size=GATE_SIDE))
        return shown, np.zeros_like(shown)

    files = [one.file for one in entries]
    arrays = cached_arrays(
        files, make, side=GATE_SIDE, folder=data.cache, kind="gate", form=GATE_INPUT
    )
    sources, source_index = _indexed([one.source for one in entries])
    table = FilmTable(
        arrays=arrays,
        rows=np.arange(len(entries)),
        targets=np.array([GATE_CLASSES.index(one.kind) for one in entries]),
        sources=source_index,
    )
    return _divide(table, [one.split for one in entries], sources)


def finding_index(film: Film, *, merge_covid: bool) -> int:
    """Return the class of a film, -1 where its label does not decide it.

    With `merge_covid` every abnormal film counts as other opacity, as in PUC-RIO's first stage.
    """
    if merge_covid:
        abnormal = is_abnormal(film.possible)
        if abnormal is None:
            return -1
        return FINDINGS.index(OTHER_LUNG_OPACITY if abnormal else NO_FINDING)
    return -1 if film.finding is None else FINDINGS.index(film.finding)


def classifier_tables(
    data: TrainingData, recipe: Recipe, stage: StageRecipe, finder: LungFinder
) -> TaskTables:
    """Return frontal films of a stage, cut to their lungs.

    Parameters
    ----------
    data
        Manifest, split, cache.
    recipe, stage
        The side of the crop; which films, and whether COVID-19 counts as other opacity.
    finder
        Finds the lungs that the films are cut to.

    Returns
    -------
    TaskTables
        Films whose label decides their finding; without those of no finding if `kind_only`.
    """
    films = [film for film in data.manifest.films if is_frontal(film)]
    arrays = _lung_box_arrays(data, films, finder, size=recipe.size)
    sources, source_index = _indexed([film.source for film in films])
    targets = np.array([finding_index(film, merge_covid=stage.merge_covid) for film in films])
    table = FilmTable(
        arrays=arrays, rows=np.arange(len(films)), targets=targets, sources=source_index
    )
    is_kept = [
        target >= int(stage.kind_only) and _in_stage(film, stage)
        for film, target in zip(films, targets, strict=True)
    ]
    keep = np.flatnonzero(is_kept)
    splits = [data.split_of(films[index]) for index in keep]
    return _divide(table.take(keep), splits, sources)


def anomaly_tables(
    data: TrainingData, recipe: Recipe, stage: StageRecipe, finder: LungFinder
) -> TaskTables:
    """Return a stage's frontal films without a finding, cut to their lungs, children as class 1."""
    table, films, sources = normal_table(data, recipe, stage, finder)
    return _divide(table, [data.split_of(film) for film in films], sources)


def normal_table(
    data: TrainingData, recipe: Recipe, stage: StageRecipe, finder: LungFinder
) -> tuple[FilmTable, list[Film], tuple[str, ...]]:
    """Return a stage's frontal films without a finding, of all splits, and what they are.

    Parameters
    ----------
    data
        Manifest, split, cache.
    recipe, stage
        The side of the crop; sources and populations.
    finder
        Finds the lungs that the films are cut to.

    Returns
    -------
    table
        Adults are class 0, children class 1.
    films
        Row by row.
    sources
        Names of the collections.
    """
    films = [
        film
        for film in data.manifest.films
        if is_frontal(film) and film.finding == NO_FINDING and _is_among(film, stage)
    ]
    sources, source_index = _indexed([film.source for film in films])
    is_child = [film.assumed_population is Population.CHILD for film in films]
    table = FilmTable(
        arrays=_lung_box_arrays(data, films, finder, size=recipe.size),
        rows=np.arange(len(films)),
        targets=np.array(is_child, dtype=np.int64),
        sources=source_index,
    )
    return table, films, sources


def frontal_arrays(data: TrainingData, finder: LungFinder, *, size: int) -> FilmArrays:
    """Return all frontal films of the manifest, in its order, cut to their lungs."""
    films = [film for film in data.manifest.films if is_frontal(film)]
    return _lung_box_arrays(data, films, finder, size=size)


def _lung_box_arrays(
    data: TrainingData, films: Sequence[Film], finder: LungFinder, *, size: int
) -> FilmArrays:
    def make(index: int) -> tuple[ByteArray, ByteArray]:
        pixels = decode_trusted_film(data.manifest.resolve(films[index])).pixels
        return classifier_arrays(pixels, finder, size=size)

    return cached_arrays(
        [data.manifest.resolve(film) for film in films],
        make,
        side=size + 2 * classifier_margin(size),
        folder=data.cache,
        kind=f"lung-box-{finder.bundle.network_sha256[:8]}",
        form=CLASSIFIER_INPUT,
    )


def classifier_arrays(
    pixels: FloatArray, finder: LungFinder, *, size: int
) -> tuple[ByteArray, ByteArray]:
    """Return the wide classifier input of a film and the lung mask in it, (side, side) uint8."""
    mask = finder.find(pixels)
    rows, columns = pixels.shape
    box = lung_box(mask, rows=rows, columns=columns) or (0, 0, rows, columns)
    shown = wide_classifier_input(pixels, box, size=size)
    side = len(shown)
    wide = scale_box(box, factor=side / size)
    on_film = resize(mask.astype(np.float32), rows=rows, columns=columns)
    return to_bytes(shown), to_bytes(resize(crop(on_film, wide), rows=side, columns=side))


def stage_films(manifest: Manifest, stage: StageRecipe) -> list[Film]:
    """Return the films of a stage's sources and populations."""
    return [film for film in manifest.films if _in_stage(film, stage)]


def finding_counts(table: FilmTable) -> IntArray:
    """Return the films per finding."""
    return np.bincount(table.targets, minlength=len(FINDINGS))


def _in_stage(film: Film, stage: StageRecipe) -> bool:
    is_child = film.assumed_population is Population.CHILD
    if is_child and not stage.merge_covid and film.finding == COVID_19_FINDING:
        return False
    return _is_among(film, stage)


def _is_among(film: Film, stage: StageRecipe) -> bool:
    if stage.sources and film.source not in stage.sources:
        return False
    return not stage.populations or film.assumed_population in stage.populations


def _indexed(names: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    unique = tuple(sorted(set(names)))
    return unique, np.array([unique.index(name) for name in names], dtype=np.int64)


def _divide(table: FilmTable, splits: Sequence[str], sources: tuple[str, ...]) -> TaskTables:
    marks = np.array(splits)
    return TaskTables(
        train=table.take(np.flatnonzero(marks == "train")),
        tune=table.take(np.flatnonzero(marks == "tune")),
        sources=sources,
    )
