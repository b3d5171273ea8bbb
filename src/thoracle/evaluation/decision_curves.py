"""Net benefit of acting on a finding's probability, against acting on all and on no patients."""

from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.evaluation.bootstrap import (
    PatientResamples,
    percentile_interval,
    resample_patients,
    resampled_sums,
)
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions

THRESHOLDS = tuple(round(0.01 + 0.02 * step, 2) for step in range(50))
"""Probabilities at which somebody might act: 0.01, 0.03 … 0.99."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPoint:
    """Net benefit where one acts from a probability of `threshold` on, in true positives a film.

    `low` and `high` are pointwise limits by patient, NaN where there are none. `treat_all` is the
    net benefit of acting on everybody; acting on nobody has 0. `is_above_all` and
    `is_above_none` say whether the interval of the difference lies wholly above 0.
    """

    threshold: float
    net_benefit: float
    low: float
    high: float
    treat_all: float
    is_above_all: bool
    is_above_none: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCurve:
    """Net benefit of one finding's probability over thresholds; `share` is the finding's."""

    label: str
    share: float
    points: tuple[DecisionPoint, ...]

    @property
    def useful(self) -> tuple[tuple[float, float], ...]:
        """Ranges of thresholds at which the model is shown to be better than both."""
        ranges: list[tuple[float, float]] = []
        previous_is_useful = False
        for one in self.points:
            is_useful = one.is_above_all and one.is_above_none
            if is_useful and previous_is_useful:
                ranges[-1] = (ranges[-1][0], one.threshold)
            elif is_useful:
                ranges.append((one.threshold, one.threshold))
            previous_is_useful = is_useful
        return tuple(ranges)


def net_benefit(
    probability: DoubleArray, has_finding: BoolArray, thresholds: DoubleArray
) -> DoubleArray:
    """Return what each film adds to the net benefit at each threshold.

    Parameters
    ----------
    probability : (films,) float64
        Calibrated probability of the finding; one acts where it is at least the threshold.
    has_finding : (films,) bool
        The reference.
    thresholds : (thresholds,) float64
        Above 0 and below 1.

    Returns
    -------
    (films, thresholds) float64
        Its mean over films is the net benefit: 1 for a true positive, minus the odds of the
        threshold for a false one.

    References
    ----------
    Vickers and Elkin, Med Decis Making 2006;26:565.
    """
    acts = probability[:, None] >= thresholds[None, :]
    odds = thresholds / (1.0 - thresholds)
    return np.where(acts, np.where(has_finding[:, None], 1.0, -odds[None, :]), 0.0)


def decision_curves(
    inputs: EvaluationInput, *, generator: np.random.Generator, options: EvaluationOptions
) -> tuple[DecisionCurve, ...]:
    """Compute each finding's decision curve against all others, with bands by patient.

    Parameters
    ----------
    inputs
        The films; those of unknown reference are left out.
    generator
        Source of randomness for the bootstrap.
    options
        Confidence and resamples.

    Returns
    -------
    tuple of DecisionCurve
        One per finding that some films have and others have not. Net benefit holds at the share
        of the finding in these films only.
    """
    known = inputs.with_known_reference()
    draws = resample_patients(known.patient, resamples=options.resamples, generator=generator)
    return tuple(
        _curve(known, index, draws, confidence=options.confidence)
        for index in range(len(known.labels))
        if 0 < int(np.sum(known.reference == index)) < known.films
    )


def _curve(
    inputs: EvaluationInput, index: int, draws: PatientResamples, *, confidence: float
) -> DecisionCurve:
    thresholds = np.asarray(THRESHOLDS)
    has_finding = inputs.reference == index
    probability = np.asarray(inputs.probabilities[:, index], np.float64)
    model = net_benefit(probability, has_finding, thresholds)
    everybody = net_benefit(np.ones(inputs.films), has_finding, thresholds)
    columns = np.concatenate([model, model - everybody, np.ones((inputs.films, 1))], axis=1)
    sums = resampled_sums(columns, draws)
    means = sums[:, :-1] / sums[:, -1:]
    ends = [
        percentile_interval(column, patients=draws.patients, confidence=confidence)
        for column in means.T
    ]
    size = thresholds.size
    lows = [np.nan if one.low is None else one.low for one in ends]
    highs = [np.nan if one.high is None else one.high for one in ends]
    return DecisionCurve(
        label=inputs.labels[index],
        share=float(has_finding.mean()),
        points=tuple(
            DecisionPoint(
                threshold=threshold,
                net_benefit=float(model[:, place].mean()),
                low=lows[place],
                high=highs[place],
                treat_all=float(everybody[:, place].mean()),
                is_above_all=bool(lows[size + place] > 0.0),
                is_above_none=bool(lows[place] > 0.0),
            )
            for place, threshold in enumerate(THRESHOLDS)
        ),
    )
