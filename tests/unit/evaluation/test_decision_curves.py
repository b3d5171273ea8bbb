"""Net benefit: published values, its ends, and where it beats acting on all or on none."""

import numpy as np
import pytest

from thoracle.evaluation.decision_curves import (
    THRESHOLDS,
    DecisionCurve,
    DecisionPoint,
    decision_curves,
    net_benefit,
)
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions

OPTIONS = EvaluationOptions(resamples=300)


def test_acting_on_all_as_published() -> None:
    """World J Gastroenterol 2020, PMC6993280, table 4: prevalence 0.30, intervention to all."""
    published = {
        0.03: 0.278, 0.05: 0.263, 0.08: 0.239, 0.10: 0.222, 0.20: 0.125, 0.30: 0.0, 0.40: -0.167,
        0.50: -0.4, 0.60: -0.75, 0.70: -1.333, 0.80: -2.5, 0.90: -6.0,
    }  # fmt: skip
    has_finding = np.arange(1000) < 300
    thresholds = np.array(list(published))
    found = net_benefit(np.ones(1000), has_finding, thresholds).mean(axis=0)
    np.testing.assert_allclose(found, list(published.values()), atol=5e-4)


def test_each_film_adds_one_or_takes_away_the_odds() -> None:
    found = net_benefit(
        np.array([0.2, 0.6, 0.6]), np.array([True, True, False]), np.array([0.2, 0.5])
    )
    np.testing.assert_allclose(found, [[1.0, 0.0], [1.0, 1.0], [-0.25, -1.0]])


@pytest.fixture(scope="module")
def curves(films: EvaluationInput) -> tuple[DecisionCurve, ...]:
    return decision_curves(films, generator=np.random.default_rng(2), options=OPTIONS)


def test_every_finding_has_a_curve_with_its_band(
    films: EvaluationInput, curves: tuple[DecisionCurve, ...]
) -> None:
    assert [one.label for one in curves] == list(films.labels)
    covid = curves[2]
    assert len(covid.points) == len(THRESHOLDS) == 50
    assert (covid.points[0].threshold, covid.points[-1].threshold) == (0.01, 0.99)
    for point in covid.points:
        assert point.low <= point.net_benefit <= point.high
        acts = films.probabilities[:, 2] >= point.threshold
        has = films.reference == 2
        odds = point.threshold / (1 - point.threshold)
        benefit = (np.sum(acts & has) - np.sum(acts & ~has) * odds) / films.films
        assert point.net_benefit == pytest.approx(benefit)
        everybody = has.mean() - (1 - has.mean()) * odds
        assert point.treat_all == pytest.approx(everybody)


def test_a_good_model_is_useful_in_the_middle(curves: tuple[DecisionCurve, ...]) -> None:
    first, last = max(curves[2].useful, key=lambda ends: ends[1] - ends[0])
    assert first < 0.3
    assert last > 0.6


def test_chance_is_useful_nowhere(films: EvaluationInput) -> None:
    rng = np.random.default_rng(3)
    shuffled = films.select(np.ones(films.films, bool))
    shuffled.probabilities[:] = 1 / 3
    found = decision_curves(shuffled, generator=rng, options=OPTIONS)
    assert [one.useful for one in found] == [(), (), ()]


def test_a_finding_that_no_film_has_is_left_out(films: EvaluationInput) -> None:
    found = decision_curves(
        films.select(films.reference != 1), generator=np.random.default_rng(0), options=OPTIONS
    )
    assert [one.label for one in found] == ["No finding", "COVID-19"]


def point(threshold: float, *, above_all: bool, above_none: bool) -> DecisionPoint:
    return DecisionPoint(
        threshold=threshold,
        net_benefit=0.1,
        low=0.0,
        high=0.2,
        treat_all=0.0,
        is_above_all=above_all,
        is_above_none=above_none,
    )


def test_useful_ranges_end_where_either_is_not_beaten() -> None:
    curve = DecisionCurve(
        label="x",
        share=0.5,
        points=(
            point(0.1, above_all=False, above_none=True),
            point(0.2, above_all=True, above_none=True),
            point(0.3, above_all=True, above_none=True),
            point(0.4, above_all=True, above_none=False),
            point(0.5, above_all=True, above_none=True),
        ),
    )
    assert curve.useful == ((0.2, 0.3), (0.5, 0.5))
