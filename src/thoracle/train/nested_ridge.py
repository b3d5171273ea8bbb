"""Ridge regression whose strength is chosen inside the films that are learned from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray

INNER_FOLDS = 5
"""Of the films that are learned from, to choose the strength."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Places to learn from, and the score of each.

    Attributes
    ----------
    inputs : (examples, features) float64
        Of a zone, a lung or a film.
    targets : (examples,) float64
        Their scores; none unknown.
    groups : (examples,) int64
        Films that must not be parted: of one patient, or near-duplicates.
    """

    inputs: DoubleArray = field(repr=False)
    targets: DoubleArray = field(repr=False)
    groups: IntArray = field(repr=False)

    def take(self, keep: BoolArray) -> "Examples":
        """Return some of the examples."""
        return Examples(
            inputs=self.inputs[keep], targets=self.targets[keep], groups=self.groups[keep]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """A linear map: inputs @ weights + bias."""

    weights: DoubleArray = field(repr=False)
    bias: float
    strength: float

    def __call__(self, inputs: DoubleArray) -> DoubleArray:
        """Return (…) float64 for inputs (…, features)."""
        return np.asarray(inputs @ self.weights + self.bias, dtype=np.float64)


Error = Callable[[Ridge, IntArray], float]
"""From a fit and the groups left out, (groups,) int64, to a summed error on their films."""


def fit_ridge(examples: Examples, strengths: Sequence[float]) -> list[Ridge]:
    """Fit ridge regressions of several strengths at once; inputs are standardized inside.

    Parameters
    ----------
    examples
        At least two.
    strengths
        Penalties in units of the variance of one input: each divides by it plus 1.

    Returns
    -------
    list of Ridge
        One for each strength, on the scale of the inputs as given.

    References
    ----------
    Hoerl and Kennard, Technometrics 12, 1970.
    """
    center, spread = examples.inputs.mean(axis=0), examples.inputs.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (examples.inputs - center) / spread
    level = float(examples.targets.mean())
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    turned = vectors.T @ (scaled.T @ (examples.targets - level) / len(scaled))
    fits = []
    for strength in strengths:
        weights = vectors @ (turned / (values.clip(min=0.0) + strength)) / spread
        fits.append(Ridge(weights=weights, bias=level - float(center @ weights), strength=strength))
    return fits


def fold_of_groups(groups: int, *, folds: int, generator: np.random.Generator) -> IntArray:
    """Deal groups into folds of nearly one size; return the fold of each, (groups,) int64."""
    return np.asarray(generator.permutation(groups) % folds, dtype=np.int64)


def choose_ridge(
    examples: Examples,
    error: Error,
    *,
    strengths: Sequence[float],
    generator: np.random.Generator,
) -> Ridge:
    """Fit a ridge regression of the strength that errs least on groups left out.

    Parameters
    ----------
    examples
        To learn from.
    error
        Sums what a fit errs on the films of some groups.
    strengths
        Those to choose from.
    generator
        Deals the groups into folds.

    Returns
    -------
    Ridge
        Fitted to all examples.
    """
    known, place = np.unique(examples.groups, return_inverse=True)
    fold = fold_of_groups(len(known), folds=INNER_FOLDS, generator=generator)
    errors = np.zeros(len(strengths))
    for one in range(INNER_FOLDS):
        fits = fit_ridge(examples.take(fold[place] != one), strengths)
        errors += [error(fit, known[fold == one]) for fit in fits]
    best = int(errors.argmin())
    return fit_ridge(examples, strengths)[best]
