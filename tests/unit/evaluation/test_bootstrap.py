"""Patients are drawn, not films; undefined resamples are counted."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import (
    clustered_estimate,
    percentile_interval,
    resample_patients,
    resampled,
    resampled_sums,
    statistic_of_films,
    without_false_certainty,
)

PATIENTS = ["b", "a", "b", "c", "b"]


def weights_of(weights: DoubleArray) -> DoubleArray:
    return weights


def test_films_of_one_patient_come_together(generator: np.random.Generator) -> None:
    draws = resample_patients(PATIENTS, resamples=50, generator=generator)
    weights = resampled(weights_of, draws)
    assert weights.shape == (50, 5)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, 0], weights[:, 4])
    np.testing.assert_array_equal(draws.draws.sum(axis=1), 3)
    assert (draws.resamples, draws.patients) == (50, 3)
    assert not np.array_equal(weights[:, 0], weights[:, 1])


def test_the_same_seed_gives_the_same_draws() -> None:
    first, second = (
        resample_patients(PATIENTS, resamples=9, generator=np.random.default_rng(1)).draws
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(("patients", "resamples"), [([], 5), (["a"], 0)])
def test_nothing_to_draw_is_refused(patients: list[str], resamples: int) -> None:
    with pytest.raises(EvaluationError, match="at least 1 of each"):
        resample_patients(patients, resamples=resamples, generator=np.random.default_rng(0))


def test_blocks_give_what_one_piece_gives(
    generator: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = resample_patients(PATIENTS, resamples=20, generator=generator)
    whole = resampled(weights_of, draws)
    monkeypatch.setattr("thoracle.evaluation.bootstrap._BLOCK_CELLS", 15)
    np.testing.assert_array_equal(resampled(weights_of, draws), whole)


def test_sums_over_patients_equal_sums_over_film_weights(generator: np.random.Generator) -> None:
    draws = resample_patients(PATIENTS, resamples=20, generator=generator)
    values = generator.normal(size=(5, 2))
    np.testing.assert_allclose(
        resampled_sums(values, draws), resampled(lambda weights: weights @ values, draws)
    )


def test_any_function_of_film_indices_can_be_resampled(generator: np.random.Generator) -> None:
    values = np.array([1.0, 5.0, 2.0, 9.0, 4.0])
    draws = resample_patients(PATIENTS, resamples=30, generator=generator)

    def median(films: IntArray) -> float:
        return float(np.median(values[films]))

    found = resampled(statistic_of_films(median), draws)
    first = np.repeat(values, resampled(weights_of, draws)[0].astype(int))
    assert found.shape == (30,)
    assert found[0] == np.median(first)


def test_the_interval_of_a_mean_is_as_wide_as_theory_says(generator: np.random.Generator) -> None:
    values = generator.normal(size=400)
    draws = resample_patients([str(index) for index in range(400)], generator=generator)
    means = resampled_sums(values[:, None], draws)[:, 0] / 400
    interval = percentile_interval(means, patients=400)
    assert interval.low is not None
    assert interval.high is not None
    width = 2 * 1.96 * values.std() / np.sqrt(400)
    assert interval.high - interval.low == pytest.approx(width, rel=0.1)
    assert (interval.low + interval.high) / 2 == pytest.approx(values.mean(), abs=0.02)


def test_copies_of_a_film_add_no_certainty(generator: np.random.Generator) -> None:
    values = generator.normal(size=100)
    names = [str(index) for index in range(100)]
    once = resample_patients(names, generator=np.random.default_rng(2))
    thrice = resample_patients(names * 3, generator=np.random.default_rng(2))
    single = resampled_sums(values[:, None], once)[:, 0] / 100
    copies = resampled_sums(np.tile(values, 3)[:, None], thrice)[:, 0] / 300
    np.testing.assert_allclose(copies, single)


def test_undefined_resamples_are_counted_and_left_out() -> None:
    values = np.append(np.linspace(0.0, 1.0, 95), [np.nan] * 5)
    interval = percentile_interval(values, patients=9)
    assert interval.left_out == 5
    assert (interval.low, interval.high) == pytest.approx((0.025, 0.975))


def test_too_many_undefined_resamples_give_no_interval() -> None:
    values = np.append(np.linspace(0.0, 1.0, 80), [np.nan] * 20)
    interval = percentile_interval(values, patients=9)
    assert (interval.low, interval.high) == (None, None)
    assert interval.reason is not None
    assert "20 of 100 resamples" in interval.reason.text


def test_one_patient_gives_no_interval() -> None:
    interval = percentile_interval(np.ones(10), patients=1)
    assert interval.low is None
    assert interval.reason is not None
    assert interval.reason.code == "one-patient"


def test_resamples_that_are_all_alike_do_not_make_a_figure_certain() -> None:
    alike = clustered_estimate(1.0, np.ones(10), n=9, patients=9)
    assert (alike.low, alike.high) == (1.0, 1.0)
    found = without_false_certainty(alike)
    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert found.reason is not None
    assert found.reason.code == "no-spread"
    other = clustered_estimate(0.5, np.linspace(0, 1, 10), n=9, patients=9)
    assert without_false_certainty(other) is other


def test_an_estimate_keeps_value_limits_and_count() -> None:
    values = np.linspace(0.0, 1.0, 101)
    estimate = clustered_estimate(0.5, values, n=7, patients=4)
    assert (estimate.value, estimate.n, estimate.method) == (0.5, 7, "patient-bootstrap")
    assert (estimate.low, estimate.high) == pytest.approx((0.025, 0.975))


def test_an_undefined_value_has_no_limits_either() -> None:
    estimate = clustered_estimate(np.nan, np.linspace(0.0, 1.0, 101), n=0, patients=4)
    assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
    assert estimate.reason is not None
