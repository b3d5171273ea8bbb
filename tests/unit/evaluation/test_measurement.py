"""The figures of one set of films, against the single modules and hand counts."""

import dataclasses

import numpy as np
import pytest

from thoracle.evaluation.calibration import brier_one_against_rest, softmax
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.film_set import SetFigures
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.intervals import wilson
from thoracle.evaluation.measurement import set_figures
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import auroc, pairwise_auroc

OPTIONS = EvaluationOptions(resamples=300)


@pytest.fixture(scope="module")
def found(films: EvaluationInput) -> SetFigures:
    return set_figures(films, generator=np.random.default_rng(0), options=OPTIONS)


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def test_films_patients_and_support_are_counted(films: EvaluationInput, found: SetFigures) -> None:
    assert (found.films, found.patients) == (films.films, len(set(films.patient)))
    assert found.support == tuple(np.bincount(films.reference).tolist())
    assert tuple(sum(row) for row in found.confusion) == found.support


def test_argmax_rates_follow_the_confusion_matrix(found: SetFigures) -> None:
    for index, rates in enumerate(found.argmax):
        assert rates.tp == found.confusion[index][index]
        assert rates.fp == sum(row[index] for row in found.confusion) - rates.tp
        assert rates.sensitivity == wilson(rates.tp, rates.support)
        assert rates.recall == rates.sensitivity
        assert rates.precision == rates.ppv
        assert rates.threshold is None


def test_threshold_rates_follow_the_thresholds(films: EvaluationInput, found: SetFigures) -> None:
    assert found.threshold is not None
    for index, rates in enumerate(found.threshold):
        called = films.probabilities[:, index] >= (0.3, 0.4, 0.5)[index]
        assert rates.tp + rates.fp == called.sum()
        assert rates.tp == np.sum(called & (films.reference == index))
        assert rates.threshold == (0.3, 0.4, 0.5)[index]


def test_without_thresholds_there_is_one_rule(films: EvaluationInput) -> None:
    plain = dataclasses.replace(films, thresholds=None)
    found = set_figures(plain, generator=np.random.default_rng(0), options=OPTIONS)
    assert found.threshold is None


def test_clustered_rates_have_the_same_value_and_another_interval(found: SetFigures) -> None:
    for rates in found.argmax:
        for name, clustered in rates.clustered.items():
            plain = getattr(rates, name)
            assert clustered.value == pytest.approx(plain.value)
            assert clustered.n == plain.n
            assert clustered.method == "patient-bootstrap"
        assert rates.f1 == rates.clustered["f1"]
        assert rates.f1.low is not None


def test_ranking_figures_equal_those_of_the_single_modules(
    films: EvaluationInput, found: SetFigures
) -> None:
    for index, ranking in enumerate(found.ranking):
        scores, truth = films.probabilities[:, index], films.reference == index
        assert ranking.auroc.value == pytest.approx(auroc(scores, truth))
        assert ranking.auroc_clustered.value == pytest.approx(ranking.auroc.value)
        assert ranking.brier.value == pytest.approx(brier_one_against_rest(scores, truth))
        assert ranking.positives == truth.sum()


def test_pairs_name_the_later_finding_first(films: EvaluationInput, found: SetFigures) -> None:
    names = [(one.positive, one.negative) for one in found.pairs]
    assert names == [
        ("Other lung opacity", "No finding"),
        ("COVID-19", "No finding"),
        ("COVID-19", "Other lung opacity"),
    ]
    for pair, (positive, negative) in zip(found.pairs, [(1, 0), (2, 0), (2, 1)], strict=True):
        alone = pairwise_auroc(films.probabilities, films.reference, positive, negative)
        assert pair.auroc == alone
        assert pair.auroc_clustered.value == pytest.approx(alone.value)
        assert pair.ece.method == "patient-bootstrap-centered"


def test_every_interval_holds_its_value(found: SetFigures) -> None:
    estimates = [
        *(one.ece for one in found.pairs),
        *(one.brier for one in found.pairs),
        *(one.average_precision for one in found.pairs),
        *(one.ece for one in found.ranking),
        *(one.average_precision for one in found.ranking),
        found.calibration.ece, found.calibration.brier, found.calibration.nll,
        found.balanced_accuracy, found.macro_f1, found.accuracy_clustered,
    ]  # fmt: skip
    for estimate in estimates:
        low, high = limits(estimate)
        assert estimate.value is not None
        assert low <= estimate.value <= high


