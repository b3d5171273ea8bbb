"""Metrics against scikit-learn, statsmodels, SciPy and brute force."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn import calibration as sklearn_calibration
from sklearn import metrics
from statsmodels.stats import proportion

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.evaluation.average_precision import average_precision, precision_recall_curve
from thoracle.evaluation.calibration import (
    EQUAL_WIDTH,
    brier_losses,
    brier_one_against_rest,
    negative_log_likelihood,
    reliability_curve,
    softmax,
)
from thoracle.evaluation.confusion import confusion_matrix, one_against_rest, rate_estimates
from thoracle.evaluation.intervals import clopper_pearson, wilson
from thoracle.evaluation.roc import auroc, compare_auroc, delong_standard_error, roc_curve
from thoracle.evaluation.segmentation import dice, hd95_mm

SEEDS = range(5)


def scored(seed: int, *, digits: int) -> tuple[DoubleArray, BoolArray]:
    rng = np.random.default_rng(seed)
    has_finding = rng.random(150) < 0.3
    return np.round(rng.normal(size=150) + has_finding, digits), has_finding


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("digits", [1, 9])
def test_areas_and_curves_equal_scikit_learns(seed: int, digits: int) -> None:
    scores, has_finding = scored(seed, digits=digits)
    assert auroc(scores, has_finding) == pytest.approx(metrics.roc_auc_score(has_finding, scores))
    assert average_precision(scores, has_finding) == pytest.approx(
        metrics.average_precision_score(has_finding, scores)
    )
    curve = roc_curve(scores, has_finding)
    false_rate, true_rate, _ = metrics.roc_curve(has_finding, scores)
    on_theirs = np.interp(curve.false_positive_rate, false_rate, true_rate)
    straight = np.isin(curve.false_positive_rate, false_rate)
    assert straight.all()
    assert np.trapezoid(curve.true_positive_rate, curve.false_positive_rate) == pytest.approx(
        np.trapezoid(true_rate, false_rate)
    )
    assert np.all(on_theirs <= 1.0)
    ours = precision_recall_curve(scores, has_finding)
    precision, recall, _ = metrics.precision_recall_curve(has_finding, scores)
    np.testing.assert_allclose(ours.precision[::-1], precision[:-1])
    np.testing.assert_allclose(ours.recall[::-1], recall[:-1])


def placements(scores: DoubleArray, has_finding: BoolArray) -> tuple[DoubleArray, DoubleArray]:
    """Return DeLong's structural components from all pairs, as the paper defines them."""
    high, low = scores[has_finding][:, None], scores[~has_finding][None, :]
    order = (high > low) + 0.5 * (high == low)
    return order.mean(axis=1), order.mean(axis=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_midranks_equal_all_pairs(seed: int) -> None:
    first, has_finding = scored(seed, digits=1)
    second = first + np.random.default_rng(seed + 50).normal(size=150)
    parts = [placements(one, has_finding) for one in (first, second)]
    covariance = sum(
        np.cov(parts[0][kind], parts[1][kind]) / parts[0][kind].size for kind in (0, 1)
    )
    covariance = np.asarray(covariance)
    error = np.sqrt(covariance[0, 0])
    assert delong_standard_error(first, has_finding) == pytest.approx(error)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    found = compare_auroc(first, second, has_finding)
    assert found.standard_error == pytest.approx(np.sqrt(variance))
    z = (parts[0][0].mean() - parts[1][0].mean()) / np.sqrt(variance)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize("cases", [1, 7, 50, 1000])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_intervals_equal_those_of_statsmodels_and_scipy(cases: int, confidence: float) -> None:
    for successes in {0, 1, cases // 3, cases}:
        score = wilson(successes, cases, confidence=confidence)
        exact = clopper_pearson(successes, cases, confidence=confidence)
        assert (score.low, score.high) == pytest.approx(
            proportion.proportion_confint(successes, cases, 1 - confidence, "wilson"), abs=1e-12
        )
        assert (exact.low, exact.high) == pytest.approx(
            proportion.proportion_confint(successes, cases, 1 - confidence, "beta"), abs=1e-9
        )
        theirs = stats.binomtest(successes, cases).proportion_ci(confidence, "wilson")
        assert (score.low, score.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_confusion_and_rates_equal_scikit_learns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference, prediction = rng.integers(0, 3, size=(2, 200))
    matrix = confusion_matrix(reference, prediction, classes=3)
    np.testing.assert_array_equal(matrix, metrics.confusion_matrix(reference, prediction))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(reference, prediction)
    for index in range(3):
        counts = one_against_rest(matrix, index)
        rates = rate_estimates(counts)
        assert rates["precision"].value == pytest.approx(precision[index])
        assert rates["recall"].value == pytest.approx(recall[index])
        assert rates["f1"].value == pytest.approx(f1[index])
        assert counts.support == support[index]
        assert rates["specificity"].value == pytest.approx(
            metrics.recall_score(reference != index, prediction != index)
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_of_probabilities_equal_scikit_learns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, reference = rng.normal(size=(300, 3)), rng.integers(0, 3, size=300)
    probabilities = softmax(logits)
    assert negative_log_likelihood(logits, reference) == pytest.approx(
        metrics.log_loss(reference, probabilities)
    )
    one = probabilities[:, 1]
    assert brier_one_against_rest(one, reference == 1) == pytest.approx(
        metrics.brier_score_loss(reference == 1, one)
    )
    binary = np.stack([1 - one, one], axis=1)
    both = brier_losses(binary, (reference == 1).astype(np.int64)).mean()
    assert both == pytest.approx(2 * metrics.brier_score_loss(reference == 1, one))
    curve = reliability_curve(one, reference == 1, bins=8, scheme=EQUAL_WIDTH)
    observed, said = sklearn_calibration.calibration_curve(reference == 1, one, n_bins=8)
    np.testing.assert_allclose([point.mean_probability for point in curve], said)
    assert [point.observed.value for point in curve] == pytest.approx(list(observed))


@pytest.mark.parametrize("seed", SEEDS)
def test_mask_figures_equal_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask, reference = rng.random((2, 14, 17)) < 0.4
    spacing_mm = np.array([0.7, 1.9])
    assert dice(mask, reference) == pytest.approx(metrics.f1_score(reference.ravel(), mask.ravel()))
    distances = cdist(edge(mask) * spacing_mm, edge(reference) * spacing_mm)
    there, back = distances.min(axis=1), distances.min(axis=0)
    expected = max(np.percentile(there, 95), np.percentile(back, 95))
    assert hd95_mm(mask, reference, spacing_mm=tuple(spacing_mm)) == pytest.approx(expected)


def edge(mask: BoolArray) -> DoubleArray:
    """Return indices of set pixels that have an unset or outside neighbor."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.argwhere(mask & ~inside).astype(np.float64)
