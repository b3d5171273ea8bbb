"""Families, decision curves, plans and regression against statsmodels, scikit-learn and algebra."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats
from sklearn import linear_model, metrics
from statsmodels.stats import proportion

from thoracle.evaluation.decision_curves import decision_curves
from thoracle.evaluation.dependence import dependence
from thoracle.evaluation.family import family_wise
from thoracle.evaluation.logistic import fit_logistic
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.sample_size import buderer_cases
from thoracle.evaluation.separation import separating_columns
from thoracle.evaluation.simulated import CohortEffects, simulated_cohort, simulated_input

OPTIONS = EvaluationOptions(resamples=50)


@pytest.mark.parametrize("seed", range(3))
def test_family_wise_intervals_equal_statsmodels_at_alpha_over_m(seed: int) -> None:
    films = simulated_input(
        films=200, separation=1.5, overconfidence=1.0, generator=np.random.default_rng(seed)
    )
    family = family_wise(films, generator=np.random.default_rng(seed), options=OPTIONS)
    assert family is not None
    said = np.argmax(films.probabilities, axis=1) == 2
    table = metrics.confusion_matrix(films.reference == 2, said)
    rest = family.members[0]
    for figure, right, cases in (
        (rest.ppv, table[1, 1], table[:, 1].sum()),
        (rest.npv, table[0, 0], table[:, 0].sum()),
    ):
        expected = proportion.proportion_confint(right, cases, 0.05 / 4, "wilson")
        assert (figure.low, figure.high) == pytest.approx(expected)


def test_net_benefit_equals_scikit_learns_confusion_at_every_threshold() -> None:
    films = simulated_input(
        films=150, separation=1.5, overconfidence=1.0, generator=np.random.default_rng(0)
    )
    curve = decision_curves(films, generator=np.random.default_rng(0), options=OPTIONS)[1]
    truth = films.reference == 1
    for point in curve.points:
        acts = films.probabilities[:, 1] >= point.threshold
        (_, fp), (_, tp) = metrics.confusion_matrix(truth, acts, labels=[False, True])
        odds = special.logit(point.threshold)
        assert point.net_benefit == pytest.approx((tp - fp * np.exp(odds)) / 150)


@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("half_width", [0.03, 0.05, 0.1])
def test_buderers_plan_equals_statsmodels(share: float, half_width: float) -> None:
    theirs = proportion.samplesize_confint_proportion(share, half_width)
    assert buderer_cases(share, half_width=half_width) == np.ceil(round(theirs, 6))


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_equals_newtons_and_the_sandwich_written_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patient = np.sort(rng.integers(0, 60, size=200)).astype(np.int64)
    design = np.column_stack([np.ones(200), rng.normal(size=(200, 2)), rng.random(200) < 0.4])
    outcome = rng.random(200) < special.expit(design @ [0.5, -0.6, 0.2, 0.8])
    fit = fit_logistic(design, outcome, patient)
    logit = sm.Logit(outcome.astype(float), design).fit(disp=0)
    np.testing.assert_allclose(fit.coefficients, logit.params, atol=1e-6)
    np.testing.assert_allclose(fit.errors, logit.bse, rtol=1e-4)
    assert fit.log_likelihood == pytest.approx(logit.llf)
    plain = linear_model.LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000)
    np.testing.assert_allclose(plain.fit(design, outcome).coef_[0], fit.coefficients, atol=1e-4)
    chance = special.expit(design @ fit.coefficients)
    bread = np.linalg.inv(design.T @ (design * (chance * (1 - chance))[:, None]))
    names = np.unique(patient)
    scores = design * (outcome - chance)[:, None]
    summed = np.array([scores[patient == name].sum(axis=0) for name in names])
    correction = names.size / (names.size - 1) * 199 / 196
    expected = correction * bread @ (summed.T @ summed) @ bread
    np.testing.assert_allclose(fit.covariance, expected, rtol=1e-5)


def test_the_interactions_test_equals_that_of_two_models_of_statsmodels() -> None:
    films = simulated_cohort(
        patients=400,
        films_per_patient=1,
        effects=CohortEffects(bmi_per_5=-0.2, bmi_per_5_in_covid=-0.4),
        generator=np.random.default_rng(1),
    )
    assert films.age_years is not None
    assert films.bmi is not None
    assert films.sex is not None
    assert films.ethnicity is not None
    right = (np.argmax(films.probabilities, axis=1) == films.reference).astype(float)
    finding = np.eye(3)[films.reference][:, 1:]
    ethnicity = np.array([[one == name for name in ("Asian", "Other")] for one in films.ethnicity])
    bmi = films.bmi[:, None]
    main = np.column_stack(
        [np.ones(400), finding, films.age_years, np.array(films.sex) == "M", bmi, ethnicity]
    )
    both = [
        sm.Logit(right, columns.astype(float)).fit(disp=0)
        for columns in (main, np.column_stack([main, finding * bmi]))
    ]
    expected = 2 * (both[1].llf - both[0].llf)
    (found,) = [one for one in dependence(films).interactions if one.factor == "BMI"]
    assert found.statistic == pytest.approx(expected, abs=1e-4)
    assert found.p_likelihood_ratio == pytest.approx(stats.chi2.sf(expected, 2), abs=1e-5)


@pytest.mark.parametrize("seed", range(12))
def test_separation_is_where_a_weaker_penalty_lets_coefficients_grow(seed: int) -> None:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(14), rng.integers(0, 3, size=14), rng.random(14) < 0.4])
    if np.linalg.matrix_rank(design) < 3:
        pytest.skip("this draw has a constant column")
    outcome = rng.random(14) < special.expit(design @ [-1.5, 1.2, 2.0])
    if outcome.all() or not outcome.any():
        pytest.skip("this draw has one outcome")
    sizes = [
        np.linalg.norm(
            linear_model.LogisticRegression(
                C=penalty, fit_intercept=False, solver="newton-cholesky", max_iter=1000
            )
            .fit(design, outcome)
            .coef_
        )
        for penalty in (1e3, 1e6)
    ]
    assert separating_columns(design.astype(float), outcome).any() == (sizes[1] > 1.3 * sizes[0])


@pytest.mark.slow
def test_odds_ratios_are_found_without_bias_and_their_intervals_hold() -> None:
    effects = CohortEffects(age_per_10_years=-0.2, bmi_per_5=-0.25, second_ethnicity=-0.6)
    truth = np.array([-0.2, 0.0, -0.25, -0.6, 0.0])
    rng = np.random.default_rng(11)
    found, held = [], []
    for _ in range(40):
        films = simulated_cohort(patients=300, films_per_patient=2, effects=effects, generator=rng)
        ratios = dependence(films).odds_ratios
        found.append([np.log(one.odds_ratio) for one in ratios])
        ends = zip(ratios, truth, strict=True)
        held.append([one.low <= np.exp(value) <= one.high for one, value in ends])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(40)
    assert np.all(np.abs(np.mean(found, axis=0) - truth) < 3.5 * error)
    assert 0.88 <= np.mean(held) <= 0.99
