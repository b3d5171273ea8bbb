"""Two classifiers on the same films: the difference of any figure, and whether one is not worse.

Both are judged on the same draws of patients, so that what the films have in common cancels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.bootstrap import (
    METHOD,
    PatientResamples,
    clustered_estimate,
    resample_patients,
    resampled,
    resampled_sums,
    without_false_certainty,
)
from thoracle.evaluation.calibration import brier_losses
from thoracle.evaluation.estimate import Estimate, finite_or_none, ratio, too_few_cases, unknown
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.mcnemar import McNemar, mcnemar
from thoracle.evaluation.non_inferiority import NonInferiority, non_inferiority
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import (
    PairedComparison,
    auroc_statistic,
    compare_auroc,
    pairwise_score,
)
from thoracle.evaluation.thresholds import is_positive

PRIMARY = "balanced_accuracy"
FIGURES = (
    "accuracy", "balanced_accuracy", "brier", "nll", "sensitivity", "specificity", "auroc",
)  # fmt: skip
NO_DIFFERENCE = Reason(
    code="no-difference-seen",
    text="The films show no difference, so they cannot say how large one could be.",
)
_LOSSES = {"brier", "nll"}  # Lower is better; a margin in shares says nothing about them.


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """One figure of two classifiers on the same films.

    `finding` is None for figures over all findings; `against` names the other finding of a
    pair, None for all others. `difference` is first minus second with an interval by patient.
    `delong` compares AUROCs with films taken as independent. `margin` is the statement of
    non-inferiority, None for losses and where no margin was declared.
    """

    figure: str
    finding: str | None
    against: str | None
    higher_is_better: bool
    first: float | None
    second: float | None
    difference: Estimate
    delong: PairedComparison | None = None
    margin: NonInferiority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedFigures:
    """Everything that is reported about two classifiers on the same films.

    `mcnemar` compares correctness of the highest probability. `primary` names the figure that
    was chosen before; all others are secondary.
    """

    films: int
    patients: int
    films_per_patient_max: int
    labels: tuple[str, ...]
    support: tuple[int, ...]
    primary: str
    options: EvaluationOptions
    mcnemar: McNemar
    differences: tuple[PairedDifference, ...]

    def of(self, figure: str, finding: str | None = None) -> PairedDifference:
        """Return the difference of a figure over all findings, or of one against all others.

        Raises
        ------
        EvaluationError
            There is none of that name.
        """
        for one in self.differences:
            if (one.figure, one.finding, one.against) == (figure, finding, None):
                return one
        raise EvaluationError(
            f"found no difference of {figure!r} for finding {finding!r} – expected one of "
            f"{', '.join(FIGURES)}, and a finding of {', '.join(self.labels)} or none.",
            code="evaluation-figure",
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Mean:
    """A figure that is the mean over groups of films of the mean inside each.

    `first` and `second` are (films,) float64, what each film adds; `groups` is (films, groups)
    bool, which films count.
    """

    figure: str
    finding: str | None
    against: None = None
    first: DoubleArray = field(repr=False)
    second: DoubleArray = field(repr=False)
    groups: BoolArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Area:
    """An AUROC among some films: `members` is (films,) bool, the scores are of all films."""

    figure: str = "auroc"
    finding: str
    against: str | None
    first: DoubleArray = field(repr=False)
    second: DoubleArray = field(repr=False)
    has_finding: BoolArray = field(repr=False)
    members: BoolArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Workbench:
    """What every difference is made with."""

    resamples: PatientResamples
    options: EvaluationOptions
    margin: float | None

    def compare(self, one: _Mean | _Area) -> PairedDifference:
        """Compare one figure, both classifiers on the same draws."""
        delong = None
        if isinstance(one, _Mean):
            value, difference = self._mean(one)
        else:
            value, difference, delong = self._area(one)
        gains = one.figure not in _LOSSES
        declared = self.margin if gains else None
        return PairedDifference(
            figure=one.figure,
            finding=one.finding,
            against=one.against,
            higher_is_better=gains,
            first=finite_or_none(value[0]),
            second=finite_or_none(value[1]),
            difference=difference,
            delong=delong,
            margin=None if declared is None else non_inferiority(difference, margin=declared),
        )

    def _mean(self, one: _Mean) -> tuple[DoubleArray, Estimate]:
        groups = one.groups.astype(np.float64)
        both = (one.first[:, None] * groups, one.second[:, None] * groups)
        cells = np.concatenate([*both, groups], axis=1)
        value = _means(cells.sum(axis=0, keepdims=True))[0]
        drawn = _means(resampled_sums(cells, self.resamples))
        return value, self._estimate(value, drawn, n=int(one.groups.sum()))

    def _area(self, one: _Area) -> tuple[DoubleArray, Estimate, PairedComparison | None]:
        kept = np.flatnonzero(one.members)
        has_finding = one.has_finding[kept]
        positives = int(has_finding.sum())
        lack = too_few_cases(
            positives=positives,
            negatives=kept.size - positives,
            minimum=self.options.minimum_cases,
        )
        if lack is not None:
            return np.full(2, np.nan), unknown(lack, n=kept.size, method=METHOD), None
        scores = one.first[kept], one.second[kept]
        statistics = [auroc_statistic(each, has_finding) for each in scores]

        def on_members(weights: DoubleArray) -> DoubleArray:
            return np.stack([statistic(weights[:, kept]) for statistic in statistics], axis=1)

        value = on_members(np.ones((1, one.members.size)))[0]
        drawn = resampled(on_members, self.resamples)
        delong = compare_auroc(*scores, has_finding, confidence=self.options.confidence)
        return value, self._estimate(value, drawn, n=kept.size), delong

    def _estimate(self, value: DoubleArray, drawn: DoubleArray, *, n: int) -> Estimate:
        """Bootstrap a difference; no limits where all draws are alike, a point is no certainty."""
        found = clustered_estimate(
            float(value[0] - value[1]),
            drawn[:, 0] - drawn[:, 1],
            n=n,
            patients=self.resamples.patients,
            confidence=self.options.confidence,
        )
        return without_false_certainty(found, reason=NO_DIFFERENCE)


def compare_classifiers(
    first: EvaluationInput,
    second: EvaluationInput,
    *,
    generator: np.random.Generator,
    options: EvaluationOptions | None = None,
    primary: str = PRIMARY,
    margin: float | None = None,
) -> PairedFigures:
    """Compare two classifiers on the same films.

    Parameters
    ----------
    first, second
        The same films in the same order, with the same labels, reference and patients; each
        with its own scores and thresholds. Films of unknown reference are left out.
    generator
        Source of randomness; the same seed gives the same intervals.
    options
        Confidence, resamples, minimum numbers; None takes the defaults.
    primary
        The figure over all findings that was chosen before looking: "accuracy",
        "balanced_accuracy", "brier" or "nll".
    margin
        How much worse the first may be and still count as not worse, above 0, in shares;
        None says nothing about it.

    Returns
    -------
    PairedFigures
        Differences are first minus second. Two that are not of the same films, and a figure that
        there is not, are an EvaluationError.
    """
    _check_pair(first, second)
    need_primary(primary)
    options = EvaluationOptions() if options is None else options
    first, second = first.with_known_reference(), second.with_known_reference()
    draws = resample_patients(first.patient, resamples=options.resamples, generator=generator)
    bench = _Workbench(resamples=draws, options=options, margin=margin)
    figures: list[_Mean | _Area] = [
        *_over_all_findings(first, second),
        *_rates(first, second),
        *_against_rest(first, second),
        *_pairs(first, second),
    ]
    return PairedFigures(
        films=first.films,
        patients=draws.patients,
        films_per_patient_max=int(np.bincount(draws.patient_of_film).max()),
        labels=first.labels,
        support=tuple(int(np.sum(first.reference == i)) for i in range(len(first.labels))),
        primary=primary,
        options=options,
        mcnemar=mcnemar(_is_right(first), _is_right(second), first.patient),
        differences=tuple(bench.compare(one) for one in figures),
    )


def need_primary(name: str) -> None:
    """Refuse a figure that cannot decide a comparison.

    Raises
    ------
    EvaluationError
        It is none of those over all findings.
    """
    if name not in FIGURES[:4]:
        raise EvaluationError(
            f"found primary figure {name!r} – expected one of {', '.join(FIGURES[:4])}.",
            code="evaluation-figure",
        )


def need_same_findings(first: Sequence[str], second: Sequence[str]) -> None:
    """Refuse two classifiers that tell other findings.

    Raises
    ------
    EvaluationError
        Names or order differ.
    """
    if tuple(first) != tuple(second):
        raise EvaluationError(
            f"The first has findings {', '.join(first)}, the second "
            f"{', '.join(second)}: expected the same in the same order. "
            "Compare bundles of the same findings.",
            code="evaluation-pair",
        )


def _check_pair(first: EvaluationInput, second: EvaluationInput) -> None:
    need_same_findings(first.labels, second.labels)
    same = np.array_equal(first.reference, second.reference) and first.patient == second.patient
    if not same:
        raise EvaluationError(
            f"The two have {first.films} and {second.films} films whose patients or reference "
            "differ: expected the same films in the same order. Judge one list with both.",
            code="evaluation-pair",
        )


def _means(sums: DoubleArray) -> DoubleArray:
    """Return both classifiers' mean over groups of the means inside them, (resamples, 2)."""
    first, second, counts = np.split(sums, 3, axis=1)
    return np.stack([ratio(one, counts).mean(axis=1) for one in (first, second)], axis=1)


