"""The solids of the synthetic thorax: formulas against counting points."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.datasets.thorax_shapes import Egg, Lesion

EGG = Egg(half_mm=(95.0, 58.0), up_mm=165.0, down_mm=75.0, turn_degrees=14.0, side=-1)


def points(count: int) -> tuple[DoubleArray, float]:
    """Draw places in a box around everything, and how many ml each stands for."""
    low, high = np.array([-80.0, -120.0, -150.0]), np.array([170.0, 120.0, 60.0])
    drawn = np.random.default_rng(5).uniform(low, high, (count, 3))
    return drawn, float(np.prod(high - low)) / 1000.0 / count


def test_a_ball_has_the_volume_of_a_ball_and_its_core_an_eighth_at_half_size() -> None:
    ball = Lesion(center_mm=(0.0, 0.0, 0.0), half_mm=(10.0, 10.0, 10.0), core=0.5)
    assert ball.volume_ml == pytest.approx(4.18879, abs=1e-5)
    assert ball.consolidation_ml == pytest.approx(ball.volume_ml / 8)
    assert ball.ground_glass_ml + ball.consolidation_ml == pytest.approx(ball.volume_ml)
    assert ball.shrunk().volume_ml == pytest.approx(ball.consolidation_ml)


def test_a_cut_through_the_middle_leaves_half_an_egg() -> None:
    whole = EGG.placed(1.0)
    assert EGG.placed(0.0).volume_ml == pytest.approx(whole.volume_ml / 2)
    assert whole.volume_ml == pytest.approx(2 / 3 * np.pi * 95 * 58 * 240 / 1000)


@pytest.mark.parametrize("gap", [0.5, 0.9, 1.2])
def test_an_egg_cut_at_the_midline_holds_as_many_points_as_its_volume_says(gap: float) -> None:
    egg = EGG.placed(gap)
    places, each_ml = points(400_000)
    assert np.count_nonzero(egg.holds(places)) * each_ml == pytest.approx(egg.volume_ml, rel=0.01)


def test_what_lies_behind_a_plane_holds_as_many_points_as_its_volume_says() -> None:
    egg = EGG.placed(1.2)
    places, each_ml = points(400_000)
    behind = egg.holds(places) & (places[:, 1] > egg.plane_mm(0.4))
    assert np.count_nonzero(behind) * each_ml == pytest.approx(egg.behind_ml(0.4), rel=0.02)


def test_a_layer_that_could_meet_the_midline_is_refused() -> None:
    with pytest.raises(EvaluationError, match=r"found a layer from 0\.1 .* 0\.2 to 1"):
        EGG.behind_ml(0.1)


def test_the_skin_of_a_turned_lesion_lies_on_its_surface() -> None:
    lesion = Lesion(center_mm=(5.0, -7.0, 60.0), half_mm=(8.0, 20.0, 11.0), turn_degrees=33.0)
    skin = lesion.skin_mm()
    center = np.asarray(lesion.center_mm)
    assert lesion.holds(center + 0.999 * (skin - center)).all()
    assert not lesion.holds(center + 1.001 * (skin - center)).any()
