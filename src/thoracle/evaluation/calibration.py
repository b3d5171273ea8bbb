"""Temperature scaling, and how far probabilities agree with what is observed."""

import math
from dataclasses import dataclass

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.confusion import UNKNOWN
from thoracle.evaluation.estimate import CONFIDENCE, Estimate
from thoracle.evaluation.intervals import wilson

BINS = 10  # With a few hundred test films 10 bins still hold 20 or more each.
EQUAL_MASS = "equal-mass"
EQUAL_WIDTH = "equal-width"
TEMPERATURE_MIN = 0.05  # Beyond these a softmax is a step or flat: a sign of too few films.
TEMPERATURE_MAX = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureFit:
    """The temperature that makes calibration films most likely.

    `nll_before` and `nll_after` are the mean negative log-likelihoods, in nats, at
    temperature 1 and at `temperature`. `warning` is set where the fit should not be trusted.
    """

    temperature: float
    nll_before: float
    nll_after: float
    n: int
    warning: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """One bin of a reliability curve: what was said, and what was observed (Wilson)."""

    lower_edge: float
    upper_edge: float
    mean_probability: float
    observed: Estimate


def softmax(logits: DoubleArray, *, temperature: float = 1.0) -> DoubleArray:
    """Turn logits (films, classes) into probabilities (films, classes) float64.

    Raises
    ------
    EvaluationError
        `temperature` is not above 0.
    """
    if not temperature > 0.0:
        raise EvaluationError(
            f"The temperature is {temperature:g}, expected above 0. Refit it, or pass 1.",
            code="evaluation-values",
        )
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    return np.asarray(scipy.special.softmax(scaled, axis=1), dtype=np.float64)


def negative_log_likelihood(
    logits: DoubleArray, reference: IntArray, *, temperature: float = 1.0
) -> float:
    """Return the mean negative log-likelihood of the reference, in nats; -1 is left out.

    Parameters
    ----------
    logits : (films, classes) float64
        The network's own numbers.
    reference : (films,) int64
        Index of the reference finding, -1 where unknown.
    temperature
        Divides the logits.

    Returns
    -------
    float
        0 is certainty in the right finding; log(classes) is no information. NaN without films.
    """
    known = reference != UNKNOWN
    if not known.any():
        return math.nan
    scaled = np.asarray(logits[known], dtype=np.float64) / temperature
    own = scaled[np.arange(scaled.shape[0]), reference[known]]
    return float(np.mean(scipy.special.logsumexp(scaled, axis=1) - own))


def fit_temperature(logits: DoubleArray, reference: IntArray) -> TemperatureFit:
    """Fit one temperature on calibration films by minimizing the negative log-likelihood.

    The order of the findings within a film, hence argmax, does not change.

    Parameters
    ----------
    logits : (films, classes) float64
        Of films that were neither trained nor are tested on.
    reference : (films,) int64
        Index of the reference finding, -1 where unknown.

    Returns
    -------
    TemperatureFit
        Above 1 the network was too sure, below 1 not sure enough.

    Raises
    ------
    EvaluationError
        The arrays do not match, or no film has a known reference.

    References
    ----------
    Guo et al. 2017, On calibration of modern neural networks.
    """
    _check_logits(logits, reference)
    known = reference != UNKNOWN
    if not known.any():
        raise EvaluationError(
            f"0 of {reference.size} calibration films have a known reference: expected at least "
            "1. Add labeled films to the calibration split.",
            code="evaluation-empty",
        )
    logits, reference = logits[known], reference[known]

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(logits, reference, temperature=math.exp(log_temperature))

    bounds = (math.log(TEMPERATURE_MIN), math.log(TEMPERATURE_MAX))
    found = scipy.optimize.minimize_scalar(
        loss, bounds=bounds, method="bounded", options={"xatol": 1e-8}
    )
    best = min((loss(bounds[0]), bounds[0]), (float(found.fun), float(found.x)))
    temperature = math.exp(best[1])
    return TemperatureFit(
        temperature=temperature,
        nll_before=loss(0.0),
        nll_after=best[0],
        n=int(reference.size),
        warning=_distrust(temperature, reference),
    )


