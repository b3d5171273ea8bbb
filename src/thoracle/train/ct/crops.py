"""Crops of labeled scans on the network's grid: drawn afresh, the same for a seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from thoracle.core.arrays import ByteArray, FloatArray, IntArray
from thoracle.ct.grey import WINDOW_HU
from thoracle.ct.grid import Shape, Spacing, grid_of, labels_to_grid, to_grid
from thoracle.ct.lungs import search_box
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LABELS
from thoracle.datasets.ct_cases import LabeledScan
from thoracle.train.ct.lesions import draw_lesions
from thoracle.train.ct.recipe import CtRecipe
from thoracle.train.ct.variation import vary

MARGIN_PX: Final = 8  # around the search box, so that a moved crop shows what lies beyond.

Crop = tuple[Tensor, Tensor]
"""Grey (n, 1, slices, rows, columns) float32, −1 to 1, and labels (n, slices, …) int64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingScan:
    """One scan on the network's grid, cut to where lungs may be.

    `grey` is 0 to 1, float32; `places` are the voxels of ground glass and of consolidation,
    (voxels, 3) each.
    """

    patient: str
    grey: FloatArray = field(repr=False)
    label_map: ByteArray = field(repr=False)
    places: tuple[IntArray, ...] = field(repr=False)


def training_scan(labeled: LabeledScan, *, spacing_mm: Spacing) -> TrainingScan:
    """Bring a labeled scan to the network's grid.

    Parameters
    ----------
    labeled
        From `read_case`.
    spacing_mm
        Of slices, rows and columns.

    Returns
    -------
    TrainingScan
        Made by the same steps as a scan that is segmented.
    """
    slices, rows, columns = labeled.scan.hu.shape
    grid = grid_of((slices, rows, columns), labeled.scan.spacing_mm, spacing_mm=spacing_mm)
    hu = to_grid(labeled.scan.hu, grid)
    label_map = labels_to_grid(labeled.label_map, grid, labels=len(LABELS))
    box = tuple(
        slice(max(0, side.start - MARGIN_PX), side.stop + MARGIN_PX)
        for side in search_box(hu, spacing_mm=spacing_mm)
    )
    low, high = WINDOW_HU
    kept = np.ascontiguousarray(label_map[box])
    return TrainingScan(
        patient=labeled.case.patient,
        grey=np.asarray(np.clip((hu[box] - low) / (high - low), 0.0, 1.0), np.float32),
        label_map=kept,
        places=tuple(np.argwhere(kept == label) for label in (GROUND_GLASS, CONSOLIDATION)),
    )


class CropBatches(Dataset[Crop]):
    """Batches of varied crops; patients are drawn equally often, then their scans.

    Parameters
    ----------
    scans
        At least one.
    recipe
        Crop, batch, shares and variations.
    """

    def __init__(self, scans: Sequence[TrainingScan], recipe: CtRecipe) -> None:
        self.recipe = recipe
        patients = sorted({one.patient for one in scans})
        self.by_patient = [[one for one in scans if one.patient == name] for name in patients]

    def __getitem__(self, key: tuple[int, int]) -> Crop:
        """Return the batch of an epoch and number, from a generator of its own."""
        rng = np.random.default_rng((self.recipe.seed, *key))
        pairs = [self._crop(rng) for _ in range(self.recipe.training.batch)]
        grey = torch.from_numpy(np.stack([one for one, _ in pairs])[:, None])
        label_map = torch.from_numpy(np.stack([two for _, two in pairs]))
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        grey, label_map = vary(grey, label_map, self.recipe.augment, generator=generator)
        return grey * 2.0 - 1.0, label_map.long()

    def _crop(self, rng: np.random.Generator) -> tuple[FloatArray, ByteArray]:
        patient = self.by_patient[rng.integers(len(self.by_patient))]
        scan = patient[rng.integers(len(patient))]
        slices, rows, columns = self.recipe.training.crop
        reach = self.recipe.augment.zoom_slices
        grey, label_map = cut(
            scan,
            middle_of_crop(scan, rng, lesions=self.recipe.training.lesions),
            crop=(slices, rows, columns),
            slices_zoom=float(rng.uniform(1.0 - reach, 1.0 + reach)),
        )
        if self.recipe.augment.drawn_lesions and rng.random() < self.recipe.augment.drawn_lesions:
            slice_mm, row_mm, column_mm = self.recipe.spacing_mm
            spacing_mm = (slice_mm, row_mm, column_mm)
            return draw_lesions(grey, label_map, spacing_mm=spacing_mm, rng=rng)
        return grey, label_map


def middle_of_crop(scan: TrainingScan, rng: np.random.Generator, *, lesions: float) -> IntArray:
    """Draw the middle of a crop: an altered voxel, or any of the search box.

    Parameters
    ----------
    scan
        To draw from.
    rng
        Source of randomness.
    lesions
        How often the middle is an altered voxel, ground glass as often as consolidation where the
        scan has both.

    Returns
    -------
    (3,) int64
        Slice, row and column.
    """
    present = [places for places in scan.places if len(places)]
    if present and rng.random() < lesions:
        places = present[rng.integers(len(present))]
        return np.asarray(places[rng.integers(len(places))], np.int64)
    return np.array([rng.integers(side) for side in scan.grey.shape], np.int64)


def cut(
    scan: TrainingScan, middle: IntArray, *, crop: Shape, slices_zoom: float
) -> tuple[FloatArray, ByteArray]:
    """Cut a crop around a voxel, as far inside as the scan reaches; beyond, its edge is repeated.

    Parameters
    ----------
    scan
        To cut from.
    middle : (3,) int64
        Slice, row and column.
    crop
        Slices, rows and columns.
    slices_zoom
        Distance between the crop's slices, in those of the scan.

    Returns
    -------
    grey : (slices, rows, columns) float32
        Between the scan's slices it is interpolated.
    label_map : (slices, rows, columns) uint8
        Of the nearest slice.
    """
    depth = scan.grey.shape[0]
    places = _inside(middle[0] + slices_zoom * (np.arange(crop[0]) - crop[0] / 2), depth)
    rows = _inside(middle[1] + np.arange(crop[1]) - crop[1] // 2, scan.grey.shape[1])
    columns = _inside(middle[2] + np.arange(crop[2]) - crop[2] // 2, scan.grey.shape[2])
    below = places.astype(np.int64)
    above = np.minimum(below + 1, depth - 1)
    share = np.asarray(places - below, np.float32)[:, None, None]
    flat = np.ix_(rows.astype(np.int64), columns.astype(np.int64))
    picked = scan.grey[:, flat[0], flat[1]]
    grey = picked[below] * (1.0 - share) + picked[above] * share
    label_map = scan.label_map[:, flat[0], flat[1]][np.round(places).astype(np.int64)]
    return np.asarray(grey, np.float32), label_map


def _inside(places: FloatArray, length: int) -> FloatArray:
    """Move a stretch of places into an axis, and repeat the ends of an axis that is shorter."""
    over = max(0.0, float(places[-1]) - (length - 1))
    moved = places - over
    moved = moved - min(0.0, float(moved[0]))
    return np.asarray(np.clip(moved, 0, length - 1))
