"""The declared family: which comparisons, at which level, on which films."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.arrays import IntArray
from thoracle.evaluation.family import Family, declared_comparisons, family_wise
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.intervals import wilson
from thoracle.evaluation.options import EvaluationOptions

OPTIONS = EvaluationOptions(resamples=200)
FOUR = ("normal", "bacterial", "Viral", "COVID-19")


def judged(labels: tuple[str, ...], reference: IntArray, said: IntArray) -> EvaluationInput:
    """Make films of as many patients whose likeliest finding is the one said."""
    probabilities = 0.7 * np.eye(len(labels))[said] + 0.3 / len(labels)
    return EvaluationInput(
        labels=labels,
        logits=np.log(probabilities),
        probabilities=probabilities,
        reference=reference.astype(np.int64),
        patient=tuple(f"p{index}" for index in range(reference.size)),
    )


def found(inputs: EvaluationInput, options: EvaluationOptions = OPTIONS) -> Family:
    family = family_wise(inputs, generator=np.random.default_rng(1), options=options)
    assert family is not None
    return family


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            ("No finding", "Other lung opacity", "COVID-19"),
            ((("COVID-19",), ()), (("COVID-19",), ("Other lung opacity",))),
        ),
        (
            FOUR,
            (
                (("COVID-19",), ()),
                (("COVID-19",), ("bacterial", "Viral")),
                (("bacterial",), ("Viral",)),
            ),
        ),
        (("normal", "covid"), ((("covid",), ()),)),
        (("bacterial_infection", "bacteria", "virus"), ((("bacteria",), ("virus",)),)),
        (("normal", "nodule"), ()),
    ],
)  # fmt: skip
def test_the_findings_names_declare_the_family(
    labels: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    assert declared_comparisons(labels) == expected


def test_bonferroni_shares_the_error_among_all_intervals() -> None:
    rng = np.random.default_rng(0)
    reference, said = rng.integers(0, 4, size=(2, 200))
    family = found(judged(FOUR, reference, said))
    assert family.intervals == 6
    assert family.confidence == 0.95
    assert family.confidence_each == pytest.approx(1 - 0.05 / 6)
    assert family.resamples == 4800  # 20 draws beyond each limit
    assert len(family.members) == 3


def test_counts_and_intervals_of_each_comparison_are_its_own() -> None:
    """Reference (rows) and said: 10 films on the diagonal, and a few beside it."""
    table = np.array([[10, 0, 1, 2], [0, 10, 3, 1], [2, 4, 10, 0], [1, 0, 2, 10]])
    reference, said = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices((4, 4)))
    rest, pneumonia, cause = found(judged(FOUR, reference, said)).members
    assert (rest.tp, rest.fp, rest.fn, rest.tn) == (10, 3, 3, 40)
    level = 1 - 0.05 / 6
    expected = wilson(10, 13, confidence=level)
    assert (rest.ppv.value, rest.ppv.low, rest.ppv.high) == (
        expected.value,
        expected.low,
        expected.high,
    )
    assert rest.rule == "argmax"
    assert (pneumonia.tp, pneumonia.fp) == (10, 1)
    assert (pneumonia.fn, pneumonia.tn) == (3, 29)
    assert pneumonia.rule == "likelier-of-the-two"
    # A bacterial or viral film said to be something else ties between the two: bacterial then.
    assert (cause.tp + cause.fn, cause.fp + cause.tn) == (14, 16)
    assert (cause.tp, cause.tn) == (11, 10)


def test_thresholds_decide_against_the_rest_where_there_are_some(films: EvaluationInput) -> None:
    rest = found(films).members[0]
    assert rest.rule == "threshold"
    called = films.probabilities[:, 2] >= 0.5
    assert rest.tp == int(np.sum(called & (films.reference == 2)))
    without = found(replace(films, thresholds=None)).members[0]
    assert without.rule == "argmax"


def test_other_prevalences_have_the_familys_level(films: EvaluationInput) -> None:
    family = found(films)
    rest = family.members[0]
    assert [one.prevalence for one in rest.at] == list(OPTIONS.prevalences)
    single = found(films, replace(OPTIONS, confidence=1 - 4 * (1 - family.confidence_each)))
    assert single.members[0].at == rest.at


def test_clustered_limits_widen_with_films_of_one_patient(films: EvaluationInput) -> None:
    copies = np.repeat(np.arange(films.films), 4)
    doubled = replace(
        films,
        logits=films.logits[copies],
        probabilities=films.probabilities[copies],
        reference=films.reference[copies],
        patient=tuple(films.patient[index] for index in copies),
        source=None,
        age_years=None,
        sex=None,
        view=None,
    )
    rest = found(doubled).members[0]
    plain = (rest.ppv.high or 0) - (rest.ppv.low or 0)
    clustered = (rest.ppv_clustered.high or 0) - (rest.ppv_clustered.low or 0)
    assert clustered > 1.5 * plain


def test_without_such_findings_there_is_no_family() -> None:
    inputs = judged(("a", "b"), np.array([0, 1, 0]), np.array([0, 1, 1]))
    assert family_wise(inputs, generator=np.random.default_rng(0), options=OPTIONS) is None
