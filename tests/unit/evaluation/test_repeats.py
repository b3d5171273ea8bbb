"""Repeated experiments are summed, and told by mean and spread."""

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.repeats import JudgedFilms, repeated_figures

LABELS = ("a", "b")


def judged(reference: list[int], prediction: list[int], patient: str = "") -> JudgedFilms:
    names = tuple(patient or f"p{index}" for index in range(len(reference)))
    return JudgedFilms(
        reference=np.array(reference), prediction=np.array(prediction), patient=names
    )


def test_matrices_are_summed_and_each_figure_has_mean_and_sample_sd_over_repeats() -> None:
    runs = [judged([0, 0, 1, 1], [0, 0, 1, 1]), judged([0, 0, 1, 1], [0, 1, 1, 1])]
    figures = repeated_figures(LABELS, runs, generator=np.random.default_rng(1))
    assert figures.confusion == ((3, 1), (0, 4))
    assert figures.accuracy.pooled.value == pytest.approx(7 / 8)
    assert figures.accuracy.mean == pytest.approx((1 + 3 / 4) / 2)
    assert figures.accuracy.sd == pytest.approx(np.std([1, 0.75], ddof=1))
    assert figures.figure("recall", "a").mean == pytest.approx((1 + 1 / 2) / 2)
    assert figures.figure("precision", "b").pooled.value == pytest.approx(4 / 5)
    assert figures.figure("specificity", "b").pooled.value == pytest.approx(3 / 4)
    assert figures.balanced_accuracy.pooled.value == pytest.approx((3 / 4 + 1) / 2)


def test_one_repeat_has_no_spread() -> None:
    figures = repeated_figures(LABELS, [judged([0, 1], [0, 0])], generator=np.random.default_rng(1))
    assert (figures.accuracy.mean, figures.accuracy.sd) == (0.5, None)


def test_a_patient_who_stands_in_every_repeat_is_resampled_whole() -> None:
    """Ten repeats of the same twenty patients hold no more than twenty patients."""
    rng = np.random.default_rng(4)
    reference = np.tile([0, 1], 10)
    prediction = np.where(rng.random(20) < 0.8, reference, 1 - reference)
    one = judged(reference.tolist(), prediction.tolist())
    alone = repeated_figures(LABELS, [one], generator=np.random.default_rng(1)).accuracy.pooled
    tenfold = repeated_figures(LABELS, [one] * 10, generator=np.random.default_rng(1))
    assert tenfold.accuracy.pooled.low == alone.low
    assert tenfold.accuracy.pooled.high == alone.high
    assert tenfold.patients == 20


def test_networks_that_differ_widen_the_interval() -> None:
    """Of four networks two are always right and two never: their number counts, not the films'."""
    right, wrong = judged([0, 1] * 50, [0, 1] * 50), judged([0, 1] * 50, [1, 0] * 50)
    runs = [right, right, wrong, wrong]
    pooled = repeated_figures(LABELS, runs, generator=np.random.default_rng(1)).accuracy.pooled
    assert pooled.low is not None
    assert pooled.high is not None
    # Binomial(4, 1/2) / 4: of its mass 1/16 lies on 0 and on 1.
    assert (pooled.low, pooled.value, pooled.high) == (0.0, 0.5, 1.0)


def test_all_right_gives_no_interval_of_zero_width() -> None:
    runs = [judged([0, 1] * 5, [0, 1] * 5)] * 2
    pooled = repeated_figures(LABELS, runs, generator=np.random.default_rng(1)).accuracy.pooled
    assert (pooled.value, pooled.low, pooled.high) == (1.0, None, None)
    assert pooled.reason is not None
    assert pooled.reason.code == "no-spread"


def test_a_class_that_no_film_has_leaves_its_recall_unknown() -> None:
    figures = repeated_figures(LABELS, [judged([0, 0], [0, 1])], generator=np.random.default_rng(1))
    assert figures.figure("recall", "b").mean is None
    assert figures.figure("recall", "b").pooled.value is None


def test_no_repeat_and_unknown_figures_are_refused() -> None:
    with pytest.raises(EvaluationError, match="found no repeat"):
        repeated_figures(LABELS, [], generator=np.random.default_rng(1))
    figures = repeated_figures(LABELS, [judged([0], [0])], generator=np.random.default_rng(1))
    with pytest.raises(EvaluationError, match="found no figure 'auroc' of 'a'"):
        figures.figure("auroc", "a")
