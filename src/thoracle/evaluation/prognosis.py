"""How good told risks are: ranking, calibration, skill and net benefit, by patient and repeat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.average_precision import average_precision_statistic
from thoracle.evaluation.bootstrap import (
    METHOD,
    PatientResamples,
    clustered_estimate,
    resample_patients,
    resampled,
    without_false_certainty,
)
from thoracle.evaluation.calibration import expected_calibration_error
from thoracle.evaluation.decision_curves import net_benefit
from thoracle.evaluation.estimate import (
    MINIMUM_CASES,
    Estimate,
    finite_or_none,
    ratio,
    too_few_cases,
    unknown,
)
from thoracle.evaluation.prognosis_calibration import calibration_line
from thoracle.evaluation.roc import auroc_statistic

RESAMPLES = 1000
ACTION_RISKS = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Risks at which somebody might act: net benefit is told at each."""
Statistic = Callable[[DoubleArray], DoubleArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToldRisks:
    """What one model told of landmarks of one kind, for one horizon.

    Attributes
    ----------
    model
        Its name.
    risks : (repeats, landmarks) float64
        0 to 1, of each repeat of the experiment; NaN where the model had no answer.
    has_event : (landmarks,) bool
        Whether the event came within the horizon.
    patient : (landmarks,) str
        Whose each landmark is.
    is_probability
        Whether risks claim to be probabilities: calibration and skill of a rule or of a score
        would mean nothing.
    """

    model: str
    risks: DoubleArray = field(repr=False)
    has_event: BoolArray = field(repr=False)
    patient: tuple[str, ...] = field(repr=False)
    is_probability: bool = True

    def __post_init__(self) -> None:
        wanted = (len(self.risks), len(self.patient))
        if self.risks.shape != wanted or self.has_event.shape != wanted[1:]:
            raise EvaluationError(
                f"found risks {self.risks.shape}, events {self.has_event.shape} and "
                f"{len(self.patient)} patients – expected (repeats, landmarks) and one of each "
                "per landmark. Pass them in the same order.",
                code="evaluation-shape",
            )

    @property
    def is_told(self) -> BoolArray:
        """Which landmarks have an answer in every repeat, (landmarks,) bool."""
        return np.asarray(~np.isnan(self.risks).any(axis=0), np.bool_)

    def take(self, kept: BoolArray) -> "ToldRisks":
        """Return the landmarks that are kept, (landmarks,) bool."""
        return ToldRisks(
            model=self.model,
            risks=self.risks[:, kept],
            has_event=self.has_event[kept],
            patient=tuple(np.array(self.patient, np.str_)[kept].tolist()),
            is_probability=self.is_probability,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigures:
    """Everything that is told of one model, one kind of landmark and one horizon.

    Attributes
    ----------
    landmarks, answered, events
        How many there are; how many have an answer; how many of those an event.
    auroc, average_precision
        Over those with an answer.
    auroc_sd
        Over the repeats; None with fewer than two.
    brier_skill
        1 is perfect, 0 no better than telling everybody the share of events in this very sample.
    slope, intercept
        Of the calibration line; `level` is the intercept where the slope is held at 1.
    ece
        Expected calibration error, bins of equal mass; mean over repeats.
    net_benefit, net_benefit_of_all
        At each of `ACTION_RISKS`, in true positives per landmark; of acting on everybody likewise.
    """

    model: str
    landmarks: int
    answered: int
    events: int
    auroc: Estimate
    auroc_sd: float | None
    average_precision: Estimate
    brier_skill: Estimate
    slope: Estimate
    intercept: Estimate
    level: Estimate
    ece: float | None
    net_benefit: tuple[Estimate, ...]
    net_benefit_of_all: tuple[float, ...]


def risk_figures(
    told: ToldRisks, *, generator: np.random.Generator, resamples: int = RESAMPLES
) -> RiskFigures:
    """Judge what a model told.

    Parameters
    ----------
    told
        Of one kind of landmark and one horizon.
    generator
        Of the bootstrap.
    resamples
        How often patients are drawn.

    Returns
    -------
    RiskFigures
        A figure is the mean of the repeats' figures; its 95 % interval is the same mean on draws
        of patients. Unknown with fewer than 10 events or non-events.
    """
    kept = told.take(told.is_told)
    bench = _Bench(kept, generator=generator, resamples=resamples)
    areas = [float(_area(one, kept.has_event)(_ones(kept))[0]) for one in kept.risks]
    line = bench.of(_line) if kept.is_probability else [bench.not_a_risk()] * 3
    has_figures = bench.lack is None and kept.is_probability
    return RiskFigures(
        model=told.model,
        landmarks=len(told.patient),
        answered=len(kept.patient),
        events=int(kept.has_event.sum()),
        auroc=bench.one(_area),
        auroc_sd=_sd(areas),
        average_precision=bench.one(average_precision_statistic),
        brier_skill=bench.one(_skill) if kept.is_probability else bench.not_a_risk(),
        slope=line[0],
        intercept=line[1],
        level=line[2],
        ece=_mean_ece(kept) if has_figures else None,
        net_benefit=tuple(bench.of(_benefits)) if has_figures else (),
        net_benefit_of_all=_benefit_of_all(kept.has_event) if has_figures else (),
    )


def auroc_difference(
    first: ToldRisks,
    second: ToldRisks,
    *,
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return how much higher the AUROC of a model is than another's on the same landmarks.

    Parameters
    ----------
    first, second
        Of the same landmarks in the same order; those that both answer are compared. Their
        repeats may differ in number.
    generator
        Of the bootstrap: both are judged on the same draws of patients.
    resamples
        How often patients are drawn.

    Returns
    -------
    Estimate
        First minus second.

    Raises
    ------
    EvaluationError
        They are of other landmarks.
    """
    if first.patient != second.patient or (first.has_event != second.has_event).any():
        raise EvaluationError(
            f"found {first.model!r} and {second.model!r} told of different landmarks – expected "
            "the same in the same order. Take those that both have.",
            code="evaluation-labels",
        )
    both = first.is_told & second.is_told
    pair = first.take(both), second.take(both)
    bench = _Bench(pair[0], generator=generator, resamples=resamples)
    if bench.lack is not None:
        return bench.without()
    values = [_means(one, _area, bench.resamples) for one in pair]
    difference = values[0] - values[1]
    found = clustered_estimate(
        float(difference[0, 0]), difference[1:, 0], n=int(both.sum()), patients=bench.patients
    )
    return without_false_certainty(found)


class _Bench:
    """One set of landmarks, and the draws of their patients."""

    def __init__(self, told: ToldRisks, *, generator: np.random.Generator, resamples: int) -> None:
        positives = int(told.has_event.sum())
        self._told, self.n = told, len(told.patient)
        self.lack = too_few_cases(
            positives=positives, negatives=self.n - positives, minimum=MINIMUM_CASES
        )
        self.resamples: PatientResamples | None = None
        if self.lack is None:
            self.resamples = resample_patients(
                told.patient, resamples=resamples, generator=generator
            )

    @property
    def patients(self) -> int:
        """How many patients there are; 0 where nothing is drawn."""
        return 0 if self.resamples is None else self.resamples.patients

    def without(self) -> Estimate:
        """Return an unknown figure that says why."""
        reason = self.lack or Reason(code="no-cases", text="The landmarks leave it undefined.")
        return unknown(reason, n=self.n, method=METHOD)

    def not_a_risk(self) -> Estimate:
        """Return an unknown figure for what is no probability."""
        text = "A rule or a score tells no probability."
        return unknown(Reason(code="no-probability", text=text), n=self.n, method=METHOD)

    def one(self, make: Callable[[DoubleArray, BoolArray], Statistic]) -> Estimate:
        """Return the estimate of a figure of one number."""
        return self.of(make)[0]

    def of(self, make: Callable[[DoubleArray, BoolArray], Statistic]) -> list[Estimate]:
        """Return estimates of a figure of one or more numbers."""
        if self.resamples is None:
            return [self.without()] * 3
        values = _means(self._told, make, self.resamples)
        found = (
            clustered_estimate(
                float(column[0]), column[1:], n=self.n, patients=self.resamples.patients
            )
            for column in values.T
        )
        return [without_false_certainty(one) for one in found]


def _means(
    told: ToldRisks,
    make: Callable[[DoubleArray, BoolArray], Statistic],
    resamples: PatientResamples | None,
) -> DoubleArray:
    """Return a figure on all landmarks, then on each draw, averaged over repeats, (…, numbers)."""
    parts = []
    for risks in told.risks:
        statistic = partial(_as_columns, make(risks, told.has_event))
        rows = [statistic(_ones(told))]
        rows += [] if resamples is None else [resampled(statistic, resamples)]
        parts.append(np.concatenate(rows))
    return np.asarray(np.mean(parts, axis=0), np.float64)


def _as_columns(statistic: Statistic, weights: DoubleArray) -> DoubleArray:
    return statistic(weights).reshape(len(weights), -1)


def _ones(told: ToldRisks) -> DoubleArray:
    return np.ones((1, len(told.patient)))


def _area(risks: DoubleArray, has_event: BoolArray) -> Statistic:
    return auroc_statistic(risks, has_event)


def _skill(risks: DoubleArray, has_event: BoolArray) -> Statistic:
    """Return one minus the Brier score over that of the sample's own share of events."""
    events = has_event.astype(np.float64)
    losses = (risks - events) ** 2

    def statistic(weights: DoubleArray) -> DoubleArray:
        total = weights.sum(axis=1)
        share = ratio(weights @ events, total)
        return 1.0 - ratio(ratio(weights @ losses, total), share * (1.0 - share))

    return statistic


def _line(risks: DoubleArray, has_event: BoolArray) -> Statistic:
    return calibration_line(risks, has_event)


def _benefits(risks: DoubleArray, has_event: BoolArray) -> Statistic:
    parts = net_benefit(risks, has_event, np.array(ACTION_RISKS))

    def statistic(weights: DoubleArray) -> DoubleArray:
        return np.asarray((weights @ parts) / weights.sum(axis=1, keepdims=True), np.float64)

    return statistic


def _benefit_of_all(has_event: BoolArray) -> tuple[float, ...]:
    everybody = net_benefit(np.ones(has_event.size), has_event, np.array(ACTION_RISKS))
    return tuple(everybody.mean(axis=0).tolist())


def _mean_ece(told: ToldRisks) -> float | None:
    errors = [expected_calibration_error(one, told.has_event) for one in told.risks]
    return finite_or_none(float(np.mean(errors)))


def _sd(values: Sequence[float]) -> float | None:
    known = [one for one in values if np.isfinite(one)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else None
