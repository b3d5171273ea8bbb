"""Score one film: from lung crop to logits, calibrated probabilities, embedding and maps."""

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.results import Finding
from thoracle.imaging.resample import Box
from thoracle.inference.bundle import Bundle
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
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task("classifier").need_input(CLASSIFIER_INPUT)
        self._network = Network(bundle, needs=NUMBERS, threads=threads)
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
        film = classifier_input(pixels, box, size=self.bundle.input_size) * 2.0 - 1.0
        values = self._network.run(film[None, None], outputs=None if with_maps else NUMBERS)
        return Scores(
            logits=values["logits"][0],
            embedding=values["embedding"][0],
            maps={name: value[0] for name, value in values.items() if name not in NUMBERS},
        )

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
