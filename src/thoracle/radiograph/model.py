"""Score one film: from lung crop to logits, calibrated probabilities, embedding and maps."""

from collections.abc import Mapping
from functools import cached_property

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.results import Finding
from thoracle.imaging.resample import Box
from thoracle.inference.bundle import Bundle
from thoracle.inference.landscape import LANDSCAPE, Landscape, load_landscape, place
from thoracle.inference.reference import REFERENCE, EmbeddingReference, load_reference
from thoracle.inference.session import Network
from thoracle.radiograph.preprocess import CLASSIFIER_INPUT, classifier_input
from thoracle.radiograph.probabilities import softmax
from thoracle.radiograph.types import Scores

NUMBERS = ("logits", "embedding")
PLAIN_THRESHOLD = 0.5  # of a bundle that was never calibrated.


class Classifier:
    """The findings network of a bundle.

    Parameters
    ----------
    bundle
        Of task "classifier". One of another input, or whose maps have no scale, is a BundleError.
    threads
        As for `Network`.
    content
        As for `Network`.
    """

    def __init__(
        self, bundle: Bundle, *, threads: int | None = None, content: bytes | None = None
    ) -> None:
        self.bundle = bundle.need_task("classifier").need_input(CLASSIFIER_INPUT)
        self._network = Network(bundle, needs=NUMBERS, threads=threads, content=content)
        _check_scales(bundle, self._network.outputs)
        path = bundle.folder / REFERENCE
        self.reference: EmbeddingReference | None = load_reference(path) if path.is_file() else None

    def score(self, pixels: FloatArray, box: Box, *, with_maps: bool) -> Scores:
        """Run the network on the lungs' box of a film.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1, bone bright.
        box
            The lungs' box, in pixels of the film.
        with_maps
            Whether Grad-CAM maps are wanted; without them it is faster.

        Returns
        -------
        Scores
            Logits, embedding and maps.
        """
        seen = self.input_of(pixels, box)
        values = self.run(seen[None], outputs=None if with_maps else NUMBERS)
        return Scores(
            logits=values["logits"][0],
            embedding=values["embedding"][0],
            maps={name: value[0] for name, value in values.items() if name not in NUMBERS},
            seen=seen,
        )

    @property
    def map_names(self) -> tuple[str, ...]:
        """The network's maps, "layer/method", in its own order."""
        return tuple(name for name in self._network.outputs if name not in NUMBERS)

    def input_of(self, pixels: FloatArray, box: Box) -> FloatArray:
        """Return what the network sees of a film.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1, bone bright.
        box
            The lungs' box, in pixels of the film.

        Returns
        -------
        (size, size) float32
            -1 to 1.
        """
        return classifier_input(pixels, box, size=self.bundle.input_size) * 2.0 - 1.0

    def run(
        self, inputs: FloatArray, *, outputs: tuple[str, ...] | None = NUMBERS
    ) -> Mapping[str, FloatArray]:
        """Run the network on a batch of what it sees.

        Parameters
        ----------
        inputs : (n, size, size) float32
            From `input_of`, -1 to 1.
        outputs
            Names of the outputs wanted; None for all.

        Returns
        -------
        mapping of name to (n, …) float32
            Logits, embedding, and maps by "layer/method".
        """
        return self._network.run(inputs[:, None], outputs=outputs)

    def distance_percentile(self, embedding: FloatArray) -> float | None:
        """Return how many of 100 unseen films lie nearer to the training films than this one.

        Parameters
        ----------
        embedding : (channels,) float32
            From `score`.

        Returns
        -------
        float or None
            0 to 100; None where the bundle has no reference.
        """
        if self.reference is None:
            return None
        return self.reference.percentile(self.reference.distance(embedding))

    @cached_property
    def _landscape(self) -> Landscape | None:
        path = self.bundle.folder / LANDSCAPE
        return load_landscape(path) if path.is_file() else None

    def is_training_film(self, embedding: FloatArray) -> bool:
        """Say whether a film, or a copy of it, is among those that the network learned from.

        Parameters
        ----------
        embedding : (channels,) float32
            From `score`.

        Returns
        -------
        bool
            False where the bundle does not say what it learned from.
        """
        if self.reference is None or self._landscape is None:
            return False
        return place(self._landscape, self.reference, embedding).is_training_film

    def findings(self, logits: FloatArray) -> tuple[Finding, ...]:
        """Return calibrated findings, one per label of the bundle.

        Parameters
        ----------
        logits : (findings,) float32
            From `score`.

        Returns
        -------
        tuple of Finding
            Probabilities sum to 1.
        """
        chances = softmax(logits, temperature=self.bundle.temperature)
        thresholds = (
            PLAIN_THRESHOLD if label.threshold is None else label.threshold
            for label in self.bundle.labels
        )
        rows = zip(self.bundle.labels, logits, chances, thresholds, strict=True)
        return tuple(
            Finding(
                label=label.name,
                logit=float(logit),
                probability=float(chance),
                threshold=threshold,
                is_positive=bool(chance >= threshold),
            )
            for label, logit, chance, threshold in rows
        )


def _check_scales(bundle: Bundle, outputs: tuple[str, ...]) -> None:
    """Refuse a bundle whose maps could only be stretched film by film.

    Raises
    ------
    BundleError
        A map of the network has no scale above 0 in bundle.toml.
    """
    for name in outputs:
        if name not in NUMBERS and not bundle.map_scale.get(name, 0.0) > 0.0:
            raise BundleError(
                f"found no map_scale above 0 for {name} in bundle {bundle.name!r} – expected one "
                "for every map. Export the bundle again.",
                code="bundle-map-scale",
            )
