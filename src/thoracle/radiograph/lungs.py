"""Find the lungs of a film."""

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.inference.bundle import Bundle
from thoracle.inference.session import Network
from thoracle.radiograph.preprocess import LUNG_INPUT, clean_lung_mask, lung_box, lung_input
from thoracle.radiograph.probabilities import sigmoid
from thoracle.radiograph.types import Lungs


class LungFinder:
    """The lung network of a bundle.

    Parameters
    ----------
    bundle
        Of task "lungs".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task("lungs").need_input(LUNG_INPUT)
        self._network = Network(bundle, threads=threads)

    def probability(self, pixels: FloatArray) -> FloatArray:
        """Return the lung probability on the network's grid.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1.

        Returns
        -------
        (size, size) float32
            0 to 1; the grid covers the whole film, squeezed to a square.
        """
        film = lung_input(pixels, size=self.bundle.input_size)
        logits = self._network.run(film[None, None])["logits"]
        return sigmoid(logits[0, 0])

    def find(self, pixels: FloatArray) -> BoolArray:
        """Return the lung mask on the network's grid.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1.

        Returns
        -------
        (size, size) bool
            All False without lungs.
        """
        return clean_lung_mask(self.probability(pixels))

    def locate(self, pixels: FloatArray) -> Lungs:
        """Return mask and box of the lungs.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1.

        Returns
        -------
        Lungs
            Without lungs the box is the whole film and `found` is False.
        """
        mask = self.find(pixels)
        rows, columns = pixels.shape
        box = lung_box(mask, rows=rows, columns=columns)
        if box is None:
            return Lungs(mask=mask, box=(0, 0, rows, columns), found=False)
        return Lungs(mask=mask, box=box, found=True)
