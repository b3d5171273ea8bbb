"""What is found in a scan: labels of its voxels."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

BACKGROUND: Final = 0
LUNG: Final = 1
"""Lung that is neither of the two below."""
GROUND_GLASS: Final = 2
CONSOLIDATION: Final = 3
LABELS: Final = ("background", "lung", "ground glass", "consolidation")
"""Names of the labels, in their order. Both lungs are label 1 to 3 together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """The labels of a scan's voxels.

    `label_map` is (slices, rows, columns) uint8 on the scan's own grid, an index into `LABELS`.
    """

    label_map: NDArray[np.uint8] = field(repr=False)