def test_a_calibration_error_of_nearly_nothing_has_an_interval_from_nothing() -> None:
    """101 films at 0.8, 81 right: plain percentiles would reach 0.09, chance added to chance."""
    probabilities = np.tile([0.8, 0.2], (101, 1))
    films = EvaluationInput(
        labels=("a", "b"),
        logits=np.log(probabilities),
        probabilities=probabilities,
        reference=(np.arange(101) >= 81).astype(np.int64),
        patient=tuple(str(index) for index in range(101)),
    )
    ece = set_figures(films, generator=np.random.default_rng(0), options=OPTIONS).calibration.ece
    assert ece.value == pytest.approx(81 / 101 - 0.8)
    low, high = limits(ece)
    assert low == 0.0
    assert 0.04 < high < 0.075


def test_the_mean_sensitivity_is_the_mean_of_the_sensitivities(found: SetFigures) -> None:
    mean = np.mean([one.sensitivity.value for one in found.argmax if one.sensitivity.value])
    assert found.balanced_accuracy.value == pytest.approx(mean)


def test_calibration_is_better_after_than_before(found: SetFigures) -> None:
    assert found.calibration.ece.value is not None
    assert found.calibration.nll.value is not None
    assert found.calibration.ece.value < found.calibration.ece_uncalibrated
    assert found.calibration.nll.value < found.calibration.nll_uncalibrated


def test_films_of_unknown_reference_change_nothing(films: EvaluationInput) -> None:
    reference = films.reference.copy()
    reference[:40] = -1
    with_unknown = dataclasses.replace(films, reference=reference)
    without = films.select(np.arange(films.films) >= 40)
    first, second = (
        set_figures(one, generator=np.random.default_rng(1), options=OPTIONS)
        for one in (with_unknown, without)
    )
    assert first == second


def test_a_finding_that_no_film_has_is_unknown_everywhere(films: EvaluationInput) -> None:
    part = films.select(films.reference != 2)
    found = set_figures(part, generator=np.random.default_rng(1), options=OPTIONS)
    assert found.argmax[2].sensitivity.value is None
    assert found.argmax[2].f1.value is None
    assert found.ranking[2].auroc.value is None
    assert found.ranking[2].average_precision.reason is not None
    assert found.balanced_accuracy.value is None
    assert found.pairs[1].ece.reason is not None
    assert found.pairs[0].auroc.value is not None


def test_films_of_one_patient_have_values_and_no_clustered_interval(
    films: EvaluationInput,
) -> None:
    alone = dataclasses.replace(films, patient=("one",) * films.films)
    found = set_figures(alone, generator=np.random.default_rng(1), options=OPTIONS)
    assert found.accuracy_clustered.value is not None
    assert found.accuracy_clustered.low is None
    assert found.accuracy_clustered.reason is not None
    assert found.accuracy_clustered.reason.code == "one-patient"


def test_repeated_films_widen_only_the_clustered_interval(films: EvaluationInput) -> None:
    """Three copies of each film know no more than one: Wilson does not see it."""
    names = tuple(f"film-{index}" for index in range(films.films))
    once = dataclasses.replace(films, patient=names)
    order = np.tile(np.arange(films.films), 3)
    thrice = EvaluationInput(
        labels=films.labels,
        logits=films.logits[order],
        probabilities=films.probabilities[order],
        reference=films.reference[order],
        patient=names * 3,
    )
    single, copied = (
        set_figures(one, generator=np.random.default_rng(1), options=OPTIONS)
        for one in (once, thrice)
    )
    assert limits(copied.accuracy_clustered) == pytest.approx(limits(single.accuracy_clustered))
    narrow = np.diff(limits(copied.accuracy)) / np.diff(limits(single.accuracy))
    assert narrow[0] == pytest.approx(1 / np.sqrt(3), abs=0.02)


def test_two_findings_have_one_area_from_both_sides() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(40, 2))
    films = EvaluationInput(
        labels=("a", "b"),
        logits=logits,
        probabilities=softmax(logits),
        reference=rng.integers(0, 2, size=40),
        patient=tuple(str(index) for index in range(40)),
    )
    found = set_figures(films, generator=rng, options=OPTIONS)
    assert found.ranking[0].auroc.value == pytest.approx(found.ranking[1].auroc.value)
    assert found.pairs[0].auroc.value == pytest.approx(found.ranking[1].auroc.value)
