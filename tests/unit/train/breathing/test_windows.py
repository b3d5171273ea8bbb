"""Windows to learn from are of all classes, and as varied as the recipe says."""

from typing import Any

import numpy as np
import pytest

from thoracle.datasets.breathing import physiology, rsm
from thoracle.datasets.breathing.types import Sampling, Simulated
from thoracle.respiration.types import CLASSES
from thoracle.train.breathing import windows as module
from thoracle.train.breathing.recipe import WindowRecipe
from thoracle.train.breathing.windows import draw_windows


def test_every_class_comes_as_often_and_all_is_between_0_and_1() -> None:
    recipe = WindowRecipe(
        rates_hz=(5.0, 25.0), published_rate=0.3, physiological=0.5, sensor=0.7, noise_free=0.2
    )
    for seed in range(6):
        drawn = draw_windows(recipe, 56, rng=np.random.default_rng(seed))
        np.testing.assert_array_equal(np.bincount(drawn.kinds), np.full(len(CLASSES), 8))
        assert drawn.inputs.shape == (56, 600)
        assert np.isfinite(drawn.inputs).all()
        assert drawn.inputs.min() >= 0.0
        assert drawn.inputs.max() <= 1.0


def test_as_published_is_the_published_model_alone() -> None:
    drawn = draw_windows(WindowRecipe(), 28, rng=np.random.default_rng(4))
    rng = np.random.default_rng(4)
    rng.random(), rng.random(), rng.uniform(20.0, 20.0), rng.random(), rng.random()
    first = rsm.simulate(
        None, 7, Sampling(rate_hz=10.0, duration_s=60.0, snr_db=20.0), rng=rng
    )  # the same draws in the same order
    np.testing.assert_allclose(drawn.inputs[:7], first.signal, atol=1e-6)


def test_shares_of_the_recipe_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Sampling, bool]] = []

    def watched(name: str) -> None:
        own = {"rsm": rsm, "physiology": physiology}[name].simulate

        def simulate(kinds: None, count: int, sampling: Sampling, **rest: Any) -> Simulated:
            seen.append((name, sampling, bool(rest.get("has_authors_slips"))))
            made: Simulated = own(kinds, count, sampling, **rest)
            return made

        monkeypatch.setattr(getattr(module, name), "simulate", simulate)

    watched("rsm")
    watched("physiology")
    recipe = WindowRecipe(
        rates_hz=(5.0, 25.0),
        published_rate=0.5,
        snr_db=(5.0, 30.0),
        noise_free=0.25,
        authors_slips=0.5,
        physiological=0.25,
    )
    rng = np.random.default_rng(0)
    for _ in range(100):
        draw_windows(recipe, 28, rng=rng)
    shares = {
        "physiological": np.mean([name == "physiology" for name, _, _ in seen]),
        "published rate": np.mean([one.rate_hz == 10.0 for _, one, _ in seen]),
        "noise-free": np.mean([one.snr_db is None for _, one, _ in seen]),
        "slips": np.mean([slips for name, _, slips in seen if name == "rsm"]),
    }
    expected = {"physiological": 0.25, "published rate": 0.5, "noise-free": 0.25, "slips": 0.5}
    for name, share in expected.items():
        assert shares[name] == pytest.approx(share, abs=0.09), name
    noises = [one.snr_db for _, one, _ in seen if one.snr_db is not None]
    assert min(noises) < 7
    assert max(noises) > 28
