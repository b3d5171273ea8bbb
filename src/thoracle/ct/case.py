"""What kind of pneumonia a scan shows: each region is judged, and the regions are pooled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import ByteArray, DoubleArray, FloatArray
from thoracle.ct.candidates import PATCH_PX, Candidate, cut_patches, find_candidates
from thoracle.ct.grid import grid_of, labels_to_grid, to_grid
from thoracle.ct.pooling import POOLINGS, noisy_or
from thoracle.ct.types import LABELS
from thoracle.imaging.scan import CtScan
from thoracle.inference.bundle import Bundle
from thoracle.inference.session import Network

TASK: Final = "ct_case"
CASE_INPUT: Final = (
    f"patches of {PATCH_PX} × {PATCH_PX}, lung window -1350 to 150 HU, -1 to 1; second channel: "
    "relative distance from the lung's edge"
)
"""How a place becomes the network's input; a bundle made with other words is refused."""
COVID, OTHER, IRRELEVANT = range(3)
KINDS: Final = ("COVID-19", "other pneumonia", "irrelevant")
"""What a region can be; a case is the first or the second, or the third where nothing is seen."""
PRESENT_MIN: Final = 0.5  # below, no kind is likelier than not to be there at all.
_BATCH: Final = 64  # patches; memory stays bounded whatever the scan.


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionAnswer:
    """One connected altered region: its number, its patches, and the mean of what they say.

    `probabilities` are in the order of `KINDS` and sum to 1.
    """

    number: int
    patches: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswer:
    """What a scan's regions say together.

    Attributes
    ----------
    kind
        One of `KINDS`; None without regions.
    confidence
        Noisy-OR of that kind; of "irrelevant", 1 less the larger of the other two. None
        without regions.
    pooled
        For each way of pooling, the probability of COVID-19 and of other pneumonia.
    regions
        All that were judged.
    """

    kind: str | None
    confidence: float | None
    pooled: Mapping[str, tuple[float, float]]
    regions: tuple[RegionAnswer, ...] = field(repr=False)


class CaseClassifier:
    """The case network of a bundle.

    Parameters
    ----------
    bundle
        Of task "ct_case".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task(TASK).need_input(CASE_INPUT)
        self.spacing_mm = (
            bundle.number("slice_mm"),
            bundle.number("row_mm"),
            bundle.number("column_mm"),
        )
        self._network = Network(bundle, threads=threads)

    def classify(self, scan: CtScan, label_map: ByteArray) -> CaseAnswer:
        """Judge a scan whose voxels are labeled.

        Parameters
        ----------
        scan
            In HU, or in HU read back from the grey of the lung window.
        label_map : (slices, rows, columns) uint8
            As in `Segmentation`, on the scan's own grid.

        Returns
        -------
        CaseAnswer
            From the altered regions alone.
        """
        slices, rows, columns = scan.hu.shape
        grid = grid_of((slices, rows, columns), scan.spacing_mm, spacing_mm=self.spacing_mm)
        labels = labels_to_grid(label_map, grid, labels=len(LABELS))
        found = find_candidates(labels, spacing_mm=self.spacing_mm)
        altered = [one for one in found if one.is_altered]
        if not altered:
            return answer_of(np.zeros((0, len(KINDS))), altered)
        return answer_of(self._judged(cut_patches(to_grid(scan.hu, grid), altered)), altered)

    def _judged(self, patches: FloatArray) -> DoubleArray:
        parts = [
            self._network.run(patches[at : at + _BATCH])["logits"]
            for at in range(0, len(patches), _BATCH)
        ]
        logits = np.asarray(np.concatenate(parts), np.float64) / self.bundle.temperature
        return np.asarray(scipy.special.softmax(logits, axis=1), np.float64)


def answer_of(probabilities: DoubleArray, candidates: Sequence[Candidate]) -> CaseAnswer:
    """Join what was said of each altered patch.

    Patches of one region show the same tissue, so that they are averaged; regions are pooled.

    Parameters
    ----------
    probabilities : (patches, 3) float64
        In the order of `KINDS`.
    candidates
        The altered patches themselves.

    Returns
    -------
    CaseAnswer
        Without patches its kind is None.
    """
    numbers = np.array([one.region for one in candidates], np.int64)
    regions = tuple(_region(int(one), probabilities[numbers == one]) for one in np.unique(numbers))
    said = np.array([one.probabilities for one in regions]).reshape(-1, len(KINDS))
    pooled = {name: (pool(said[:, COVID]), pool(said[:, OTHER])) for name, pool in POOLINGS.items()}
    if not regions:
        return CaseAnswer(kind=None, confidence=None, pooled=pooled, regions=())
    chances = [noisy_or(said[:, COVID]), noisy_or(said[:, OTHER])]
    best = int(np.argmax(chances))
    is_present = chances[best] >= PRESENT_MIN
    return CaseAnswer(
        kind=KINDS[best] if is_present else KINDS[IRRELEVANT],
        confidence=chances[best] if is_present else 1.0 - chances[best],
        pooled=pooled,
        regions=regions,
    )


def _region(number: int, probabilities: DoubleArray) -> RegionAnswer:
    means = tuple(float(one) for one in probabilities.mean(axis=0))
    return RegionAnswer(number=number, patches=len(probabilities), probabilities=means)
