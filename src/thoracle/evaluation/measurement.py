"""Computes all figures of one set of films: of the whole test set, or of one slice of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.evaluation.average_precision import average_precision_statistic
from thoracle.evaluation.bootstrap import (
    METHOD,
    PatientResamples,
    WeightStatistic,
    clustered_estimate,
    resample_patients,
    resampled,
    resampled_sums,
)
from thoracle.evaluation.calibration import (
    brier_losses,
    calibration_gaps,
    ece_if_calibrated,
    expected_calibration_error,
    negative_log_likelihood,
    softmax,
)
from thoracle.evaluation.confusion import (
    RATES,
    binary_counts,
    confusion_matrix,
    rate_arrays,
    rate_estimates,
    tables_one_against_rest,
)
from thoracle.evaluation.estimate import Estimate, ratio, too_few_cases, unknown
from thoracle.evaluation.film_set import (
    CalibrationFigures,
    FindingRanking,
    FindingRates,
    PairFigures,
    SetFigures,
)
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.intervals import wilson
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import auroc_statistic, delong_auroc, pairwise_score
from thoracle.evaluation.thresholds import is_positive


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Workbench:
    """What the steps below share: films, draws and options."""

    inputs: EvaluationInput
    probabilities: DoubleArray = field(repr=False)
    resamples: PatientResamples = field(repr=False)
    options: EvaluationOptions
    generator: np.random.Generator

    def mean(self, values: DoubleArray, *, members: BoolArray | None = None) -> Estimate:
        """Bootstrap the mean of a number that each film has; `values` has one per member."""
        draws = self._shares(values[:, None], members)[:, 0]
        return self.estimate(float(values.mean()), draws, n=values.size)

    def calibration_error(
        self,
        scores: DoubleArray,
        is_true: BoolArray,
        *,
        members: BoolArray | None = None,
    ) -> Estimate:
        """Bootstrap the calibration error, the resamples moved so that their mean is its value.

        Resampling adds chance to an error that already holds some, so plain percentile
        limits lie too high and can miss the value itself.
        """
        options = self.options
        gaps = calibration_gaps(scores, is_true, bins=options.bins, scheme=options.bin_scheme)
        value = float(np.abs(gaps.sum(axis=0)).sum() / scores.size)
        draws = np.abs(self._shares(gaps, members)).sum(axis=1)
        centered = np.maximum(draws - (np.nanmean(draws) - value), 0.0)
        estimate = self.estimate(value, centered, n=scores.size)
        return replace(estimate, method="patient-bootstrap-centered")

    def _shares(self, columns: DoubleArray, members: BoolArray | None) -> DoubleArray:
        """Return column sums over the number of members drawn, (resamples, columns)."""
        inside = np.ones(self.inputs.films, bool) if members is None else members
        table = np.zeros((self.inputs.films, columns.shape[1] + 1))
        table[inside, :-1] = columns
        table[inside, -1] = 1.0
        draws = resampled_sums(table, self.resamples)
        return ratio(draws[:, :-1], np.broadcast_to(draws[:, -1:], draws[:, :-1].shape))

    def estimate(self, value: float, draws: DoubleArray, *, n: int) -> Estimate:
        """Join a value with the percentile limits of its resamples."""
        return clustered_estimate(
            value,
            draws,
            n=n,
            patients=self.resamples.patients,
            confidence=self.options.confidence,
        )

    def ranked(
        self,
        make: Callable[[DoubleArray, BoolArray], WeightStatistic],
        scores: DoubleArray,
        has_finding: BoolArray,
        *,
        members: BoolArray | None = None,
    ) -> Estimate:
        """Bootstrap a ranking figure, unknown where there are too few cases."""
        positives = int(has_finding.sum())
        lack = too_few_cases(
            positives=positives,
            negatives=has_finding.size - positives,
            minimum=self.options.minimum_cases,
        )
        if lack is not None:
            return unknown(lack, n=has_finding.size, method=METHOD)
        statistic = make(scores, has_finding)
        kept = np.flatnonzero(np.ones(self.inputs.films, bool) if members is None else members)

        def on_members(weights: DoubleArray) -> DoubleArray:
            return statistic(weights[:, kept])

        value = float(statistic(np.ones((1, kept.size)))[0])
        return self.estimate(value, resampled(on_members, self.resamples), n=int(kept.size))


def set_figures(
    inputs: EvaluationInput, *, generator: np.random.Generator, options: EvaluationOptions
) -> SetFigures:
    """Compute all figures of the films whose reference is known.

    Parameters
    ----------
    inputs
        The films; those with unknown reference are left out.
    generator
        Source of randomness for bootstrap and simulation.
    options
        Confidence, resamples, bins, minimum numbers.

    Returns
    -------
    SetFigures
        Unknown figures carry their reason.
    """
    inputs = inputs.with_known_reference()
    bench = _Workbench(
        inputs=inputs,
        probabilities=np.asarray(inputs.probabilities, dtype=np.float64),
        resamples=resample_patients(
            inputs.patient, resamples=options.resamples, generator=generator
        ),
        options=options,
        generator=generator,
    )
    classes, thresholds = len(inputs.labels), inputs.thresholds
    prediction = np.argmax(bench.probabilities, axis=1)
    matrix = confusion_matrix(inputs.reference, prediction, classes=classes)
    draws = _resampled_matrices(bench, prediction)
    right = (prediction == inputs.reference).astype(np.float64)
    return SetFigures(
        films=inputs.films,
        patients=bench.resamples.patients,
        support=tuple(int(count) for count in matrix.sum(axis=1)),
        confusion=tuple(tuple(int(cell) for cell in row) for row in matrix),
        accuracy=wilson(int(right.sum()), inputs.films, confidence=options.confidence),
        accuracy_clustered=bench.mean(right),
        balanced_accuracy=_macro(bench, matrix.astype(np.float64), draws, rate="sensitivity"),
        macro_f1=_macro(bench, matrix.astype(np.float64), draws, rate="f1"),
        argmax=_rates(bench, np.eye(classes, dtype=bool)[prediction], (None,) * classes),
        threshold=None
        if thresholds is None
        else _rates(bench, is_positive(bench.probabilities, thresholds), thresholds),
        ranking=tuple(_ranking(bench, index) for index in range(classes)),
        pairs=tuple(
            _pair(bench, positive, negative)
            for positive in range(classes)
            for negative in range(positive)
        ),
        calibration=_calibration(bench, prediction),
    )


def _resampled_matrices(bench: _Workbench, prediction: IntArray) -> DoubleArray:
    """Return each resample's confusion matrix, (resamples, classes, classes)."""
    classes = len(bench.inputs.labels)
    cells = np.zeros((bench.inputs.films, classes * classes))
    cells[np.arange(bench.inputs.films), bench.inputs.reference * classes + prediction] = 1.0
    return resampled_sums(cells, bench.resamples).reshape(-1, classes, classes)


