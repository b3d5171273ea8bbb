"""A synthetic thorax scanned on any grid as a CT scan, with labels and its exact volumes.

Places are (up, back, left) in mm, as the axes of a scan; (0, 0, 0) is the middle of the chest.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.core.files import sha256_of
from thoracle.ct.types import BACKGROUND, CONSOLIDATION, GROUND_GLASS, LUNG, Segmentation
from thoracle.datasets.thorax import Thorax, ThoraxVolumes, volumes_of
from thoracle.datasets.thorax_shapes import Egg, Lesion
from thoracle.imaging.scan import CtScan, ScanFacts

Place = tuple[float, float, float]
"""Along slices, rows and columns, in mm."""

PADDING_HU: Final = -2000  # what many scanners write outside of their round field of view
SAMPLE_MM: Final = 1.5  # samples of a voxel lie at most this far apart
SAMPLES_LEAST: Final = 3  # along each side; odd, for an even number leaves ties, which bias volumes

# What is painted, in this order, and its HU: round numbers of textbooks, none of a patient.
AIR, FAT, MUSCLE, BONE, BLOOD, TUBE, AERATED, GLASS, SOLID = range(9)
_HU: Final = np.array([-1000, -100, 50, 450, 40, -990, -850, -550, 10], np.float32)
_LABEL: Final = np.array([0, 0, 0, 0, 0, 0, LUNG, GROUND_GLASS, CONSOLIDATION], np.int64)
_ABOVE_HU: Final = 1000  # added, so that what is summed is never negative
_BITS: Final = 12  # of a count of samples: 3 × 3 × 100 and more
# HU and the counts of the labels in one number, so that samples are summed in one go.
_PACKED: Final = (_HU.astype(np.int64) + _ABOVE_HU << 3 * _BITS) + np.where(
    _LABEL > 0, 1 << (_LABEL - 1).clip(0) * _BITS, 0
)

BODY_MM: Final = (120.0, 175.0)  # half depth, half width
WALL_MM: Final = (104.0, 156.0)
RIB_EVERY_MM: Final = 26.0
RIB_MM: Final = 9.0
FIELD_MM: Final = ((-95.0, 180.0), (-128.0, 128.0), (-184.0, 184.0))
"""From and to, along each axis: the whole thorax with air around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantom:
    """A scan of a thorax, its reference labels, and what is exactly true of it."""

    scan: CtScan
    segmentation: Segmentation
    volumes: ThoraxVolumes


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """How the thorax is scanned.

    Attributes
    ----------
    spacing_mm
        Of slices, rows and columns.
    field_mm
        From and to along each axis; what lies beyond is not seen.
    noise_hu
        Standard deviation of noise in each voxel.
    window_hu
        Given, the scan is grey of this window: HU beyond it are cut.
    is_round
        Whether a circle is seen of each slice, with padding outside.
    """

    spacing_mm: Place
    field_mm: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] = FIELD_MM
    noise_hu: float = 0.0
    window_hu: tuple[float, float] | None = None
    is_round: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows and columns that fill the field."""
        sides = [
            max(1, round((end - start) / step))
            for (start, end), step in zip(self.field_mm, self.spacing_mm, strict=True)
        ]
        return sides[0], sides[1], sides[2]


def phantom(thorax: Thorax, scanner: Scanner, *, rng: np.random.Generator | None = None) -> Phantom:
    """Scan a thorax.

    Parameters
    ----------
    thorax
        What is inside.
    scanner
        How it is scanned.
    rng
        Draws the noise; needed only where there is some.

    Returns
    -------
    Phantom
        A voxel's HU are the mean of what it covers, its label is what it covers most of.

    Raises
    ------
    EvaluationError
        There is noise, but nothing to draw it from.
    """
    volumes = volumes_of(thorax)
    if scanner.noise_hu > 0.0 and rng is None:
        raise EvaluationError(
            f"found noise of {scanner.noise_hu:g} HU without a generator – expected one. Pass rng.",
            code="phantom-noise",
        )
    slices, rows, columns = scanner.shape
    hu = np.empty((slices, rows, columns), np.int16)
    label_map = np.empty((slices, rows, columns), np.uint8)
    painter = _Painter(thorax, scanner)
    for index in range(slices):
        mean, label_map[index] = painter.slice_at(index)
        hu[index] = np.round(_recorded(mean, scanner, rng))
    starts = [start for start, _ in scanner.field_mm]
    affine = np.diag([*scanner.spacing_mm[::-1], 1.0])
    affine[:3, 3] = [s + d / 2.0 for s, d in zip(starts, scanner.spacing_mm, strict=True)][::-1]
    scan = CtScan(
        hu=hu,
        spacing_mm=scanner.spacing_mm,
        affine=affine,
        sha256=sha256_of(hu.tobytes()),
        facts=ScanFacts(format="NIfTI", files=1),
        window_hu=scanner.window_hu,
    )
    return Phantom(scan=scan, segmentation=Segmentation(label_map=label_map), volumes=volumes)


def _recorded(mean: FloatArray, scanner: Scanner, rng: np.random.Generator | None) -> DoubleArray:
    """Return what the scanner writes of a slice's HU."""
    seen: DoubleArray = mean.astype(np.float64)
    if rng is not None and scanner.noise_hu > 0.0:
        seen = seen + rng.normal(0.0, scanner.noise_hu, mean.shape)
    if scanner.window_hu is not None:
        seen = np.clip(seen, *scanner.window_hu)
    if scanner.is_round:
        rows, columns = (
            np.linspace(-1.0 + 1.0 / side, 1.0 - 1.0 / side, side) for side in mean.shape
        )
        seen[np.hypot(rows[:, None], columns) > 1.0] = PADDING_HU
    return seen


