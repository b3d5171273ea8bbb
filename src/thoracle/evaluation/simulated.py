"""Made-up films with known truth, for examples, documentation and tests; never results."""

from collections.abc import Sequence

import numpy as np
import scipy

from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.inputs import EvaluationInput

LABELS = ("No finding", "Other lung opacity", "COVID-19")


def simulated_input(
    *,
    films: int,
    separation: float,
    overconfidence: float,
    generator: np.random.Generator,
    thresholds: Sequence[float] | None = None,
) -> EvaluationInput:
    """Make films whose probabilities are right once the logits are divided by a known number.

    Parameters
    ----------
    films
        How many; about one in three is a patient's second or third film.
    separation
        Distance of the findings in standard deviations; one finding against one other then
        has an AUROC of `expected_pair_auroc(separation)`.
    overconfidence
        The temperature that calibrates the logits; `probabilities` have it applied.
    generator
        Source of randomness.
    thresholds
        One per finding, or None.

    Returns
    -------
    EvaluationInput
        Three findings, two made-up hospitals, ages, sexes and views, some unknown.
    """
    reference = generator.integers(0, len(LABELS), size=films)
    axes = separation / np.sqrt(2.0) * np.eye(len(LABELS))
    evidence = axes[reference] + generator.normal(size=(films, len(LABELS)))
    logits = overconfidence * (evidence @ axes.T - 0.5 * np.sum(axes**2, axis=1))
    patients = np.sort(generator.integers(0, max(1, 2 * films // 3), size=films))
    ages = generator.normal(55.0, 18.0, size=films).clip(18.0, 95.0)
    ages[generator.random(films) < 0.1] = np.nan
    return EvaluationInput(
        labels=LABELS,
        logits=logits,
        probabilities=softmax(logits, temperature=overconfidence),
        reference=reference.astype(np.int64),
        patient=tuple(f"patient-{index}" for index in patients),
        thresholds=None if thresholds is None else tuple(thresholds),
        source=_names(generator, films, ("hospital-a", "hospital-b")),
        age_years=ages,
        sex=_names(generator, films, ("F", "M", None)),
        view=_names(generator, films, ("AP", "PA")),
    )


def expected_pair_auroc(separation: float) -> float:
    """Return the AUROC of two unit normal distributions that lie `separation` apart."""
    return float(scipy.stats.norm.cdf(separation / np.sqrt(2.0)))


def _names(
    generator: np.random.Generator, films: int, values: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    return tuple(values[index] for index in generator.integers(0, len(values), size=films))