def _macro(bench: _Workbench, matrix: DoubleArray, draws: DoubleArray, *, rate: str) -> Estimate:
    """Average a rate over the findings; unknown where a finding has no film."""

    def mean_rate(matrices: DoubleArray) -> DoubleArray:
        per_finding = rate_arrays(tables_one_against_rest(matrices))[rate]
        return np.asarray(per_finding.mean(axis=-1), dtype=np.float64)

    return bench.estimate(float(mean_rate(matrix)), mean_rate(draws), n=bench.inputs.films)


def _rates(
    bench: _Workbench, decisions: BoolArray, thresholds: tuple[float | None, ...]
) -> tuple[FindingRates, ...]:
    """Return each finding's rates under one rule; `decisions` is (films, classes) bool."""
    return tuple(
        _finding_rates(bench, index, called=decisions[:, index], threshold=threshold)
        for index, threshold in enumerate(thresholds)
    )


def _finding_rates(
    bench: _Workbench, index: int, *, called: BoolArray, threshold: float | None
) -> FindingRates:
    has_finding = bench.inputs.reference == index
    parts = (
        has_finding & called,
        ~has_finding & called,
        has_finding & ~called,
        ~has_finding & ~called,
    )
    cells = np.stack(parts, axis=1).astype(np.float64)
    values = rate_arrays(resampled_sums(cells, bench.resamples))
    counts = binary_counts(has_finding, called)
    plain = rate_estimates(counts, confidence=bench.options.confidence)
    exact = rate_arrays(cells.sum(axis=0))
    clustered = {
        name: bench.estimate(float(exact[name]), values[name], n=plain[name].n) for name in RATES
    }
    plain["f1"] = clustered["f1"]
    return FindingRates(
        label=bench.inputs.labels[index],
        threshold=threshold,
        tp=counts.tp,
        fp=counts.fp,
        fn=counts.fn,
        tn=counts.tn,
        support=counts.support,
        clustered=clustered,
        **plain,
    )


