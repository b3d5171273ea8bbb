"""Two classifiers on the same films."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.non_inferiority import Verdict
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.paired import PairedFigures, compare_classifiers

OPTIONS = EvaluationOptions(resamples=300)


def scored(films: EvaluationInput, logits: DoubleArray) -> EvaluationInput:
    return replace(films, logits=logits, probabilities=softmax(logits, temperature=2.0))


@pytest.fixture(scope="module")
def worse(films: EvaluationInput) -> EvaluationInput:
    """Return the same films, their scores spoiled by noise."""
    noise = np.random.default_rng(5).normal(size=films.logits.shape)
    return scored(films, films.logits + 6.0 * noise)


@pytest.fixture(scope="module")
def compared(films: EvaluationInput, worse: EvaluationInput) -> PairedFigures:
    return compare_classifiers(
        films, worse, generator=np.random.default_rng(6), options=OPTIONS, margin=0.02
    )


def test_each_figure_is_what_its_definition_says(
    films: EvaluationInput, worse: EvaluationInput, compared: PairedFigures
) -> None:
    reference = films.reference
    right = [np.argmax(one.probabilities, axis=1) == reference for one in (films, worse)]
    accuracy = compared.of("accuracy")
    assert accuracy.first == pytest.approx(right[0].mean())
    assert accuracy.difference.value == pytest.approx(right[0].mean() - right[1].mean())
    by_finding = [np.mean([one[reference == i].mean() for i in range(3)]) for one in right]
    assert compared.of("balanced_accuracy").second == pytest.approx(by_finding[1])
    truth = np.eye(3)[reference]
    brier = ((worse.probabilities - truth) ** 2).sum(axis=1).mean()
    assert compared.of("brier").second == pytest.approx(brier)
    nll = -np.log(films.probabilities[np.arange(films.films), reference]).mean()
    assert compared.of("nll").first == pytest.approx(nll)
    called = films.probabilities[:, 2] >= 0.5
    sensitivity = compared.of("sensitivity", "COVID-19")
    assert sensitivity.first == pytest.approx(called[reference == 2].mean())
    assert sensitivity.difference.n == np.sum(reference == 2)
    specificity = compared.of("specificity", "COVID-19")
    assert specificity.first == pytest.approx((~called[reference != 2]).mean())


def test_areas_carry_delongs_test_too(compared: PairedFigures) -> None:
    area = compared.of("auroc", "COVID-19")
    assert area.delong is not None
    assert area.difference.value == pytest.approx(area.delong.difference)
    assert area.delong.low < 0.15 < area.delong.high + 0.15
    pairs = [one for one in compared.differences if one.against is not None]
    assert [(one.finding, one.against) for one in pairs] == [
        ("Other lung opacity", "No finding"),
        ("COVID-19", "No finding"),
        ("COVID-19", "Other lung opacity"),
    ]


def test_a_spoiled_copy_is_seen_to_be_worse(
    films: EvaluationInput, worse: EvaluationInput, compared: PairedFigures
) -> None:
    better = compared.of("balanced_accuracy")
    assert better.margin is not None
    assert better.margin.verdict is Verdict.BETTER
    turned = compare_classifiers(
        worse, films, generator=np.random.default_rng(6), options=OPTIONS, margin=0.02
    )
    other = turned.of("balanced_accuracy")
    assert other.margin is not None
    assert other.margin.verdict is Verdict.WORSE
    assert other.difference.low == pytest.approx(-(better.difference.high or 0.0))
    assert turned.mcnemar.only_first == compared.mcnemar.only_second


def test_a_loss_has_no_statement_in_shares(compared: PairedFigures) -> None:
    assert compared.of("brier").margin is None
    assert not compared.of("brier").higher_is_better
    assert (compared.of("brier").difference.high or 0.0) < 0.0


def test_a_classifier_and_itself_show_nothing(films: EvaluationInput) -> None:
    found = compare_classifiers(
        films, films, generator=np.random.default_rng(6), options=OPTIONS, margin=0.02
    )
    for one in found.differences:
        assert one.difference.value == 0.0
        assert one.difference.low is None
        assert one.difference.reason is not None
        assert one.difference.reason.code == "no-difference-seen"
        assert one.margin is None or one.margin.verdict is Verdict.NOT_SHOWN


def test_pairing_narrows_what_the_films_have_in_common(films: EvaluationInput) -> None:
    noise = np.random.default_rng(5).normal(size=films.logits.shape)
    near = scored(films, films.logits + 0.5 * noise)
    found = compare_classifiers(films, near, generator=np.random.default_rng(6), options=OPTIONS)
    area = found.of("auroc", "COVID-19").difference
    assert area.low is not None
    assert area.high is not None
    assert area.high - area.low < 0.03


def test_many_films_of_one_patient_widen_the_interval(films: EvaluationInput) -> None:
    noise = np.random.default_rng(5).normal(size=films.logits.shape)
    other = scored(films, films.logits + 3.0 * noise)
    alone = tuple(f"p{index}" for index in range(films.films))
    clustered = tuple(f"p{index}" for index in np.repeat(np.arange(films.films), 6)[: films.films])
    copies = np.repeat(np.arange(films.films), 6)[: films.films]

    def width(patient: tuple[str, ...]) -> float:
        both = [
            replace(
                one,
                logits=one.logits[copies],
                probabilities=one.probabilities[copies],
                reference=one.reference[copies],
                patient=patient,
            )
            for one in (films, other)
        ]
        generator = np.random.default_rng(6)
        found = compare_classifiers(both[0], both[1], generator=generator, options=OPTIONS)
        interval = found.of("accuracy").difference
        return (interval.high or np.nan) - (interval.low or np.nan)

    assert width(clustered) > 1.8 * width(alone)  # √6 = 2.4 for six copies of each film


def test_a_finding_with_few_films_has_rates_but_no_area(
    films: EvaluationInput, worse: EvaluationInput
) -> None:
    kept = (films.reference != 2) | (np.cumsum(films.reference == 2) <= 3)
    found = compare_classifiers(
        films.select(kept), worse.select(kept), generator=np.random.default_rng(1), options=OPTIONS
    )
    area = found.of("auroc", "COVID-19")
    assert (area.first, area.delong) == (None, None)
    assert area.difference.reason is not None
    assert area.difference.reason.code == "too-few-cases"
    assert found.of("sensitivity", "COVID-19").first is not None


def test_films_of_unknown_reference_are_left_out(
    films: EvaluationInput, worse: EvaluationInput
) -> None:
    reference = np.where(np.arange(films.films) < 40, -1, films.reference)
    found = compare_classifiers(
        replace(films, reference=reference),
        replace(worse, reference=reference),
        generator=np.random.default_rng(1),
        options=OPTIONS,
    )
    assert found.films == films.films - 40


def test_what_cannot_be_compared_is_refused(films: EvaluationInput, worse: EvaluationInput) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(EvaluationError, match="expected the same in the same order"):
        compare_classifiers(films, replace(worse, labels=("a", "b", "c")), generator=rng)
    with pytest.raises(EvaluationError, match="whose patients or reference differ"):
        compare_classifiers(films, worse.select(worse.reference > 0), generator=rng)
    with pytest.raises(EvaluationError, match="found primary figure 'auroc'"):
        compare_classifiers(films, worse, generator=rng, primary="auroc")


def test_a_figure_that_is_not_there_is_named(compared: PairedFigures) -> None:
    with pytest.raises(EvaluationError, match="found no difference of 'auroc' for finding None"):
        compared.of("auroc")
