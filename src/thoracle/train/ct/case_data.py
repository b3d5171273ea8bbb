"""Patches of scans whose disease is known, to train and judge a case classifier."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray, IntArray
from thoracle.ct.candidates import Candidate, cut_patches, find_candidates
from thoracle.ct.case import COVID, IRRELEVANT
from thoracle.ct.grid import Spacing, grid_of, labels_to_grid, to_grid
from thoracle.ct.model import CtSegmenter
from thoracle.ct.threshold import METHOD, threshold_labels
from thoracle.ct.types import LABELS
from thoracle.datasets.ct_cases import CtCase, read_case, read_hu_scan
from thoracle.train.ct.small_fit import Pictures

SPACING_MM: Final[Spacing] = (5.0, 1.5, 1.5)
"""The segmentation network's grid: labels need no second resampling."""
READERS: Final = "readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class HuScan:
    """A scan in HU of a patient whose disease is known: COVID, OTHER or IRRELEVANT for none."""

    path: Path
    disease: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePatches:
    """All patches of one scan.

    Attributes
    ----------
    name, patient
        Of the scan.
    disease
        COVID, OTHER, or IRRELEVANT for a healthy patient.
    unit, labeled_by
        "HU" or "window grey"; readers, a bundle, or thresholds.
    candidates
        One per patch.
    patches : (patches, 2, 48, 48) float32
        As `cut_patches` makes them.
    """

    name: str
    patient: str
    disease: int
    unit: str
    labeled_by: str
    candidates: tuple[Candidate, ...] = field(repr=False)
    patches: FloatArray = field(repr=False)

    @property
    def targets(self) -> IntArray:
        """What each patch is: the scan's disease where altered, else irrelevant."""
        kinds = [self.disease if one.is_altered else IRRELEVANT for one in self.candidates]
        return np.array(kinds, np.int64)

    @property
    def heights(self) -> IntArray:
        """The slice of each patch, on the grid."""
        return np.array([one.place[0] for one in self.candidates], np.int64)


def labeled_patches(case: CtCase) -> CasePatches:
    """Return the patches of a scan of the labeled collection, all of whose patients had COVID-19.

    Parameters
    ----------
    case
        From `read_cases`.

    Returns
    -------
    CasePatches
        By the readers' labels.
    """
    labeled = read_case(case)
    slices, rows, columns = labeled.scan.hu.shape
    grid = grid_of((slices, rows, columns), labeled.scan.spacing_mm, spacing_mm=SPACING_MM)
    label_map = labels_to_grid(labeled.label_map, grid, labels=len(LABELS))
    hu = to_grid(labeled.scan.hu, grid)
    found = find_candidates(label_map, spacing_mm=SPACING_MM)
    return CasePatches(
        name=case.name,
        patient=case.patient,
        disease=COVID,
        unit="window grey",
        labeled_by=READERS,
        candidates=found,
        patches=cut_patches(hu, found),
    )


def hu_patches(one: HuScan, segmenter: CtSegmenter | None) -> CasePatches:
    """Return the patches of a scan in HU.

    Parameters
    ----------
    one
        The scan; its patient is named by its file.
    segmenter
        Labels it; None takes thresholds.

    Returns
    -------
    CasePatches
        On the same grid as the others.
    """
    scan = read_hu_scan(one.path)
    slices, rows, columns = scan.hu.shape
    grid = grid_of((slices, rows, columns), scan.spacing_mm, spacing_mm=SPACING_MM)
    hu = to_grid(scan.hu, grid)
    if segmenter is None:
        label_map = threshold_labels(hu, spacing_mm=SPACING_MM)
    else:
        label_map = labels_to_grid(segmenter.segment(scan).label_map, grid, labels=len(LABELS))
    found = find_candidates(label_map, spacing_mm=SPACING_MM)
    name = one.path.name.split(".")[0]
    return CasePatches(
        name=name,
        patient=name,
        disease=one.disease,
        unit="HU",
        labeled_by=METHOD if segmenter is None else segmenter.bundle.name,
        candidates=found,
        patches=cut_patches(hu, found),
    )


def examples_of(scans: Sequence[CasePatches], *, most: int, seed: int) -> Pictures:
    """Join patches of several scans.

    Parameters
    ----------
    scans
        At least one.
    most
        Patches of one scan and kind at most: neighbors show much the same.
    seed
        Which ones are taken.

    Returns
    -------
    Pictures
        Grouped by patient.
    """
    rng = np.random.default_rng(seed)
    inputs, targets, groups = [], [], []
    for scan in scans:
        for kind in np.unique(scan.targets):
            own = np.flatnonzero(scan.targets == kind)
            kept = np.sort(rng.permutation(own)[:most])
            inputs.append(scan.patches[kept])
            targets.append(scan.targets[kept])
            groups += [scan.patient] * len(kept)
    return Pictures(
        inputs=np.concatenate(inputs), targets=np.concatenate(targets), groups=tuple(groups)
    )