def _ranking(bench: _Workbench, index: int) -> FindingRanking:
    has_finding = bench.inputs.reference == index
    scores = bench.probabilities[:, index]
    options = bench.options
    losses = (scores - has_finding) ** 2
    return FindingRanking(
        label=bench.inputs.labels[index],
        positives=int(has_finding.sum()),
        negatives=int(has_finding.size - has_finding.sum()),
        auroc=delong_auroc(
            scores,
            has_finding,
            confidence=options.confidence,
            minimum_cases=options.minimum_cases,
        ),
        auroc_clustered=bench.ranked(auroc_statistic, scores, has_finding),
        average_precision=bench.ranked(average_precision_statistic, scores, has_finding),
        brier=bench.mean(losses),
        ece=bench.calibration_error(scores, has_finding),
    )


def _pair(bench: _Workbench, positive: int, negative: int) -> PairFigures:
    reference, options = bench.inputs.reference, bench.options
    members = (reference == positive) | (reference == negative)
    has_finding = reference[members] == positive
    scores = pairwise_score(bench.probabilities[members], positive, negative)
    positives = int(has_finding.sum())
    negatives = int(has_finding.size) - positives
    auroc = delong_auroc(
        scores, has_finding, confidence=options.confidence, minimum_cases=options.minimum_cases
    )
    lack = too_few_cases(positives=positives, negatives=negatives, minimum=options.minimum_cases)
    if lack is None:
        losses = (scores - has_finding) ** 2
        brier = bench.mean(losses, members=members)
        ece = bench.calibration_error(scores, has_finding, members=members)
        floor = ece_if_calibrated(
            scores, generator=bench.generator, bins=options.bins, scheme=options.bin_scheme
        )
    else:
        brier = ece = floor = unknown(lack, n=has_finding.size, method=METHOD)
    return PairFigures(
        positive=bench.inputs.labels[positive],
        negative=bench.inputs.labels[negative],
        positives=positives,
        negatives=negatives,
        auroc=auroc,
        auroc_clustered=bench.ranked(auroc_statistic, scores, has_finding, members=members),
        average_precision=bench.ranked(
            average_precision_statistic, scores, has_finding, members=members
        ),
        brier=brier,
        ece=ece,
        ece_if_calibrated=floor,
    )


def _calibration(bench: _Workbench, prediction: IntArray) -> CalibrationFigures:
    inputs, options = bench.inputs, bench.options
    rows = np.arange(inputs.films)
    top = bench.probabilities[rows, prediction]
    right = prediction == inputs.reference
    raw = softmax(inputs.logits)
    raw_prediction = np.argmax(raw, axis=1)
    tiny = np.finfo(np.float64).tiny  # A probability of 0 costs 708 nats, not infinity.
    surprise = -np.log(np.maximum(bench.probabilities[rows, inputs.reference], tiny))
    losses = brier_losses(bench.probabilities, inputs.reference)
    return CalibrationFigures(
        ece=bench.calibration_error(top, right),
        ece_if_calibrated=ece_if_calibrated(
            top, generator=bench.generator, bins=options.bins, scheme=options.bin_scheme
        ),
        brier=bench.mean(losses),
        nll=bench.mean(surprise),
        ece_uncalibrated=expected_calibration_error(
            raw[rows, raw_prediction],
            raw_prediction == inputs.reference,
            bins=options.bins,
            scheme=options.bin_scheme,
        ),
        nll_uncalibrated=negative_log_likelihood(inputs.logits, inputs.reference),
    )
