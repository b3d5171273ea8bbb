"""Occlusion map: how much a finding's logit falls when a window of the film is hidden."""

from collections.abc import Iterator

import numpy as np
import scipy

from thoracle.core.arrays import FloatArray
from thoracle.radiograph.explainers import in_film
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs

CELLS = 7  # a side, as of the last layer's map; every step of the window is one cell.
WINDOW_CELLS = 2  # a side: 64 of 224 pixels, about the part of a lung that a consolidation fills.
BATCH = 16  # windows in one run: memory stays below that of a training step, speed is flat.
_BLUR_SHARE = 1 / 8  # of the side: what hides is the film itself without detail, not a new edge.


class OcclusionMap:
    """The fall of the logit over a grid of windows, by running the network again for each.

    Parameters
    ----------
    classifier
        Opened.
    batch
        Windows in one run of the network.

    References
    ----------
    Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014; here the
    window is blurred, and a cell's value is the mean over the windows that cover it.
    """

    def __init__(self, classifier: Classifier, *, batch: int = BATCH) -> None:
        self.name = "occlusion"
        self._classifier = classifier
        self._batch = batch

    def explain(self, pixels: FloatArray, lungs: Lungs) -> FloatArray:
        """Return the map of each finding, as `Explainer.explain` says; in the logit's unit."""
        rows, columns = pixels.shape
        falls = self.falls(self._classifier.input_of(pixels, lungs.box))
        return np.stack([in_film(one, lungs.box, rows=rows, columns=columns) for one in falls])

    def falls(self, seen: FloatArray) -> FloatArray:
        """Return how much each finding's logit falls, by cell.

        Parameters
        ----------
        seen : (size, size) float32
            What the network sees, from `Classifier.input_of`.

        Returns
        -------
        (findings, CELLS, CELLS) float32
            In the logit's unit; below 0 where hiding raises it.
        """
        whole = self._classifier.run(seen[None])["logits"][0]
        windows = list(_windows())
        blurred = np.asarray(
            scipy.ndimage.gaussian_filter(seen, _BLUR_SHARE * max(seen.shape), mode="mirror")
        )
        total = np.zeros((len(whole), CELLS, CELLS))
        counts = np.zeros((CELLS, CELLS))
        for start in range(0, len(windows), self._batch):
            part = windows[start : start + self._batch]
            hidden = np.stack([_hide(seen, blurred, one) for one in part])
            logits = self._classifier.run(hidden)["logits"]
            for window, found in zip(part, logits, strict=True):
                total[:, *window] += (whole - found)[:, None, None]
                counts[window] += 1
        return np.asarray(total / counts, dtype=np.float32)


def _windows() -> Iterator[tuple[slice, slice]]:
    """Yield windows of cells, one cell apart."""
    starts = range(CELLS - WINDOW_CELLS + 1)
    for top in starts:
        for left in starts:
            yield slice(top, top + WINDOW_CELLS), slice(left, left + WINDOW_CELLS)


def _hide(seen: FloatArray, blurred: FloatArray, window: tuple[slice, slice]) -> FloatArray:
    """Return what the network sees with one window blurred."""
    down, right = (
        slice(round(part.start * side / CELLS), round(part.stop * side / CELLS))
        for part, side in zip(window, seen.shape, strict=True)
    )
    hidden = seen.copy()
    hidden[down, right] = blurred[down, right]
    return hidden