@dataclass(frozen=True, slots=True)
class _Disk:
    """A thing whose cut at a height is where `plane` is below a limit that the height gives."""

    paint: int
    box: tuple[slice, slice]
    plane: FloatArray = field(repr=False)
    shape: Egg | Lesion


class _Painter:
    """Paints slice after slice on a grid finer than the scan's, then takes means of its voxels."""

    def __init__(self, thorax: Thorax, scanner: Scanner) -> None:
        self._thorax, self._scanner = thorax, scanner
        self._samples = [
            max(SAMPLES_LEAST, math.ceil(step / SAMPLE_MM) | 1) for step in scanner.spacing_mm
        ]
        self._shape = scanner.shape
        self._back, self._left = (self._fine(axis) for axis in (1, 2))
        self._ground, self._wall = self._body()
        self._disks = tuple(self._things())

    def slice_at(self, index: int) -> tuple[FloatArray, NDArray[np.uint8]]:
        """Return a slice's mean HU and the label that covers most of each voxel."""
        _, down, across = self._samples
        packed = np.zeros(self._shape[1:], np.int64)
        for height in self._heights(index):
            painted = self._paint(height)
            for row, column in product(range(down), range(across)):
                packed += _PACKED[painted[row::down, column::across]]
        covered = [packed >> place * _BITS & (1 << _BITS) - 1 for place in range(3)]
        hu = (packed >> 3 * _BITS) / np.float32(math.prod(self._samples)) - _ABOVE_HU
        # More lung than background makes it lung; then what most of that is.
        inside = 2 * sum(covered) > math.prod(self._samples)
        labels = np.where(inside, np.argmax(covered, axis=0) + 1, BACKGROUND)
        return hu.astype(np.float32), labels.astype(np.uint8)

    def _fine(self, axis: int) -> FloatArray:
        start, _ = self._scanner.field_mm[axis]
        step = self._scanner.spacing_mm[axis] / self._samples[axis]
        count = self._shape[axis] * self._samples[axis]
        return (start + (np.arange(count) + 0.5) * step).astype(np.float32)

    def _heights(self, index: int) -> list[float]:
        start, _ = self._scanner.field_mm[0]
        step, samples = self._scanner.spacing_mm[0], self._samples[0]
        return [start + (index + (k + 0.5) / samples) * step for k in range(samples)]

    def _body(self) -> tuple[NDArray[np.uint8], BoolArray]:
        """Paint what is the same at every height, and say where ribs run."""
        back, left = self._back[:, None], self._left[None, :]
        ground = np.full((back.size, left.size), AIR, np.uint8)
        ground[_ellipse(back, left, BODY_MM) < 1.0] = FAT
        wall = _ellipse(back, left, WALL_MM)
        ground[wall < 1.0] = MUSCLE
        ground[_ellipse(back - 80.0, left, (18.0, 20.0)) < 1.0] = BONE
        return ground, (wall > 0.86) & (wall < 0.96)

    def _things(self) -> Iterator[_Disk]:
        heart = Lesion(center_mm=(-30.0, -30.0, 15.0), half_mm=(55.0, 45.0, 55.0), turn_degrees=20)
        yield self._disk(BLOOD, heart)
        for lung in self._thorax.lungs:
            yield self._disk(AERATED, lung)
        for lesion in self._thorax.lesions:
            yield self._disk(GLASS, lesion)
            if lesion.core > 0.0:
                yield self._disk(SOLID, lesion.shrunk())

    def _disk(self, paint: int, shape: Egg | Lesion) -> _Disk:
        reach = shape.reach_mm
        box = tuple(
            slice(*np.searchsorted(places, (middle - reach, middle + reach)).tolist())
            for places, middle in zip((self._back, self._left), shape.center_mm[1:], strict=True)
        )
        plane = shape.plane(self._back[box[0], None], self._left[None, box[1]])
        return _Disk(paint, (box[0], box[1]), plane.astype(np.float32), shape)

    def _paint(self, height: float) -> NDArray[np.uint8]:
        painted = self._ground.copy()
        ribs = (height - 0.35 * self._back) % RIB_EVERY_MM < RIB_MM
        painted[self._wall & ribs[:, None]] = BONE
        if height > 40.0:
            tube = _ellipse(self._back[:, None] - 15.0, self._left[None, :], (9.0, 8.0)) < 1.0
            painted[tube] = TUBE
        for disk in self._disks:
            limit = disk.shape.limit_at(height)
            if limit > 0.0:
                painted[disk.box][disk.plane < limit] = disk.paint
                if isinstance(disk.shape, Egg):
                    self._layers(painted, disk, limit)
        return painted

    def _layers(self, painted: NDArray[np.uint8], disk: _Disk, limit: float) -> None:
        for layer in self._thorax.layers:
            if isinstance(disk.shape, Egg) and layer.side == disk.shape.side:
                behind = self._back[disk.box[0], None] > disk.shape.plane_mm(layer.share)
                paint = GLASS if layer.label == GROUND_GLASS else SOLID
                painted[disk.box][(disk.plane < limit) & behind] = paint


def _ellipse(back: FloatArray, left: FloatArray, half_mm: tuple[float, float]) -> FloatArray:
    inside: FloatArray = (back / np.float32(half_mm[0])) ** 2 + (left / np.float32(half_mm[1])) ** 2
    return inside
