"""`thoracle ct retrain` makes a new champion of corrected masks, or not, and survives a kill."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nibabel.nifti1 import Nifti1Image
from safetensors.torch import save_file
from typer.testing import CliRunner, Result

from thoracle.cli.main import app
from thoracle.cli.promoting import NOT_TAKEN
from thoracle.core.errors import ManifestError, RecipeError, ThoracleError
from thoracle.core.files import sha256_of_file
from thoracle.core.settings import settings
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.ct_corrections import Correction, keep_correction
from thoracle.jobs.ct_files import ScanGrid, scan_document, volume_nifti
from thoracle.jobs.ct_jobs import mask_files
from thoracle.jobs.promotion import Action, history
from thoracle.store.results import open_store
from thoracle.store.scan_types import NewMask, NewScan
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.packing import made_up_volumes
from thoracle.train.ct.recipe import parse_ct_recipe

RECIPE = """
name = "ct"
version = "1.0.0"
seed = 5
spacing_mm = [5, 6, 6]
precision = "fp32"
intended_use = "Tests."
[network]
dimensions = 3
channels = [4, 6, 8, 10]
blocks = 1
[training]
epochs = 2
crops_per_epoch = 4
batch = 2
crop = [8, 32, 48]
learning_rate = 1e-2
"""
RETRAIN = """
seed = 3
held_out = 0.5
[margins]
lungs = 0.01
infection = 0.03
poi_points = 1.0
alpha = 0.05
[training]
epochs = 50
crops_per_epoch = 2
learning_rate = 1e-3
"""
SHAPE = (60, 50, 30)  # columns, rows, slices
AFFINE = np.diag([-5.0, -5.0, 5.0, 1.0])


def _body(seed: int) -> tuple[Any, Any]:
    """Return HU and labels of a body of its own: two lungs, ground glass in one."""
    hu = np.full(SHAPE, -1300.0)
    hu[4:56, 4:46] = 120 - seed
    label_map = np.zeros(SHAPE, np.uint8)
    label_map[10:26, 12:36, 6:24] = 1
    label_map[34:50, 12:36, 6:24] = 1
    label_map[36:44, 16:28, 10:16] = 2
    hu[label_map == 1], hu[label_map == 2] = -825, -350
    return hu, label_map


def _cases(folder: Path, patients: Sequence[str], *, first: int, reader: str = "") -> None:
    folder.mkdir()
    rows = [("case", "patient", "unit", "reader", "minutes")]
    for number, patient in enumerate(patients):
        hu, label_map = _body(first + number)
        name = f"c{first + number}"
        for kind, values in (("image", hu.astype(np.int16)), ("labels", label_map)):
            path = folder / f"{name}_{kind}.nii.gz"
            Nifti1Image(values, AFFINE).to_filename(path)  # type: ignore[no-untyped-call]
        rows.append((name, patient, "HU", reader, "4" if reader else ""))
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site with a CT champion, its scans and its run, and corrected scans of new patients."""

    root: Path

    def words(self, *more: str, out: str = "out") -> list[str]:
        """Return the line that retrains."""
        at = self.root
        return [
            "ct", "retrain", "--out", str(at / out), "--cases", str(at / "cases"),
            "--corrections", str(at / "corrected"), "--run", str(at / "run"),
            "--recipe", str(at / "retrain.toml"), "--by", "tester", *more,
        ]  # fmt: skip


