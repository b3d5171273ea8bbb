"""A bundle equals its ensemble, and holds nothing of a patient."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import NETWORK, open_bundle
from thoracle.inference.description import read_description
from thoracle.inference.parity import PARITY
from thoracle.prognosis.forecast import Forecaster
from thoracle.prognosis.landmarks import after_admission
from thoracle.prognosis.model import RiskModel
from thoracle.prognosis.types import HORIZONS, Chart
from thoracle.train.prognosis.ensemble import Ensemble
from thoracle.train.prognosis.packing import check_outputs, made_up_days


def test_a_run_becomes_a_bundle_that_tells_the_same_risks(
    small_ensemble: Ensemble, small_run: Path, stays: tuple[Chart, ...]
) -> None:
    bundle = open_bundle(str(small_run / "bundle"))
    assert read_description(bundle.folder)["parity"]["logit_difference"] < 1e-5
    assert tuple(one.name for one in bundle.labels) == HORIZONS
    assert bundle.training["patients"] == "40"
    landmarks = after_admission(stays, days=3)
    told = RiskModel(bundle).predict(stays, landmarks)
    np.testing.assert_allclose(told.risks, small_ensemble.risks(stays, landmarks), atol=1e-5)
    assert (told.low <= told.risks).all()
    assert (told.high >= told.risks).all()
    ahead = Forecaster(bundle).predict(stays, landmarks).quantiles
    assert not (np.diff(ahead[:, :, small_ensemble.scaling.places]) < 0).any()
    names = {path.name for path in bundle.folder.iterdir()}
    assert names == {"bundle.toml", "network.onnx", PARITY, "recipe.toml", "variables.json"}


def test_a_file_of_another_ensemble_is_refused(small_ensemble: Ensemble, small_run: Path) -> None:
    other = replace(small_ensemble, network=copy.deepcopy(small_ensemble.network))
    with torch.no_grad():
        other.network.told_bias.add_(0.01)
    days = made_up_days(len(other.scaling.places))
    with pytest.raises(BundleError, match="found logits that differ") as caught:
        check_outputs(other, small_run / "bundle" / NETWORK, days)
    assert caught.value.code == "bundle-parity"


def test_made_up_days_are_exact_in_half_precision_and_like_charts() -> None:
    days = made_up_days(6)
    assert days.shape == (16, 14, 22)
    np.testing.assert_array_equal(days, days.astype(np.float16).astype(np.float32))
    assert set(np.unique(days[..., 6:12]).tolist()) == {0.0, 1.0}
    assert not days[0].any()
