"""Segment a scan: the lungs, and in them ground glass and consolidation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.ct.grey import CT_INPUT, lung_grey
from thoracle.ct.grid import Grid, grid_of, shares_to_scan, to_grid
from thoracle.ct.lungs import Box, keep_lungs, search_box
from thoracle.ct.outside import SideAir, drop_side_air, find_side_air
from thoracle.ct.tiles import Tiling, slide
from thoracle.ct.types import BACKGROUND, LABELS, Segmentation
from thoracle.imaging.scan import CtScan
from thoracle.inference.bundle import Bundle
from thoracle.inference.session import Network

TASK: Final = "ct_segmentation"
TILE: Final = (16, 256, 320)
"""Slices, rows and columns at most: 80 × 384 × 480 mm, so that few lungs need a second column."""
STEP: Final = (4, 16, 16)
"""A network halves slices twice, rows and columns four times."""
OVERLAP: Final = 0.25
SHIFT_HU: Final = 20.0
"""Test-time variation of the grey: a seventy-fifth of the window."""
_WHOLE: Final = 255  # of a probability as a byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """How the network's input is varied: mirrored from side to side, and made darker or brighter.

    `shift_hu` is added to HU before the window.
    """

    mirrored: bool = False
    shift_hu: float = 0.0


PLAIN: Final = Variation()
VARIATIONS: Final = (
    Variation(mirrored=True),
    Variation(shift_hu=-SHIFT_HU),
    Variation(shift_hu=SHIFT_HU),
    Variation(mirrored=True, shift_hu=-SHIFT_HU),
    Variation(mirrored=True, shift_hu=SHIFT_HU),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chest:
    """Where lungs are looked for: a box of the network's grid, and the air around the body."""

    hu: FloatArray
    box: Box
    grid: Grid
    air: SideAir


class CtSegmenter:
    """The segmentation network of a bundle.

    Parameters
    ----------
    bundle
        Of task "ct_segmentation".
    threads
        As for `Network`.
    tiling
        How volumes are cut.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        threads: int | None = None,
        tiling: Tiling | None = None,
    ) -> None:
        self.bundle = bundle.need_task(TASK).need_input(CT_INPUT)
        self.tiling = tiling or Tiling(tile=TILE, step=STEP, overlap=OVERLAP)
        self.spacing_mm = (
            bundle.number("slice_mm"),
            bundle.number("row_mm"),
            bundle.number("column_mm"),
        )
        self._network = Network(bundle, threads=threads)

    def segment(self, scan: CtScan) -> Segmentation:
        """Label a scan's voxels.

        Parameters
        ----------
        scan
            In HU, or in HU read back from the grey of a window no narrower than the lung window.

        Returns
        -------
        Segmentation
            On the scan's grid; without lungs all is background.
        """
        return next(self._segmented(scan, (PLAIN,)))

    def variants(self, scan: CtScan) -> Iterator[Segmentation]:
        """Label the same scan under `VARIATIONS`, one after the other.

        Parameters
        ----------
        scan
            As for `segment`.

        Yields
        ------
        Segmentation
            What the network would have said of a mirrored, a darker or a brighter scan. Their
            spread is the network's own unrest, not its error.
        """
        yield from self._segmented(scan, VARIATIONS)

    def logits(self, hu: FloatArray) -> FloatArray:
        """Return logits of a box that lies on the network's grid.

        Parameters
        ----------
        hu : (slices, rows, columns) float32
            HU at the network's spacing.

        Returns
        -------
        (4, slices, rows, columns) float32
            In the order of `LABELS`.
        """
        return slide(lung_grey(hu), self._predict, self.tiling, labels=len(LABELS))

    def _segmented(self, scan: CtScan, variations: tuple[Variation, ...]) -> Iterator[Segmentation]:
        slices, rows, columns = scan.hu.shape
        grid = grid_of((slices, rows, columns), scan.spacing_mm, spacing_mm=self.spacing_mm)
        hu = to_grid(scan.hu, grid)
        box = search_box(hu, spacing_mm=self.spacing_mm)
        chest = _Chest(hu=hu[box], box=box, grid=grid, air=find_side_air(hu).within(box))
        for one in variations:
            yield Segmentation(label_map=self._labels(chest, one))

    def _labels(self, chest: _Chest, variation: Variation) -> ByteArray:
        step = -1 if variation.mirrored else 1
        logits = self.logits(chest.hu[:, :, ::step] + np.float32(variation.shift_hu))[..., ::step]
        label_map = np.asarray(logits.argmax(axis=0), np.uint8)
        kept = keep_lungs(drop_side_air(label_map, chest.air), spacing_mm=self.spacing_mm)
        shares = np.zeros((len(LABELS) - 1, *chest.grid.shape), np.uint8)
        shares[(slice(None), *chest.box)] = _shares(logits, removed=kept != label_map)
        return shares_to_scan(shares, chest.grid)

    def _predict(self, tile: FloatArray) -> FloatArray:
        return np.asarray(self._network.run(tile[None, None])["logits"][0], np.float32)


def _shares(logits: FloatArray, *, removed: ByteArray) -> ByteArray:
    """Return probabilities of all labels but background as bytes; 0 where a part was removed."""
    apart = np.exp(logits - logits.max(axis=0))
    apart /= apart.sum(axis=0)
    shares = np.asarray(np.round(_WHOLE * apart[BACKGROUND + 1 :]), np.uint8)
    # Where all round to 0, nothing is left to do on the way back: that is most of a scan.
    shares[:, removed] = 0
    return shares