def _over_all_findings(first: EvaluationInput, second: EvaluationInput) -> Iterator[_Mean]:
    everyone = np.ones((first.films, 1), dtype=bool)
    by_finding = np.eye(len(first.labels), dtype=bool)[first.reference]
    for figure, value_of_films, groups in (
        ("accuracy", _is_right, everyone),
        ("balanced_accuracy", _is_right, by_finding),
        ("brier", _brier, everyone),
        ("nll", _surprise, everyone),
    ):
        yield _Mean(
            figure=figure,
            finding=None,
            first=value_of_films(first).astype(np.float64),
            second=value_of_films(second).astype(np.float64),
            groups=groups,
        )


def _rates(first: EvaluationInput, second: EvaluationInput) -> Iterator[_Mean]:
    """Yield each finding's sensitivity and specificity, each bundle by its own thresholds."""
    calls = _called(first), _called(second)
    for index, finding in enumerate(first.labels):
        has_finding = first.reference == index
        for figure, members in (("sensitivity", has_finding), ("specificity", ~has_finding)):
            is_right = [one[:, index] == has_finding for one in calls]
            yield _Mean(
                figure=figure,
                finding=finding,
                first=is_right[0].astype(np.float64),
                second=is_right[1].astype(np.float64),
                groups=members[:, None],
            )


