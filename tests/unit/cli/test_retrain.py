"""`thoracle retrain` from readers' films to a new champion, or not, and what survives a kill."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner, Result

from thoracle.cli.main import app
from thoracle.cli.promoting import NOT_TAKEN, find_rivals
from thoracle.core.errors import BundleError, ManifestError, RecipeError, SplitError
from thoracle.core.files import sha256_of_file
from thoracle.core.settings import settings
from thoracle.datasets.duplicates import write_pairs
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, read_manifest, write_manifest
from thoracle.datasets.split import make_split, read_checked_split, write_split
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.analyze import load_models
from thoracle.jobs.promotion import Action, history, site_folder
from thoracle.radiograph.model import Classifier
from thoracle.train.retrain import take_over

RECIPE = """
name = "radiograph"
version = "1.0.0"
task = "classifier"
size = 32
seed = 5
precision = "fp32"
population = "adults"
intended_use = "Tests."
[network]
backbone = "test_resnet"
[[stages]]
name = "findings"
epochs = 1
learning_rate = 1e-4
batch = 8
label_smoothing = 0.0
"""
RETRAIN = """
seed = 3
[fractions]
train = 0.5
calibrate = 0.1
test = 0.4
[margins]
auroc = 0.05
brier = 0.05
source_brier = 0.1
[[stages]]
name = "readings"
epochs = 3
learning_rate = 5e-3
batch = 8
label_smoothing = 0.0
"""
LABELS = ("normal", "bacterial", "covid-19")


def picture(rng: np.random.Generator, finding: int) -> Image.Image:
    """Draw a film of its own: coarse noise, and a bright bar, upright, lying, or none."""
    coarse = Image.fromarray(rng.integers(60, 160, (9, 9), dtype=np.uint8))
    pixels = np.array(coarse.resize((64, 64), Image.Resampling.BICUBIC))
    if finding:
        bar = (slice(8, 56), slice(26, 38))
        pixels[bar if finding == 1 else bar[::-1]] = 230
    return Image.fromarray(pixels)


def films(root: Path, source: str, count: int, *, seed: int, wrong: bool = False) -> Manifest:
    rng = np.random.default_rng(seed)
    (root / source).mkdir(parents=True)
    made = []
    for number in range(count):
        path = f"{source}/{number:03d}.png"
        picture(rng, number % 3).save(root / path)
        label = LABELS[(number + wrong) % 3]
        made.append(
            Film(
                path=path, source=source, patient=f"{source}:{number // 2}", label=label, view="PA"
            )
        )
    return Manifest(films=tuple(made), root=root)


def run_app(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """A site with a champion, its run and its films, and films that readers labeled."""

    root: Path

    def words(self, out: str, *more: str, readings: str = "readings") -> list[str]:
        """Return the line that retrains."""
        at = self.root
        return [
            "retrain", "radiograph", "--out", str(at / out), "--manifest",
            str(at / "manifest.csv"), "--split", str(at / "split.csv"), "--readings",
            str(at / readings), "--run", str(at / "run"), "--recipe", str(at / "retrain.toml"),
            "--cache", str(at / "cache"), "--by", "tester", *more,
        ]  # fmt: skip


def make_champion(root: Path) -> None:
    """Train and export a champion that has hardly learned, as a user would."""
    manifest = films(root, "old", 135, seed=1)
    shares = {"train": 0.25, "tune": 0.1, "calibrate": 0.2, "test": 0.45}
    write_manifest(manifest, root / "manifest.csv")
    write_split(make_split(manifest, (), shares, seed=2), root / "split.csv")
    write_pairs((), root / "split.duplicates.csv", manifest_digest=manifest.digest)
    (root / "recipe.toml").write_text(RECIPE)
    same = ["--manifest", str(root / "manifest.csv"), "--split", str(root / "split.csv")]
    same += ["--cache", str(root / "cache")]
    bundle = str(root / "home" / "bundles" / "radiograph")
    for line in (["train", str(root / "recipe.toml"), "--run", str(root / "run"), *same],
                 ["export", str(root / "run"), "--out", bundle, *same]):  # fmt: skip
        done = run_app(*line)
        assert done.exit_code == 0, done.output


def at_site(root: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("THORACLE_HOME", str(root / "home"))
    patch.delenv("THORACLE_BUNDLES", raising=False)
    patch.setenv("THORACLE_DECODE_WORKERS", "1")
    settings.cache_clear()


def start_and_kill(places: Places, out: str) -> None:
    """Start a retraining as a process of its own, and kill it after its first epoch."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-c", "from thoracle.cli.main import main; main()"]
    with (places.root / "log").open("wb") as log:
        process = subprocess.Popen(
            [*line, *places.words(out)], env=environment, stdout=log, stderr=log
        )
        try:
            while process.poll() is None:
                if (places.root / out / "run" / "readings-last.ckpt").exists():
                    break
                time.sleep(0.02)
            else:
                raise AssertionError((places.root / "log").read_text())
        finally:
            process.kill()
            process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A retraining that was killed in training and then repeated: what was so at each time."""

    places: Places
    champion: str
    after_kill: str
    decisions_after_kill: int
    was_trained_after_kill: bool
    output: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, tiny: SimpleNamespace) -> Iterator[Told]:
    """A site whose champion was retrained on readings; for reading only."""
    root = tmp_path_factory.mktemp("site")
    for name in ("gate", "lungs"):
        tiny.write_bundle(root / "home" / "bundles" / name, name)
    (root / "retrain.toml").write_text(RETRAIN)
    readings = films(root / "readings", "readings", 135, seed=7)
    write_manifest(readings, root / "readings" / "manifest.csv")
    places = Places(root=root)
    with pytest.MonkeyPatch.context() as patch:
        at_site(root, patch)
        make_champion(root)
        champion = open_bundle("radiograph").digest
        start_and_kill(places, "out")
        after_kill = open_bundle("radiograph").digest
        decisions = len(history("radiograph").decisions)
        was_trained = (root / "out" / "run" / "readings.safetensors").exists()
        done = run_app(*places.words("out"))
        assert done.exit_code == 0, done.output
        yield Told(
            places=places,
            champion=champion,
            after_kill=after_kill,
            decisions_after_kill=decisions,
            was_trained_after_kill=was_trained,
            output=done.output,
        )
    settings.cache_clear()


@pytest.fixture
def places(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A copy of the site, before it was retrained, that a test may change."""
    root = tmp_path / "site"
    shutil.copytree(told.places.root, root, ignore=shutil.ignore_patterns("out", "cache"))
    (root / "home" / "bundles" / "radiograph.champion.json").unlink()
    at_site(root, monkeypatch)
    return Places(root=root)


