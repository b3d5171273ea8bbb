"""The report's figures are those of the matrices."""

from collections.abc import Callable

import numpy as np
import pytest

from thoracle.train.breathing.ablation import AblatedRun
from thoracle.train.breathing.ablation_report import ablation_report, figures_of
from thoracle.train.breathing.recipe import parse_pattern_recipe


def _run(variant: str, seed: int, *, wrong: int) -> AblatedRun:
    matrix = np.zeros((7, 7), np.int64)
    matrix[range(6), range(6)] = 100
    matrix[5, 5] -= wrong
    matrix[5, 4] += wrong
    return AblatedRun(variant=variant, seed=seed, parameters=10, matrix=matrix)


def test_figures_follow_from_the_matrix() -> None:
    found = figures_of(_run("x", 1, wrong=30))
    assert found.accuracy == pytest.approx(0.95)
    assert found.recall == pytest.approx((5 + 0.7) / 6)
    assert found.precision == pytest.approx((5 + 100 / 130) / 6)
    assert found.f1 == pytest.approx((4 + 200 / 230 + 140 / 170) / 6)
    assert found.recalls[5] == pytest.approx(0.7)


def test_a_pattern_that_is_never_told_has_a_precision_of_zero() -> None:
    assert figures_of(_run("x", 1, wrong=100)).precision == pytest.approx((4 + 0.5) / 6)


def test_the_tables_show_means_and_spread_beside_what_was_published(
    pattern_recipe_text: Callable[..., str],
) -> None:
    runs = [_run("BI-AT-GRU", 1, wrong=0), _run("BI-AT-GRU", 2, wrong=12), _run("rule", 1, wrong=6)]
    report = ablation_report(runs, parse_pattern_recipe(pattern_recipe_text()))
    assert "| BI-AT-GRU | 10 | 99.00 ± 1.41 |" in report.markdown
    assert "| rule | 10 | 99.00 |" in report.markdown
    assert "| published, depth camera | – | 94.5 | 94.4 | 95.1 | 94.8 |" in report.markdown
    assert "not the same test" in report.markdown
    assert "| central_apnea | 0 | 0 | 0 | 0 | 12 | 188 | 0 |" in report.markdown
