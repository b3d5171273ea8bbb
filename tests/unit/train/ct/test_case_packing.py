"""A bundle equals its network, says of whom it learned, and classifies a scan without torch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.unit.train.ct.kinds import made_scans

from thoracle.core.errors import BundleError
from thoracle.ct.case import CaseClassifier
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.bundles import verify_bundle
from thoracle.train import export
from thoracle.train.ct import case_packing as module
from thoracle.train.ct.case_network import LocationNetwork
from thoracle.train.ct.case_packing import made_up_patches, pack_cases
from thoracle.train.ct.small_fit import WEIGHTS
from thoracle.train.export import Parity


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A training's folder with the weights that it began with."""
    torch.manual_seed(1)
    save_file(LocationNetwork(3, width=4).state_dict(), tmp_path / WEIGHTS)
    return tmp_path


@pytest.mark.slow
def test_a_bundle_equals_its_network_and_says_of_whom_it_learned(run: Path) -> None:
    parity = pack_cases(run, made_scans(), run / "bundle", width=4)
    assert parity.logit_difference < 1e-4
    assert verify_bundle(str(run / "bundle")).films == 4
    bundle = open_bundle(str(run / "bundle"))
    assert bundle.number("patients_covid") == 2
    assert bundle.number("patients_other") == 1
    assert bundle.number("patients_healthy") == 1
    assert bundle.training["patients"] == "a, b, healthy, other"
    assert CaseClassifier(bundle, threads=1).spacing_mm == (5.0, 1.5, 1.5)


def test_an_unfinished_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="weights of a finished training"):
        pack_cases(tmp_path, made_scans(), tmp_path / "bundle", width=4)


def test_a_network_that_differs_is_not_packed(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(*_given: object) -> Parity:
        return Parity(films=1, logit_difference=0.5, map_difference=0.0)

    monkeypatch.setattr(module, "write_case_onnx", lambda _network, path: path.touch())
    for one in (module, export):
        monkeypatch.setattr(one, "compare", differs)
    with pytest.raises(BundleError, match=r"differ by 5\.0e-01"):
        pack_cases(run, made_scans(), run / "bundle", width=4)
    assert not (run / "bundle").exists()


def test_made_up_patches_survive_half_precision() -> None:
    made = made_up_patches()
    assert made.shape == (4, 2, 48, 48)
    assert (made == made.astype(np.float16).astype(np.float32)).all()
    assert np.abs(made[:, 0]).max() <= 1.0
