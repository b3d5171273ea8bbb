"""Paired comparison against statsmodels, SciPy and brute force; how often its intervals hold."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from statsmodels.stats import contingency_tables

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.mcnemar import mcnemar
from thoracle.evaluation.non_inferiority import non_inferiority
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.paired import compare_classifiers

LABELS = ("No finding", "Other lung opacity", "COVID-19")


@pytest.mark.parametrize("seed", range(8))
def test_mcnemar_equals_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, 80)) < np.array([[0.8], [0.7]])
    table = metrics.confusion_matrix(first, second)
    found = mcnemar(first, second, [str(index) for index in range(80)])
    exact = contingency_tables.mcnemar(table, exact=True)
    corrected = contingency_tables.mcnemar(table, exact=False, correction=True)
    assert found.p_exact == pytest.approx(exact.pvalue)
    # statsmodels corrects a tie beyond no difference; R's mcnemar.test gives 1, as here.
    tie = table[0, 1] == table[1, 0]
    assert found.p_continuity == pytest.approx(1.0 if tie else corrected.pvalue)


@pytest.mark.parametrize("seed", range(3))
def test_the_test_by_patient_equals_scipys_permutation_test(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, 30)) < np.array([[0.9], [0.6]])
    patient = np.sort(rng.integers(0, 10, size=30)).astype(np.str_)
    per_patient = [
        float(np.sum(first[patient == one]) - np.sum(second[patient == one]))
        for one in np.unique(patient)
    ]
    theirs = stats.permutation_test(
        (np.array(per_patient),),
        lambda values: abs(float(np.sum(values))),
        vectorized=False,
        permutation_type="samples",
        alternative="greater",
        n_resamples=2**10,  # all sign changes of ten patients
    )
    assert mcnemar(first, second, patient).p_by_patient == pytest.approx(theirs.pvalue)


def inputs(logits: DoubleArray, reference: IntArray, patients: IntArray) -> EvaluationInput:
    return EvaluationInput(
        labels=LABELS,
        logits=logits,
        probabilities=softmax(logits),
        reference=reference.astype(np.int64),
        patient=tuple(f"p{index}" for index in patients),
    )


def two_classifiers(
    rng: np.random.Generator, *, patients: int, gain: float
) -> tuple[EvaluationInput, EvaluationInput]:
    """Make two classifiers of patients with three films each, which share most of their noise."""
    names = np.repeat(np.arange(patients, dtype=np.int64), 3)
    reference = np.repeat(rng.integers(0, 3, size=patients), 3)
    shared = np.repeat(rng.normal(size=(patients, 3)), 3, axis=0)
    made = []
    for strength in (1.0 + gain, 1.0):
        own = np.repeat(rng.normal(size=(patients, 3)), 3, axis=0)
        film = rng.normal(size=(names.size, 3))
        logits = strength * np.eye(3)[reference] + 0.6 * shared + 0.6 * own + 0.3 * film
        made.append(inputs(logits, reference, names))
    return made[0], made[1]


@pytest.mark.slow
def test_paired_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(12)
    gain, repeats = 0.4, 200
    large = two_classifiers(rng, patients=40_000, gain=gain)
    truth = {}
    for name, function in (("accuracy", None), ("auroc", 2)):
        values = [
            np.mean(np.argmax(one.logits, axis=1) == one.reference)
            if function is None
            else metrics.roc_auc_score(one.reference == function, one.probabilities[:, function])
            for one in large
        ]
        truth[name] = values[0] - values[1]
    options = EvaluationOptions(resamples=400)
    held = {"accuracy": 0, "auroc": 0, "delong": 0}
    for _ in range(repeats):
        first, second = two_classifiers(rng, patients=120, gain=gain)
        found = compare_classifiers(first, second, generator=rng, options=options)
        area = found.of("auroc", LABELS[2])
        for name, interval in (
            ("accuracy", found.of("accuracy").difference),
            ("auroc", area.difference),
            ("delong", area.delong),
        ):
            assert interval is not None
            assert interval.low is not None
            assert interval.high is not None
            target = truth["auroc" if name == "delong" else name]
            held[name] += interval.low <= target <= interval.high
    assert 0.91 <= held["accuracy"] / repeats <= 0.99
    assert 0.91 <= held["auroc"] / repeats <= 0.99
    assert held["delong"] / repeats < 0.85  # takes three films of a patient for three patients


@pytest.mark.slow
def test_a_classifier_worse_by_the_margin_passes_as_seldom_as_the_level_says() -> None:
    """At the margin itself "not worse" is an error, made in 2.5 % of samples or a little more."""
    rng = np.random.default_rng(3)
    margin, repeats, passed = 0.1, 300, 0
    options = EvaluationOptions(resamples=300)
    for _ in range(repeats):
        reference = np.repeat(np.arange(3, dtype=np.int64), 50)
        right = rng.random((2, 150)) < np.array([[0.75], [0.85]])
        both = [
            inputs(
                4.0 * np.eye(3)[np.where(one, reference, (reference + 1) % 3)],
                reference,
                np.arange(150, dtype=np.int64),
            )
            for one in right
        ]
        found = compare_classifiers(both[0], both[1], generator=rng, options=options)
        passed += non_inferiority(found.of("accuracy").difference, margin=margin).is_not_worse
    assert passed / repeats < 0.055
