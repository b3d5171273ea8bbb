"""Curves to draw agree with the figures."""

import numpy as np
import pytest

from thoracle.evaluation.curves import curves, thin
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import auroc


def test_the_area_under_the_drawn_curve_is_the_auroc(films: EvaluationInput) -> None:
    found = curves(films, options=EvaluationOptions())
    for index, one in enumerate(found.findings):
        points = np.array(one.roc)
        area = np.trapezoid(points[:, 1], points[:, 0])
        truth = films.reference == index
        assert area == pytest.approx(auroc(films.probabilities[:, index], truth))
        assert one.share == pytest.approx(truth.mean())
        assert one.precision_recall[-1] == pytest.approx((1.0, truth.mean()))


def test_the_predicted_finding_has_a_reliability_curve(films: EvaluationInput) -> None:
    found = curves(films, options=EvaluationOptions(bins=5))
    assert len(found.top_label) == 5
    assert sum(one.observed.n for one in found.top_label) == films.films


def test_a_finding_without_films_has_no_curve_and_keeps_its_reliability(
    films: EvaluationInput,
) -> None:
    part = films.select(films.reference != 2)
    empty = curves(part, options=EvaluationOptions()).findings[2]
    assert (empty.roc, empty.precision_recall, empty.share) == ((), (), 0.0)
    assert all(one.observed.value == 0.0 for one in empty.reliability)


def test_a_finding_that_all_films_have_has_no_curve(films: EvaluationInput) -> None:
    part = films.select(films.reference == 1)
    assert curves(part, options=EvaluationOptions()).findings[1].roc == ()


def test_long_curves_are_thinned_and_keep_both_ends() -> None:
    long = np.linspace(0.0, 1.0, 5001)
    points = thin(long, long**2, points=50)
    assert len(points) == 50
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert thin(long[:3], long[:3], points=50)[1] == (long[1], long[1])
