"""How far a film's embedding lies from those of the training films."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.errors import EvaluationError

REFERENCE = "reference.npz"
SHRINKAGE = 0.1  # towards the mean variance; a thousand films do not fix 1024 variances.


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingReference:
    """Mean and whitening of training embeddings, and the distances of calibration films.

    Attributes
    ----------
    mean : (channels,) float32
        Of the training films.
    whitening : (channels, components) float32
        Directions divided by their spread.
    distances : (101,) float32
        Percentiles 0 to 100 of the distances of films that were not trained on.
    """

    mean: FloatArray
    whitening: FloatArray
    distances: FloatArray

    def distance(self, embedding: FloatArray) -> float:
        """Return the Mahalanobis distance of a (channels,) embedding, in spreads; 0 is the mean."""
        return float(np.linalg.norm((embedding - self.mean) @ self.whitening))

    def percentile(self, distance: float) -> float:
        """Return the share of unseen calibration films that lie nearer, 0 to 100 percent."""
        return float(np.interp(distance, self.distances, np.arange(len(self.distances))))


def fit_reference(
    train: FloatArray, held_out: FloatArray, *, components: int
) -> EmbeddingReference:
    """Fit mean and whitening on training embeddings and measure held-out ones.

    Parameters
    ----------
    train : (films, channels) float32
        Embeddings of at least two films.
    held_out : (films, channels) float32
        Embeddings of at least one film that was not trained on.
    components
        Directions kept, those of largest variance.

    Returns
    -------
    EmbeddingReference
        Ready to be saved beside the network.

    Raises
    ------
    EvaluationError
        There are too few films, or all training films have the same embedding.

    References
    ----------
    Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS 2018,
    with one class.
    """
    if len(train) < 2 or len(held_out) < 1 or not np.ptp(train, axis=0).any():
        raise EvaluationError(
            f"found {len(train)} training and {len(held_out)} held-out embeddings – expected at "
            "least 2 that differ, and 1. Add films to both splits.",
            code="reference-films",
        )
    mean = train.mean(axis=0)
    centered: DoubleArray = (train - mean).astype(np.float64)
    covariance = centered.T @ centered / (len(centered) - 1)
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = values[::-1][:components], vectors[:, ::-1][:, :components]
    spread = np.sqrt((1 - SHRINKAGE) * values + SHRINKAGE * values.mean())
    draft = EmbeddingReference(
        mean=mean.astype(np.float32),
        whitening=(vectors / spread).astype(np.float32),
        distances=np.zeros(101, np.float32),
    )
    measured = [draft.distance(one) for one in held_out]
    return EmbeddingReference(
        mean=draft.mean,
        whitening=draft.whitening,
        distances=np.percentile(measured, np.arange(101)).astype(np.float32),
    )


def save_reference(reference: EmbeddingReference, path: Path) -> None:
    """Write the reference as NPZ, without pickle."""
    np.savez_compressed(
        path,
        mean=reference.mean,
        whitening=reference.whitening.astype(np.float16),
        distances=reference.distances,
    )


def load_reference(path: Path) -> EmbeddingReference:
    """Read what `save_reference` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return EmbeddingReference(
            mean=arrays["mean"].astype(np.float32),
            whitening=arrays["whitening"].astype(np.float32),
            distances=arrays["distances"].astype(np.float32),
        )
