"""How well a map finds a region."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from thoracle.evaluation.localization import localization


def region() -> np.ndarray:
    found = np.zeros((8, 8), bool)
    found[2:4, 2:6] = True
    return found


def test_the_region_itself_is_found_without_error() -> None:
    found = localization(region().astype(np.float32), region())
    assert (found.hit, found.auroc, found.average_precision) == (1, 1, 1)


def test_its_opposite_is_wrong_everywhere() -> None:
    found = localization(-region().astype(np.float32), region())
    assert (found.hit, found.auroc) == (0, 0)


def test_an_even_map_is_chance() -> None:
    found = localization(np.ones((8, 8), np.float32), region())
    assert found.hit == pytest.approx(8 / 64)
    assert found.auroc == 0.5
    assert found.average_precision == pytest.approx(8 / 64)


def test_a_random_map_is_judged_as_scikit_learn_does() -> None:
    values = np.random.default_rng(5).random((8, 8), dtype=np.float32).round(1)
    found = localization(values, region())
    inside = region().ravel()
    assert found.auroc == pytest.approx(roc_auc_score(inside, values.ravel()))
    assert found.average_precision == pytest.approx(average_precision_score(inside, values.ravel()))


@pytest.mark.parametrize("whole", [True, False])
def test_a_region_that_is_empty_or_everything_has_no_figure(whole: bool) -> None:
    found = localization(np.ones((4, 4), np.float32), np.full((4, 4), whole))
    assert np.isnan([found.hit, found.auroc, found.average_precision]).all()