def _against_rest(first: EvaluationInput, second: EvaluationInput) -> Iterator[_Area]:
    for index, finding in enumerate(first.labels):
        yield _Area(
            finding=finding,
            against=None,
            first=np.asarray(first.probabilities[:, index], np.float64),
            second=np.asarray(second.probabilities[:, index], np.float64),
            has_finding=first.reference == index,
            members=np.ones(first.films, dtype=bool),
        )


def _pairs(first: EvaluationInput, second: EvaluationInput) -> Iterator[_Area]:
    for positive, finding in enumerate(first.labels):
        for negative, other in enumerate(first.labels[:positive]):
            yield _Area(
                finding=finding,
                against=other,
                first=pairwise_score(first.probabilities, positive, negative),
                second=pairwise_score(second.probabilities, positive, negative),
                has_finding=first.reference == positive,
                members=(first.reference == positive) | (first.reference == negative),
            )


def _is_right(inputs: EvaluationInput) -> BoolArray:
    right: BoolArray = np.argmax(inputs.probabilities, axis=1) == inputs.reference
    return right


def _brier(inputs: EvaluationInput) -> DoubleArray:
    return brier_losses(np.asarray(inputs.probabilities, np.float64), inputs.reference)


def _surprise(inputs: EvaluationInput) -> DoubleArray:
    """Return −log probability of each film's reference, nats."""
    tiny = np.finfo(np.float64).tiny  # A probability of 0 costs 708 nats, not infinity.
    chances = np.asarray(inputs.probabilities, np.float64)
    of_reference = chances[np.arange(inputs.films), inputs.reference]
    return np.asarray(-np.log(np.maximum(of_reference, tiny)))


def _called(inputs: EvaluationInput) -> BoolArray:
    """Return which findings are called, (films, findings); the likeliest without thresholds."""
    if inputs.thresholds is not None:
        return is_positive(inputs.probabilities, inputs.thresholds)
    called: BoolArray = np.eye(len(inputs.labels), dtype=bool)[
        np.argmax(inputs.probabilities, axis=1)
    ]
    return called