def bin_of(probability: DoubleArray, *, bins: int = BINS, scheme: str = EQUAL_MASS) -> IntArray:
    """Return the bin index of each probability.

    Parameters
    ----------
    probability : (films,) float64
        0 to 1.
    bins
        How many bins to aim at; ties stay together, so equal-mass bins may be fewer.
    scheme
        "equal-mass" (default: as many films in each) or "equal-width" (0 to 1 cut evenly).

    Returns
    -------
    (films,) int64
        0 to `bins` - 1, in rising order of probability; some may stay empty.

    Raises
    ------
    EvaluationError
        `scheme` is another word, or `bins` is below 1.
    """
    if bins < 1 or scheme not in {EQUAL_MASS, EQUAL_WIDTH}:
        raise EvaluationError(
            f"{bins} bins of scheme {scheme!r}: expected at least 1 bin of 'equal-mass' or "
            "'equal-width'. Pass one of them.",
            code="evaluation-values",
        )
    if scheme == EQUAL_MASS:
        midrank = scipy.stats.rankdata(probability)
        return np.floor((midrank - 0.5) * bins / max(1, probability.size)).astype(np.int64)
    inner = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    return np.searchsorted(inner, probability, side="right").astype(np.int64)


def reliability_curve(
    probability: DoubleArray,
    is_true: BoolArray,
    *,
    bins: int = BINS,
    scheme: str = EQUAL_MASS,
    confidence: float = CONFIDENCE,
) -> tuple[ReliabilityBin, ...]:
    """Compare what was said with what was observed, bin by bin, empty bins left out.

    Parameters
    ----------
    probability : (films,) float64
        Of a finding, or of the predicted finding.
    is_true : (films,) bool
        Whether the film has it in the reference.
    bins, scheme
        As in `bin_of`.
    confidence
        Of each bin's Wilson interval.

    Returns
    -------
    tuple of ReliabilityBin
        In rising order of probability.
    """
    place = bin_of(probability, bins=bins, scheme=scheme)
    curve = []
    for index in np.unique(place):
        members = place == index
        inside = probability[members]
        even = scheme == EQUAL_WIDTH
        curve.append(
            ReliabilityBin(
                lower_edge=float(index / bins if even else inside.min()),
                upper_edge=float((index + 1) / bins if even else inside.max()),
                mean_probability=float(inside.mean()),
                observed=wilson(
                    int(is_true[members].sum()), int(members.sum()), confidence=confidence
                ),
            )
        )
    return tuple(curve)


def expected_calibration_error(
    probability: DoubleArray, is_true: BoolArray, *, bins: int = BINS, scheme: str = EQUAL_MASS
) -> float:
    """Return the mean distance, weighted by films, between said and observed over the bins.

    Parameters
    ----------
    probability : (films,) float64
        Of a finding, or of the predicted finding ("top label").
    is_true : (films,) bool
        Whether the film has it in the reference.
    bins, scheme
        As in `bin_of`; equal-mass is the default.

    Returns
    -------
    float
        0 to 1; NaN without films. Never 0 by chance alone: compare with `ece_if_calibrated`.
    """
    if probability.size == 0:
        return math.nan
    gaps = calibration_gaps(probability, is_true, bins=bins, scheme=scheme)
    return float(np.abs(gaps.sum(axis=0)).sum() / probability.size)


def calibration_gaps(
    probability: DoubleArray, is_true: BoolArray, *, bins: int = BINS, scheme: str = EQUAL_MASS
) -> DoubleArray:
    """Return each film's probability minus truth, in the column of its bin, else 0.

    The calibration error of any choice of films is the sum of the absolute column sums over
    the number of films: in a bootstrap the bins stay those of all films.

    Returns
    -------
    (films, bins) float64
        -1 to 1.
    """
    place = bin_of(probability, bins=bins, scheme=scheme)
    gaps = np.zeros((probability.size, bins))
    gaps[np.arange(probability.size), place] = probability - is_true
    return gaps


