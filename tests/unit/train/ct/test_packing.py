"""A bundle equals the network it was made from, for volumes of any size, and says whom it saw."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from thoracle.core.errors import BundleError
from thoracle.ct.model import CtSegmenter
from thoracle.datasets.ct_cases import CtCase, read_case
from thoracle.inference.bundle import open_bundle
from thoracle.inference.session import Network
from thoracle.jobs.bundles import verify_bundle
from thoracle.train.ct import packing
from thoracle.train.ct.crops import training_scan
from thoracle.train.ct.fit import claim, run_without
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.packing import pack_ct
from thoracle.train.ct.recipe import parse_ct_recipe
from thoracle.train.export import Parity


@pytest.fixture(scope="module")
def run(
    cases: tuple[CtCase, ...],
    ct_recipe_text: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A finished run whose weights are those it began with."""
    recipe = parse_ct_recipe(ct_recipe_text())
    folder = tmp_path_factory.mktemp("packing") / "run"
    plan = run_without(recipe, cases, left_out=["p1"], folder=folder)
    claim(plan)
    torch.manual_seed(3)
    save_file(CtNetwork(recipe.network).state_dict(), plan.weights)
    return plan.folder


@pytest.fixture(scope="module")
def packed(run: Path, cases: tuple[CtCase, ...]) -> tuple[Path, Parity]:
    """The run's bundle: exporting takes longer than all else, so it is done once."""
    scan = training_scan(read_case(cases[0]), spacing_mm=(5.0, 6.0, 6.0))
    told = {"retrained_from": "another"}
    return run / "bundle", pack_ct(run, (scan,), run / "bundle", told=told)


@pytest.mark.slow
def test_a_bundle_equals_its_network_and_says_whom_it_saw(packed: tuple[Path, Parity]) -> None:
    folder, parity = packed
    assert parity.films == 1
    assert parity.logit_difference < 1e-4
    assert verify_bundle(str(folder)).logit_difference == pytest.approx(0, abs=1e-4)
    bundle = open_bundle(str(folder))
    assert bundle.training["patients"] == "p2, p3"
    assert bundle.training["left_out"] == "p1"
    assert bundle.training["retrained_from"] == "another"
    assert [one.name for one in bundle.labels][2] == "ground glass"


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(4, 32, 48), (16, 48, 32)])
def test_a_bundle_takes_volumes_of_any_size(
    packed: tuple[Path, Parity], shape: tuple[int, int, int]
) -> None:
    network = Network(open_bundle(str(packed[0])), threads=1)
    found = network.run(np.zeros((1, 1, *shape), np.float32))["logits"]
    assert found.shape == (1, 4, *shape)


@pytest.mark.slow
def test_a_bundle_segments_a_scan_on_the_scans_own_grid(
    packed: tuple[Path, Parity], cases: tuple[CtCase, ...]
) -> None:
    segmenter = CtSegmenter(open_bundle(str(packed[0])), threads=1)
    assert segmenter.spacing_mm == (5.0, 6.0, 6.0)
    assert segmenter.segment(read_case(cases[0]).scan).label_map.shape == (30, 50, 60)


@pytest.mark.slow
def test_a_network_that_differs_is_not_packed_and_leaves_an_older_bundle_alone(
    run: Path, packed: tuple[Path, Parity], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "bundle" / "kept"
    kept.parent.mkdir()
    kept.write_text("older", encoding="utf-8")

    def of_another(network: CtNetwork, path: Path) -> None:
        shutil.copy(packed[0] / "network.onnx", path)
        with torch.no_grad():
            network.head.weight.add_(0.01)

    monkeypatch.setattr(packing, "write_ct_onnx", of_another)
    with pytest.raises(BundleError, match="is not the trained one"):
        pack_ct(run, (), tmp_path / "bundle")
    assert kept.read_text(encoding="utf-8") == "older"


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="Finish it with thoracle train ct"):
        pack_ct(tmp_path, (), tmp_path / "bundle")
