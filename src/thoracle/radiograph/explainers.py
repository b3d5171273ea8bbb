"""What can explain a classifier's score by a map on the film, and the frames maps lie in."""

from typing import Protocol

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.imaging.resample import Box, crop, resize
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs


class Explainer(Protocol):
    """Anything that maps a film to where a score comes from, or to what looks unusual.

    Audits ask every explainer the same questions: how much of its map lies inside the lungs,
    whether taking away what it points at lowers the score, whether its map goes when the weights
    go. One that reads the classifier is made anew over a classifier of random weights.
    """

    @property
    def name(self) -> str:
        """What the explainer is called in reports, for instance "features.norm5/gradcam"."""
        ...

    def explain(self, pixels: FloatArray, lungs: Lungs) -> FloatArray:
        """Return one map per finding in the film's own frame.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1, bone bright.
        lungs
            Where the lungs are; the classifier looks at their box.

        Returns
        -------
        (findings, rows, columns) float32
            The higher, the more a place counts; 0 where the explainer says nothing. An explainer
            that knows no findings returns the same map for each.
        """
        ...


class GradientMaps:
    """Grad-CAM or Grad-CAM++ of one layer, from the network's own graph.

    Parameters
    ----------
    classifier
        Opened.
    output
        One of its maps: "layer/method".
    """

    def __init__(self, classifier: Classifier, output: str) -> None:
        self.name = output
        self._classifier = classifier

    def explain(self, pixels: FloatArray, lungs: Lungs) -> FloatArray:
        """Return the layer's maps, as `Explainer.explain` says."""
        seen = self._classifier.input_of(pixels, lungs.box)
        maps = self._classifier.run(seen[None], outputs=(self.name,))[self.name][0]
        rows, columns = pixels.shape
        return np.stack([in_film(one, lungs.box, rows=rows, columns=columns) for one in maps])


def gradient_explainers(classifier: Classifier) -> tuple[GradientMaps, ...]:
    """Return one explainer per layer and method that the network's graph holds."""
    return tuple(GradientMaps(classifier, name) for name in classifier.map_names)


def in_film(values: FloatArray, box: Box, *, rows: int, columns: int) -> FloatArray:
    """Lay a map of a box onto the film; outside the box it is 0.

    Parameters
    ----------
    values : (h, w) float32
        A map that covers the box, on any grid.
    box
        In pixels of the film; it may reach past it.
    rows, columns
        Of the film.

    Returns
    -------
    (rows, columns) float32
        In the film's frame.
    """
    top, left, bottom, right = box
    whole = resize(values, rows=bottom - top, columns=right - left)
    return crop(whole, (-top, -left, rows - top, columns - left))


def in_box(values: FloatArray, box: Box, *, rows: int, columns: int) -> FloatArray:
    """Cut a film's map to a box and give it a grid of its own.

    Parameters
    ----------
    values : (film rows, film columns) float32
        In the film's frame.
    box
        In pixels of the film; what lies past it is 0.
    rows, columns
        Of the grid.

    Returns
    -------
    (rows, columns) float32
        Over the box.
    """
    return resize(crop(values, box), rows=rows, columns=columns)