def _run(words: Sequence[str]) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def site(
    ct_bundle: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """A champion that labels by grey; beside it lies a run whose weights its parity proves."""
    folder = ct_bundle(patients="p1, p2", place="home/bundles/ct")
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    torch.manual_seed(7)
    network = CtNetwork(parse_ct_recipe(RECIPE).network).eval()
    (tmp_path / "run").mkdir()
    save_file(network.state_dict(), tmp_path / "run" / "ct.safetensors")
    volumes = made_up_volumes()
    with torch.no_grad():
        logits = network(torch.from_numpy(volumes)).numpy()
    np.savez(folder / "parity.npz", films=volumes.astype(np.float16), logits=logits)
    _describe(folder, cases="c0, c1")
    _cases(tmp_path / "cases", ["p1", "p2"], first=0)
    _cases(tmp_path / "corrected", [f"q{one}" for one in range(12)], first=10, reader="Dr. A")
    (tmp_path / "retrain.toml").write_text(RETRAIN, encoding="utf-8")
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("THORACLE_BUNDLES", raising=False)
    settings.cache_clear()
    yield Site(root=tmp_path)
    settings.cache_clear()


def _describe(folder: Path, **training: str) -> None:
    table = read_description(folder)
    table.pop("files")
    table["training"] |= training
    write_description(folder, table)


@pytest.fixture
def trained(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the training: a bundle that is the champion, but for a logit's bias."""
    told: dict[str, Any] = {"network": None, "times": 0}

    def train(_champion: object, _wanted: object, cases: Any, places: Any) -> Path:
        bundle: Path = places.run / "bundle"
        told["cases"] = cases
        if not bundle.exists():
            told["times"] += 1
            shutil.copytree(site.root / "home" / "bundles" / "ct", bundle)
            if told["network"] is not None:
                (bundle / "network.onnx").write_bytes(told["network"])
            learned = ", ".join(sorted({one.patient for one in cases.learn}))
            names = ", ".join(one.name for one in cases.learn)
            _describe(bundle, patients=learned, cases=names, retrained_from="x")
        return bundle

    monkeypatch.setattr("thoracle.train.ct.retrain.train_ct_challenger", train)
    return told


def test_a_challenger_that_is_alike_on_six_new_patients_is_put_in_force_and_rolled_back(
    site: Site, trained: dict[str, Any]
) -> None:
    before = open_bundle("ct").digest
    done = _run(site.words())
    assert done.exit_code == 0, done.output
    assert "Corrected scans: 6 to learn from, 6 that judge; left out: none." in done.output
    assert "Readers spent 48 minutes" in done.output
    assert "On 6 held-out patients the challenger is shown to be not worse" in done.output
    served = open_bundle("ct")
    assert served.digest != before
    assert (served.folder / "metrics.json").is_file()
    (decision,) = history("ct").decisions
    assert (decision.action, decision.by, decision.is_forced) == (Action.PROMOTED, "tester", False)
    kept = json.loads((site.root / "out" / "decision.json").read_bytes())
    judges = {one.patient for one in trained["cases"].held_out}
    assert set(kept["checks"][0]["patients"]) == judges
    assert not judges & set(served.training["patients"].split(", "))
    again = _run(site.words())
    assert (again.exit_code, trained["times"]) == (0, 1)
    assert "is in force already" in again.output
    assert _run(["bundles", "rollback", "ct", "--by", "tester"]).exit_code == 0
    assert open_bundle("ct").digest == before


def test_the_folder_of_a_promotion_is_what_the_next_one_goes_on_from(
    site: Site, trained: dict[str, Any]
) -> None:
    assert _run(site.words()).exit_code == 0
    first = {one.patient for one in trained["cases"].held_out}
    line = site.words(out="second")
    line[line.index("--cases") + 1] = str(site.root / "out" / "cases")
    _cases(site.root / "more", ["r1", "r2"], first=40, reader="Dr. B")
    line[line.index("--corrections") + 1] = str(site.root / "more")
    done = _run(line)
    assert "Corrected scans: 1 to learn from, 1 that judge" in done.output, done.output
    held_out = {one.patient for one in trained["cases"].held_out}
    assert first < held_out
    assert len(held_out) == 7


def test_a_worse_challenger_is_refused_until_it_is_forced_for_a_reason(
    site: Site, trained: dict[str, Any]
) -> None:
    trained["network"] = _blind(site.root / "home" / "bundles" / "ct" / "network.onnx")
    before = open_bundle("ct").digest
    done = _run(site.words())
    assert done.exit_code == NOT_TAKEN, done.output
    assert "the challenger is worse: Dice of the lungs -" in done.output
    assert open_bundle("ct").digest == before
    assert history("ct").decisions[-1].action is Action.REFUSED
    forced = _run(site.words("--force", "--reason", "to see what happens"))
    assert forced.exit_code == 0, forced.output
    last = history("ct").decisions[-1]
    assert (last.is_forced, last.reason, trained["times"]) == (True, "to see what happens", 1)
    assert open_bundle("ct").digest != before


def _blind(path: Path) -> bytes:
    """Return the network with lung and background taken for each other."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(path))
    swapped = np.array([1, 0, 2, 3], np.int64)
    output = model.graph.output[0].name
    for node in model.graph.node:
        node.output[:] = ["before" if one == output else one for one in node.output]
    model.graph.initializer.append(numpy_helper.from_array(swapped, "swapped"))
    model.graph.node.append(helper.make_node("Gather", ["before", "swapped"], [output], axis=1))
    content: bytes = model.SerializeToString()
    return content


def test_too_few_patients_leave_the_champion_in_force_and_say_how_many_are_needed(
    site: Site, trained: dict[str, Any]
) -> None:
    shutil.rmtree(site.root / "corrected")
    _cases(site.root / "corrected", ["q1", "q2", "q3"], first=10, reader="Dr. A")
    done = _run(site.words())
    assert done.exit_code == NOT_TAKEN
    assert "shows nothing at 0.05 before there are 5" in done.output
    shutil.rmtree(site.root / "corrected")
    _cases(site.root / "corrected", ["q1"], first=10, reader="Dr. A")
    alone = _run(site.words(out="alone"))
    assert alone.exit_code == NOT_TAKEN
    assert "Nobody is held out, so that nobody can tell whether it is worse" in alone.output


def test_another_retraining_in_the_same_folder_is_refused(
    site: Site, trained: dict[str, Any]
) -> None:
    trained["network"] = _blind(site.root / "home" / "bundles" / "ct" / "network.onnx")
    assert _run(site.words()).exit_code == NOT_TAKEN
    shutil.rmtree(site.root / "corrected")
    _cases(site.root / "corrected", ["q1", "q2", "q3"], first=10, reader="Dr. A")
    done = _run(site.words())
    assert isinstance(done.exception, RecipeError)
    assert done.exception.code == "retraining-other"


@pytest.mark.parametrize(
    ("more", "code"),
    [(["--from-start"], "retrain-start"), (["--force"], "retrain-no-reason")],
)
def test_what_could_only_fail_later_is_refused_at_once(
    site: Site, more: list[str], code: str
) -> None:
    done = _run(site.words(*more))
    assert isinstance(done.exception, ThoracleError)
    assert done.exception.code == code
    assert not (site.root / "out").exists()


def test_scans_that_the_champion_did_not_learn_from_are_refused(site: Site) -> None:
    line = site.words()
    line[line.index("--cases") + 1] = str(site.root / "corrected")
    done = _run(line)
    assert isinstance(done.exception, ManifestError)
    assert done.exception.code == "champion-other-cases"


def _correct_in_the_store(site: Site) -> None:
    hu, label_map = _body(20)
    upright = np.ascontiguousarray(hu.astype(np.int16).T)
    labels = np.ascontiguousarray(label_map.T)
    affine = np.diag([5.0, 5.0, 5.0, 1.0])
    scan = CtScan(hu=upright, spacing_mm=(5.0, 5.0, 5.0), affine=affine, sha256="a" * 64,
                  facts=ScanFacts(format="NIfTI", files=1))  # fmt: skip
    document = scan_document(scan)
    content, _ = mask_files(labels, ScanGrid.of(document))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    new = NewScan(file="a", sha256="a" * 64, document=document, patient="Jane",
                  volume=volume_nifti(upright, affine))  # fmt: skip
    said = Correction(content=volume_nifti(labels, affine), reader="bo", minutes=6.5)
    with open_store(site.root / "home", database_url=None) as store:
        scan_id = store.scans.save(new, NewMask(content=content, measures={}), now=now)
        keep_correction(store, scan_id, said, now=now)


def test_what_readers_corrected_here_is_listed_exported_and_learned_from(
    site: Site, trained: dict[str, Any]
) -> None:
    assert "0 corrected masks, 0 wait" in _run(["ct", "corrections"]).output
    _correct_in_the_store(site)
    listed = _run(["ct", "corrections", "--out", str(site.root / "exported")])
    assert "bo, 6.5 minutes, versions 1, waits" in listed.output
    assert "1 corrected masks, 1 wait to be learned from." in listed.output
    assert (site.root / "exported" / "cases.csv").is_file()
    assert _run(site.words("--store")).exit_code == 0
    own = site.root / "out" / "corrections" / "cases.csv"
    assert "Jane" not in own.read_text(encoding="utf-8")
    names = {one.name for one in trained["cases"].everybody}
    mask = own.read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    assert mask in names
    learned = {one.name for one in trained["cases"].learn}
    again = _run(["ct", "corrections"]).output
    assert ("learned" if mask in learned else "waits") in again


@pytest.mark.slow
def test_a_retraining_that_is_killed_leaves_the_champion_in_force(site: Site) -> None:
    before = open_bundle("ct").digest
    line = [sys.executable, "-c", "from thoracle.cli.main import main; main()", *site.words()]
    checkpoint = site.root / "out" / "run" / "ct-last.ckpt"
    with (site.root / "log").open("wb") as log:
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(line, env=environment, stdout=log, stderr=log)
        try:
            while process.poll() is None and not checkpoint.exists():
                time.sleep(0.05)
            was_running = process.poll() is None
        finally:
            process.kill()
            process.wait()
    assert was_running, (site.root / "log").read_text(encoding="utf-8")
    assert open_bundle("ct").digest == before
    assert history("ct").decisions == ()
    assert not (site.root / "out" / "run" / "ct.safetensors").exists()


@pytest.mark.slow
def test_a_network_that_is_really_trained_goes_the_whole_way_and_is_refused(site: Site) -> None:
    """One short epoch from random weights: worse than labels by grey, and judged the same twice."""
    text = RETRAIN.replace("epochs = 50", "epochs = 1")
    (site.root / "retrain.toml").write_text(text, encoding="utf-8")
    before = open_bundle("ct")
    done = _run(site.words())
    assert done.exit_code == NOT_TAKEN, done.output
    assert "the challenger is worse: Dice of the lungs" in done.output
    made = open_bundle(str(site.root / "out" / "run" / "bundle"))
    assert (made.version, made.training["corrected_masks"]) == ("1.0.0+corrections.1", "6")
    assert made.training["retrained_from"] == before.digest
    described = json.loads((site.root / "out" / "run" / "cases.json").read_bytes())
    assert described["start"] == sha256_of_file(site.root / "run" / "ct.safetensors")
    assert len(described["left_out"]) == 6
    again = _run(site.words())
    assert again.exit_code == NOT_TAKEN
    assert open_bundle(str(made.folder)).digest == made.digest
    assert [one.action for one in history("ct").decisions] == [Action.REFUSED] * 2
