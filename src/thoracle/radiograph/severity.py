"""Estimate how much of the lungs is opaque, as readers would score it: Brixia, extent, opacity."""

from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import Score, Severity
from thoracle.imaging.resample import crop, resize
from thoracle.inference.bundle import Bundle
from thoracle.inference.session import Network
from thoracle.radiograph.preprocess import CLASSIFIER_INPUT, classifier_input
from thoracle.radiograph.types import Lungs

ZONES = ("A", "B", "C", "D", "E", "F")
"""Upper, middle and lower third of the patient's right lung, then of the left."""
MIRRORED = (3, 4, 5, 0, 1, 2)
"""Where each zone's score stands on a film mirrored left to right."""
OUTPUTS = ("zone", "extent", "opacity")
"""The network's channels, in order: each is a score at each place of the film."""
LUNG_MAX = {"zone": 3.0, "extent": 4.0, "opacity": 3.0}
"""The highest score of one zone, and of one lung in extent and in opacity."""
_THIRDS = 3
_LUNGS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityInput:
    """What the network sees of a film, and where the six zones lie in it.

    `film` is (size, size) float32, -1 to 1; `zones` is (6, size, size) bool, each zone some pixels.
    """

    film: FloatArray = field(repr=False)
    zones: BoolArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneScores:
    """Unrounded scores of one film: (6,) zones 0 to 3, extent 0 to 8, opacity 0 to 6."""

    zones: FloatArray
    extent: float
    opacity: float

    @property
    def brixia(self) -> float:
        """The sum of the zones, 0 to 18."""
        return float(self.zones.sum())


class SeverityScorer:
    """The severity network of a bundle.

    Parameters
    ----------
    bundle
        Of task "severity".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task("severity").need_input(CLASSIFIER_INPUT)
        self._network = Network(bundle, threads=threads)

    def scores(self, pixels: FloatArray, lungs: Lungs) -> ZoneScores:
        """Return the unrounded scores of one film.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1, bone bright.
        lungs
            Found in it.

        Returns
        -------
        ZoneScores
            Within their ranges.
        """
        shown = severity_input(pixels, lungs, size=self.bundle.input_size)
        maps = self._network.run(shown.film[None, None])["logits"][0]
        return pooled_scores(maps, shown.zones)

    def judge(self, pixels: FloatArray, lungs: Lungs) -> Severity:
        """Return the scores of one film with intervals, and how well they are known.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1, bone bright.
        lungs
            Found in it.

        Returns
        -------
        Severity
            As pages show it.
        """
        found, number = self.scores(pixels, lungs), self.bundle.number
        return Severity(
            zones=tuple(float(one) for one in found.zones),
            brixia=_with_interval(found.brixia, number("brixia_interval"), highest=18.0),
            extent=_with_interval(found.extent, number("extent_interval"), highest=8.0),
            opacity=_with_interval(found.opacity, number("opacity_interval"), highest=6.0),
            coverage=number("coverage"),
            films=int(number("films")),
            patients=int(number("patients")),
            error=number("brixia_error"),
            reader_difference=number("reader_difference"),
        )


def severity_input(pixels: FloatArray, lungs: Lungs, *, size: int) -> SeverityInput:
    """Return what the network sees of a film, and the six zones in it.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1, bone bright.
    lungs
        Found in it.
    size
        Side of the square, in pixels.

    Returns
    -------
    SeverityInput
        The classifier's crop of the same film.
    """
    rows, columns = pixels.shape
    on_film = resize(lungs.mask.astype(np.float32), rows=rows, columns=columns)
    mask = resize(crop(on_film, lungs.box), rows=size, columns=size) > 0.5
    film = classifier_input(pixels, lungs.box, size=size) * 2.0 - 1.0
    return SeverityInput(film=film, zones=zone_masks(mask))


def zone_masks(mask: BoolArray) -> BoolArray:
    """Part a lung mask into Brixia's six zones, each lung into thirds of its own height.

    Brixia parts lungs at the lower rim of the aortic arch and of the right inferior pulmonary
    vein, which nobody marks here: thirds stand for them. The lungs are parted at the middle of
    their common width.

    Parameters
    ----------
    mask : (rows, columns) bool
        Both lungs. As on film, the patient's right lung lies on the left.

    Returns
    -------
    (6, rows, columns) bool
        In the order of `ZONES`. A zone without lung is its part of the lungs' box, so that each
        zone has pixels; without any lung the box is the whole grid.

    References
    ----------
    Borghesi and Maroldi, COVID-19 outbreak in Italy: experimental chest X-ray scoring system,
    La radiologia medica, 2020.
    """
    rows, columns = mask.shape
    row_hits, column_hits = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom = (row_hits[0], row_hits[-1] + 1) if row_hits.size else (0, rows)
    left, right = (column_hits[0], column_hits[-1] + 1) if column_hits.size else (0, columns)
    middle = (left + right + 1) // 2
    zones = np.zeros((len(ZONES), rows, columns), dtype=bool)
    for lung, (start, end) in enumerate(((left, middle), (middle, right))):
        own = np.flatnonzero(mask[:, start:end].any(axis=1))
        high, low = (own[0], own[-1] + 1) if own.size >= _THIRDS else (top, bottom)
        marks = np.round(np.linspace(high, low, _THIRDS + 1)).astype(np.int64)
        for third in range(_THIRDS):
            part = (slice(marks[third], max(marks[third + 1], marks[third] + 1)), slice(start, end))
            zone = zones[lung * _THIRDS + third]
            zone[part] = mask[part] if mask[part].any() else True
    return zones


def pooled_scores(maps: FloatArray, zones: BoolArray) -> ZoneScores:
    """Pool the network's maps over the zones.

    Parameters
    ----------
    maps : (3, h, w) float32
        In the order of `OUTPUTS`.
    zones : (6, rows, columns) bool
        From `zone_masks`.

    Returns
    -------
    ZoneScores
        Within their ranges; a lung's extent and opacity are the mean of its three zones.
    """
    means = np.einsum("zhw,chw->cz", zone_weights(zones, side=maps.shape[-1]), maps)
    lungs = means.reshape(len(OUTPUTS), _LUNGS, _THIRDS).mean(axis=2)
    return ZoneScores(
        zones=np.clip(means[0], 0.0, LUNG_MAX["zone"]).astype(np.float32),
        extent=float(np.clip(lungs[1], 0.0, LUNG_MAX["extent"]).sum()),
        opacity=float(np.clip(lungs[2], 0.0, LUNG_MAX["opacity"]).sum()),
    )


def zone_weights(zones: BoolArray, *, side: int) -> FloatArray:
    """Return how much each cell of a coarse grid counts for each zone.

    Parameters
    ----------
    zones : (6, rows, columns) bool
        From `zone_masks`.
    side
        Of the coarse grid.

    Returns
    -------
    (6, side, side) float32
        Each zone sums to 1.
    """
    coarse = np.stack([resize(one.astype(np.float32), rows=side, columns=side) for one in zones])
    return np.asarray(coarse / coarse.sum(axis=(1, 2), keepdims=True), dtype=np.float32)


def _with_interval(value: float, half_width: float, *, highest: float) -> Score:
    return Score(
        value=value, low=max(value - half_width, 0.0), high=min(value + half_width, highest)
    )
