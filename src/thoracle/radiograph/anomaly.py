"""Where a film is unlike normal ones: what an auto-encoder of normal films does not give back."""

from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.results import AnomalyMap
from thoracle.imaging.resample import Box, resize
from thoracle.inference.bundle import Bundle
from thoracle.inference.session import Network
from thoracle.radiograph.explain import lung_share, mask_in_box
from thoracle.radiograph.explainers import in_film
from thoracle.radiograph.preprocess import CLASSIFIER_INPUT, classifier_input
from thoracle.radiograph.types import Lungs

RECONSTRUCTION: Final = "reconstruction"
"""Output of the network: the film as it would be without what normal films lack."""
ANOMALY_MAP: Final = "map/anomaly"
"""Output of the network: how far the film is from that, in spreads of normal films."""
SEEN_SIDE: Final = 224
"""Side of the lungs' box as the shipped classifier sees it, from which the network's is made."""
ANOMALY_TOP_SPREADS: Final = 4.0
"""Top of the color bar; color is at its fullest from half of it on, which one place in forty of a
normal film exceeds where differences are Gaussian."""


class AnomalyFinder:
    """The auto-encoder of a bundle, which knows no findings.

    Parameters
    ----------
    bundle
        Of task "anomaly".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task("anomaly").need_input(CLASSIFIER_INPUT)
        self._network = Network(bundle, needs=(RECONSTRUCTION, ANOMALY_MAP), threads=threads)
        self._scale_max = bundle.map_scale.get(ANOMALY_MAP, ANOMALY_TOP_SPREADS)

    def input_of(self, pixels: FloatArray, box: Box) -> FloatArray:
        """Return what is asked for as `seen`, for who has not asked a classifier anyway.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1, bone bright.
        box
            The lungs' box, in pixels of the film.

        Returns
        -------
        (SEEN_SIDE, SEEN_SIDE) float32
            -1 to 1.
        """
        return classifier_input(pixels, box, size=SEEN_SIDE) * 2.0 - 1.0

    def spreads(self, seen: FloatArray) -> FloatArray:
        """Return how unlike normal films a film is, over the lungs' box.

        Parameters
        ----------
        seen : (side, side) float32
            The lungs' box as a classifier sees it, -1 to 1: cutting it out of a large film takes
            longer than the network.

        Returns
        -------
        (size, size) float32
            In spreads of normal films; 0 where it is as expected.
        """
        return self._run(seen, ANOMALY_MAP)

    def healthy(self, seen: FloatArray) -> FloatArray:
        """Return what the network makes of the lungs' box, (size, size) float32, grey 0 to 1."""
        made = self._run(seen, RECONSTRUCTION)
        return np.asarray(np.clip((made + 1.0) / 2.0, 0.0, 1.0), np.float32)

    def find(self, seen: FloatArray, lungs: Lungs) -> AnomalyMap | None:
        """Return the anomaly map of a film, None where no lungs were found.

        Parameters
        ----------
        seen : (side, side) float32
            As in `spreads`.
        lungs
            Where the lungs are; `seen` is their box.

        Returns
        -------
        AnomalyMap or None
            On the network's own grid, with the bundle's fixed scale.
        """
        if not lungs.found:
            return None
        values = self.spreads(seen)
        inside = mask_in_box(lungs, rows=values.shape[0], columns=values.shape[1])
        return AnomalyMap(
            values=values,
            scale_max=self._scale_max,
            box=lungs.box,
            lung_share=lung_share(values, inside, scale_max=self._scale_max),
            lung_mean=float(values[inside].mean()) if inside.any() else None,
        )

    def _run(self, seen: FloatArray, output: str) -> FloatArray:
        side = self.bundle.input_size
        film = resize(seen, rows=side, columns=side)
        values = self._network.run(film[None, None], outputs=(output,))
        return np.asarray(values[output][0, 0], np.float32)


class AnomalyExplainer:
    """The anomaly map among a classifier's maps, the same for each of its findings.

    Parameters
    ----------
    finder
        Opened.
    findings
        How many the classifier has.
    """

    def __init__(self, finder: AnomalyFinder, *, findings: int) -> None:
        self.name = finder.bundle.name
        self._finder = finder
        self._findings = findings

    def explain(self, pixels: FloatArray, lungs: Lungs) -> FloatArray:
        """Return (findings, rows, columns) in the film's frame, as `Explainer.explain` says."""
        rows, columns = pixels.shape
        values = self._finder.spreads(self._finder.input_of(pixels, lungs.box))
        whole = in_film(values, lungs.box, rows=rows, columns=columns)
        return np.broadcast_to(whole, (self._findings, rows, columns))
