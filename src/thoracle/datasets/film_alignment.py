"""Films chosen for the model and carried onto one outline, so that anatomy meets anatomy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, ByteArray, DoubleArray, FloatArray
from thoracle.datasets.duplicates import DuplicatePair, group_films
from thoracle.datasets.film import Film, Population
from thoracle.datasets.film_model import SIZE, TONES
from thoracle.datasets.film_shape import FRAME, Outline, outline_of, warp
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.resample import equalize

SEEN_MIN = 0.75
"""Share of the frame that a film must show; one that shows less is cut too close."""
_ASPECT_RANGE = (0.55, 1.5)  # of the lungs' box; beyond, a part is missing from the mask
_TAIL = 0.005  # of the pixels at either end, where letters and shutters are


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinedFilm:
    """A film and the outline of its lungs.

    `pixels` is (rows, columns) uint8, bone bright; `group` names the patient with all
    near-duplicates.
    """

    finding: str
    group: str
    outline: Outline
    pixels: ByteArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedFilms:
    """Films on one outline.

    Attributes
    ----------
    findings : (films,) int64
        Positions in the list of findings that was asked for.
    outlines : (films, 2 * POINTS + 1) float64
        Points and the logarithm of the aspect, as in `FilmModel`.
    pictures : (films, SIZE, SIZE) float32
        Ranks of grey, 0 to 1.
    seen : (films, SIZE, SIZE) bool
        What of the frame each film shows.
    tones : (films, TONES) float64
        Tone curves, 0 to 1.
    """

    findings: np.ndarray
    outlines: DoubleArray
    pictures: FloatArray = field(repr=False)
    seen: BoolArray = field(repr=False)
    tones: DoubleArray = field(repr=False)


def choose_films(
    manifest: Manifest,
    pairs: Iterable[DuplicatePair],
    *,
    per_finding: int,
    seed: int,
    one_each: bool = True,
) -> tuple[tuple[Film, str], ...]:
    """Choose frontal films of adults, one of each patient and of each set of near-duplicates.

    Parameters
    ----------
    manifest
        Films whose label does not decide a finding are left out.
    pairs
        Near-duplicates of the manifest.
    per_finding
        How many at most.
    seed
        Decides which, where there are more.
    one_each
        False takes every film of a patient, to compare with rather than to learn from.

    Returns
    -------
    tuple of (Film, group)
    """
    groups = group_films(manifest, pairs)
    usable = [
        film
        for film in manifest.films
        if film.finding and film.population is Population.ADULT and is_frontal(film)
    ]
    order = np.random.default_rng(seed).permutation(len(usable))
    chosen: list[tuple[Film, str]] = []
    taken: set[str] = set()
    counts = dict.fromkeys(FINDINGS, 0)
    for position in order:
        film = usable[position]
        group = groups[film.path]
        is_free = group not in taken or not one_each
        if is_free and film.finding and counts[film.finding] < per_finding:
            taken.add(group)
            counts[film.finding] += 1
            chosen.append((film, group))
    return tuple(sorted(chosen, key=lambda each: each[0].path))


def outline_film(
    pixels: ByteArray, lungs: BoolArray, *, finding: str, group: str
) -> OutlinedFilm | None:
    """Mark a film's lungs; None where the mask does not show two whole ones.

    Parameters
    ----------
    pixels : (rows, columns) uint8
        Bone bright.
    lungs : (rows, columns) bool
        On any grid that covers the film.
    finding, group
        Kept.
    """
    rows, columns = pixels.shape
    outline = outline_of(lungs, film_aspect=rows / columns)
    if outline is None or not _ASPECT_RANGE[0] < outline.aspect < _ASPECT_RANGE[1]:
        return None
    return OutlinedFilm(finding=finding, group=group, outline=outline, pixels=pixels)


def align_films(films: Sequence[OutlinedFilm], findings: Sequence[str]) -> AlignedFilms:
    """Carry films onto their mean outline; those that show too little of the frame are left out."""
    outlines = np.array(
        [[*each.outline.points.ravel(), np.log(each.outline.aspect)] for each in films]
    )
    mean = outlines.mean(axis=0)[:-1].reshape(-1, 2)
    pictures = np.empty((len(films), SIZE, SIZE), np.float32)
    seen = np.empty((len(films), SIZE, SIZE), bool)
    tones = np.empty((len(films), TONES))
    for k, each in enumerate(films):
        picture, seen[k] = _align(each, mean)
        tones[k] = _tone_curve(picture[seen[k]])
        pictures[k] = _ranked(picture, seen[k])
    kept = seen.mean(axis=(1, 2)) >= SEEN_MIN
    return AlignedFilms(
        findings=np.array([findings.index(each.finding) for each in films])[kept],
        outlines=outlines[kept],
        pictures=pictures[kept],
        seen=seen[kept],
        tones=tones[kept],
    )


def _align(film: OutlinedFilm, mean: DoubleArray) -> tuple[FloatArray, BoolArray]:
    where = warp(mean, film.outline.points, rows=SIZE, columns=SIZE)
    top, left, bottom, right = film.outline.box
    rows, columns = film.pixels.shape
    y = (top + where[0] * (bottom - top)) * rows - 0.5
    x = (left + where[1] * (right - left)) * columns - 0.5
    seen = (y > -0.5) & (y < rows - 0.5) & (x > -0.5) & (x < columns - 0.5)
    grey = film.pixels.astype(np.float32) / 255
    # Pixels of the film per pixel of the frame; beyond one, detail would fold back.
    shrink = (bottom - top) * rows * (FRAME[2] - FRAME[0]) / SIZE
    if shrink > 1.3:
        grey = scipy.ndimage.gaussian_filter(grey, 0.4 * shrink)
    return scipy.ndimage.map_coordinates(grey, [y, x], order=1, mode="nearest"), seen


def _tone_curve(grey: FloatArray) -> DoubleArray:
    curve = np.quantile(grey, np.clip(np.linspace(0, 1, TONES), _TAIL, 1 - _TAIL))
    return np.asarray((curve - curve[0]) / max(curve[-1] - curve[0], 1e-3), np.float64)


def _ranked(picture: FloatArray, seen: BoolArray) -> FloatArray:
    """Return ranks among the pixels that the film shows; the rest keep the nearest pixel's."""
    out = np.zeros_like(picture)
    out[seen] = equalize(picture[seen])
    return out
