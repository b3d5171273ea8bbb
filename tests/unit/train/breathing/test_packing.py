"""A bundle is calibrated, equals its network, and is not made of half a run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import open_bundle
from thoracle.respiration.model import TASK, PatternClassifier
from thoracle.respiration.types import CLASSES
from thoracle.train.breathing import packing
from thoracle.train.breathing.fit import fit_patterns
from thoracle.train.breathing.packing import made_up_windows, pack_patterns
from thoracle.train.breathing.recipe import parse_pattern_recipe


def test_a_run_becomes_a_bundle_that_classifies(
    pattern_recipe_text: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "CALIBRATION_WINDOWS", 140)
    with pytest.raises(BundleError, match="expected the weights of a finished run"):
        pack_patterns(tmp_path / "run", tmp_path / "bundle")
    fit_patterns(parse_pattern_recipe(pattern_recipe_text(epochs=1)), tmp_path / "run")
    parity = pack_patterns(tmp_path / "run", tmp_path / "bundle")
    assert parity.logit_difference < 1e-5
    bundle = open_bundle(str(tmp_path / "bundle"))
    assert bundle.task == TASK
    assert tuple(one.name for one in bundle.labels) == CLASSES
    assert bundle.training["windows"] == "42"
    found = PatternClassifier(bundle).classify(np.asarray(made_up_windows(), float), rate_hz=10.0)
    assert found.logits.shape == (8, 7)


def test_the_limit_is_the_least_above_which_enough_answers_are_right() -> None:
    chances = np.linspace(1.0, 0.0, 1001)
    is_right = np.ones(1001, bool)
    is_right[300::2] = False  # below 0.7 every second answer is wrong
    limit = packing._limit(chances, is_right)
    kept = chances >= limit
    assert is_right[kept].mean() >= packing.ACCURACY_KEPT
    assert is_right[chances >= limit - 0.01].mean() < packing.ACCURACY_KEPT
    assert packing._limit(chances, np.ones(1001, bool)) == packing.LIMIT_MIN
    assert packing._limit(chances, np.zeros(1001, bool)) == 1.0