def ece_if_calibrated(
    probability: DoubleArray,
    *,
    generator: np.random.Generator,
    bins: int = BINS,
    scheme: str = EQUAL_MASS,
    resamples: int = 1000,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Simulate the calibration error that perfect probabilities would show by chance.

    Parameters
    ----------
    probability : (films,) float64
        Taken to be right: a film is true with its own probability.
    generator
        Source of randomness.
    bins, scheme
        As in `bin_of`.
    resamples
        How many sets of films to simulate.
    confidence
        Share of simulated sets between `low` and `high`.

    Returns
    -------
    Estimate
        Mean and central range: an error inside it is no evidence of miscalibration.

    References
    ----------
    Bröcker and Smith 2007 (consistency resampling).
    """
    place = bin_of(probability, bins=bins, scheme=scheme)
    member = np.zeros((probability.size, bins))
    member[np.arange(probability.size), place] = 1.0
    is_true = generator.random((resamples, probability.size)) < probability
    errors = np.abs((probability - is_true) @ member).sum(axis=1) / probability.size
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(errors, [tail, 100.0 - tail])
    return Estimate(
        value=float(errors.mean()),
        low=float(low),
        high=float(high),
        n=int(probability.size),
        method="simulated-calibrated",
    )


def brier_losses(probabilities: DoubleArray, reference: IntArray) -> DoubleArray:
    """Return each film's squared distance from its reference, summed over the classes.

    Parameters
    ----------
    probabilities : (films, classes) float64
        Calibrated probabilities.
    reference : (films,) int64
        Index of the reference finding, all known.

    Returns
    -------
    (films,) float64
        0 to 2; the mean is Brier's original score.
    """
    target = np.zeros(probabilities.shape)
    target[np.arange(reference.size), reference] = 1.0
    return np.asarray(np.sum((probabilities - target) ** 2, axis=1), dtype=np.float64)


def brier_one_against_rest(probability: DoubleArray, has_finding: BoolArray) -> float:
    """Return the mean squared distance of one finding's probability, 0 to 1; NaN without films."""
    if probability.size == 0:
        return math.nan
    return float(np.mean((probability - has_finding) ** 2))


def _distrust(temperature: float, reference: IntArray) -> Reason | None:
    near = 1.01  # The bounded search stops just short of its bounds.
    if not TEMPERATURE_MIN * near < temperature < TEMPERATURE_MAX / near:
        return Reason(
            code="temperature-at-bound",
            text=f"The temperature ran to {temperature:.3g}, the end of its range: the calibration "
            "films are sorted without an error, or carry no information.",
        )
    if np.unique(reference).size < 2:
        return Reason(code="one-class", text="All calibration films have the same finding.")
    return None


def _check_logits(logits: DoubleArray, reference: IntArray) -> None:
    if logits.ndim != 2 or logits.shape[0] != reference.size:
        raise EvaluationError(
            f"Logits have shape {logits.shape} for {reference.size} references: expected "
            "(films, classes). Pass one row per film.",
            code="evaluation-shape",
        )
    known = reference[reference != UNKNOWN]
    if known.size and (known.min() < 0 or known.max() >= logits.shape[1]):
        raise EvaluationError(
            f"A class index lies in {known.min()} to {known.max()}, expected 0 to "
            f"{logits.shape[1] - 1} (-1 for unknown). Map labels to the bundle's order.",
            code="evaluation-labels",
        )
    if not np.all(np.isfinite(logits)):
        raise EvaluationError(
            "Some logits are not finite, expected numbers. Leave out films that were refused.",
            code="evaluation-values",
        )