def test_a_killed_retraining_leaves_the_champion_in_force(told: Told) -> None:
    assert told.after_kill == told.champion
    assert told.decisions_after_kill == 0
    assert not told.was_trained_after_kill


@pytest.mark.usefixtures("_here")
def test_repeated_it_goes_on_and_a_better_challenger_is_put_in_force(told: Told) -> None:
    assert "not worse in ranking and calibration" in told.output
    served = load_models("radiograph").classifier.bundle
    assert (served.version, served.name) == ("1.0.0+readings.1", "radiograph")
    assert served.training["retrained_from"] == told.champion
    assert served.training["films_of_readers"] == "135"
    (decision,) = history("radiograph").decisions
    assert (decision.action, decision.by, decision.is_forced) == (
        Action.PROMOTED, "tester", False,
    )  # fmt: skip
    assert decision.challenger["digest"] == served.digest
    assert (served.folder / "metrics.json").is_file()
    check_held_out(told.places.root / "out", decision.judged)


@pytest.fixture
def _here(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    at_site(told.places.root, monkeypatch)


@pytest.mark.usefixtures("_here")
def test_repeated_again_nothing_is_left_to_do(told: Told) -> None:
    again = run_app(*told.places.words("out"))
    assert (again.exit_code, len(history("radiograph").decisions)) == (0, 1)
    assert "in force already" in again.output
    shown = run_app("bundles", "history", "radiograph").output
    assert "tester: promoted 1.0.0+readings.1" in shown


def check_held_out(out: Path, judged: Any) -> None:
    """Hold the films that judged to the split that was trained on."""
    decision = json.loads((out / "decision.json").read_bytes())
    assert judged["decision_sha256"] == sha256_of_file(out / "decision.json")
    assert [one["name"] for one in judged["sets"]] == [
        "former held-out films", "held-out films of readers",
    ]  # fmt: skip
    manifest = read_manifest(out / "manifest.csv")
    parts = read_checked_split(out / "split.csv", manifest).by_path()
    patient = {film.path: film.patient for film in manifest.films}
    judging = {path for one in decision["sets"] for path in one["films"]}
    assert {parts[path] for path in judging} == {"test"}
    seen = {patient[path] for path, part in parts.items() if part in {"train", "tune", "calibrate"}}
    assert not seen & {patient[path] for path in judging}
    assert len(judging) > 100


def test_a_worse_challenger_is_refused_until_it_is_forced_for_a_reason_and_rolled_back(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second round, from the champion of the first: its challenger is the one before."""
    root = tmp_path / "site"
    shutil.copytree(told.places.root, root)
    at_site(root, monkeypatch)
    before = open_bundle("radiograph")
    assert before.digest != told.champion

    def trained(_champion: object, _wanted: object, _films: object, places: Any) -> None:
        if not places.out.exists():
            shutil.copytree(root / "home" / "bundles" / "radiograph", places.out)

    monkeypatch.setattr("thoracle.train.retrain.train_challenger", trained)
    more = films(root / "more", "more", 90, seed=9)
    write_manifest(more, root / "more" / "manifest.csv")
    line = Places(root=root).words("out2", readings="more")
    for option, path in (("--manifest", "out/manifest.csv"), ("--split", "out/split.csv")):
        line[line.index(option) + 1] = str(root / path)
    done = run_app(*line)
    assert done.exit_code == NOT_TAKEN, done.output
    assert "the challenger is worse" in done.output
    assert f"radiograph {before.version} stays in force" in done.output
    assert open_bundle("radiograph").digest == before.digest
    last = history("radiograph").decisions[-1]
    assert (last.action, last.judged["outcome"]) == (Action.REFUSED, "worse")
    assert [one["rival"] for one in last.judged["sets"]] == ["champion", "first bundle, 1.0.0"] * 2
    forced = run_app(*line, "--force", "--reason", "to see what happens")
    assert forced.exit_code == 0, forced.output
    last = history("radiograph").decisions[-1]
    assert (last.is_forced, last.reason) == (True, "to see what happens")
    assert open_bundle("radiograph").version == "1.0.0"
    back = run_app("bundles", "rollback", "radiograph", "--reason", "seen", "--by", "tester")
    assert back.exit_code == 0, back.output
    assert load_models("radiograph").classifier.bundle.digest == before.digest


def test_a_first_bundle_that_is_lost_is_told_and_the_champion_judges_alone(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "site"
    shutil.copytree(told.places.root, root)
    at_site(root, monkeypatch)
    champion = open_bundle("radiograph")
    rivals, lack = find_rivals("radiograph", champion, Classifier)
    assert ([one.bundle.digest for one in rivals], lack) == ([champion.digest, told.champion], [])
    shutil.rmtree(root / "home" / "bundles" / "radiograph")
    shutil.rmtree(root / "home" / "bundles" / ".kept" / told.champion)
    rivals, lack = find_rivals("radiograph", champion, Classifier)
    assert [one.bundle.digest for one in rivals] == [champion.digest]
    assert lack[0].startswith("Judged against the champion only, the first bundle being lost:")


@pytest.mark.parametrize(
    ("more", "error", "code"),
    [
        (["--from-start"], RecipeError, "retrain-start"),
        (["--force"], RecipeError, "retrain-no-reason"),
        (["--champion", "other"], BundleError, "bundle-missing"),
    ],
)
def test_what_could_only_fail_later_is_refused_at_once(
    places: Places, more: list[str], error: type[Exception], code: str
) -> None:
    done = run_app(*places.words("out"), *more)
    assert isinstance(done.exception, error)
    assert getattr(done.exception, "code", "") == code
    assert not (places.root / "out").exists()


def test_another_split_than_the_champions_is_refused(places: Places) -> None:
    with (places.root / "split.csv").open("a") as stream:
        stream.write("\n")
    done = run_app(*places.words("out"))
    assert isinstance(done.exception, SplitError)
    assert done.exception.code == "champion-other-split"


def test_a_tampered_champion_is_refused(places: Places) -> None:
    (site_folder() / "radiograph" / "network.onnx").write_bytes(b"another")
    done = run_app(*places.words("out"))
    assert isinstance(done.exception, BundleError)
    assert done.exception.code == "bundle-altered"


def test_without_readings_given_those_of_the_installation_are_taken(places: Places) -> None:
    words = places.words("out")
    at = words.index("--readings")
    done = run_app(*words[:at], *words[at + 2 :])
    assert isinstance(done.exception, ManifestError)
    assert "0 films of readers" in done.output


@pytest.mark.parametrize("tampered", ["recipe", "weights"])
def test_a_run_that_is_not_the_champions_is_refused(places: Places, tampered: str) -> None:
    run = places.root / "run"
    if tampered == "recipe":
        (run / "recipe.toml").write_text(RECIPE.replace("seed = 5", "seed = 6"))
    else:
        weights = load_file(run / "findings.safetensors")
        weights["head.bias"] = weights["head.bias"] + 0.1
        save_file(weights, run / "findings.safetensors")
    champion = open_bundle("radiograph")
    with pytest.raises(RecipeError, match="--from-start") as raised:
        take_over(champion, run, places.root / "new-run")
    assert raised.value.code == "champion-run"
    assert not (places.root / "new-run").exists()
