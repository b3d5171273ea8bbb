"""A folder is trained on, judged, and leaves a plot and a network that runs without torch."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors import safe_open

from thoracle.core.errors import RecipeError, SettingError
from thoracle.datasets.manifest import Manifest
from thoracle.train.architectures.build import Architecture
from thoracle.train.protocols import folder_run
from thoracle.train.protocols.folder_run import FolderRun, _whose, run_folder
from thoracle.train.protocols.own_folder import protocol_of_folder, read_class_folder
from thoracle.train.protocols.protocol import Arm, Step


@pytest.fixture
def run(toy_films: Manifest, cache: Path, tmp_path: Path) -> FolderRun:
    for film in toy_films.films:
        if film.label != "bacterial":
            target = tmp_path / "set" / film.label / film.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(toy_films.resolve(film), target)
    arm = Arm(
        name="small",
        size=32,
        network=Architecture(backbone="middlemore-cnn"),
        steps=(Step(name="training", epochs=6, learning_rate=2e-3, batch=8),),
    )
    read = read_class_folder(tmp_path / "set", patient_pattern=None)
    return FolderRun(
        protocol=protocol_of_folder(read, arm, test_share=0.3),
        manifest=read.manifest,
        seed=1,
        cache=cache,
        plot=tmp_path / "plot.png",
        model=tmp_path / "model.onnx",
    )


def test_it_prints_the_report_and_keeps_plot_and_network(run: FolderRun) -> None:
    told = run_folder(run)
    for said in ("| covid-19 |", "accuracy: ", "sensitivity of covid-19: ", "specificity of"):
        assert said in told
    assert run.plot.read_bytes().startswith(b"\x89PNG")
    kept = {one.key: one.value for one in onnx.load(run.model).metadata_props}
    assert json.loads(kept["classes"]) == ["covid-19", "normal"]
    session = onnxruntime.InferenceSession(run.model, providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"films": np.zeros((2, 1, 32, 32), np.float32)})
    assert logits.shape == (2, 2)


def test_weights_can_be_kept_as_safetensors(run: FolderRun, tmp_path: Path) -> None:
    target = tmp_path / "model.safetensors"
    run_folder(replace(run, model=target), positive="normal")
    with safe_open(target, framework="np") as kept:
        assert json.loads(kept.metadata()["classes"]) == ["covid-19", "normal"]


def test_films_of_unknown_patients_are_told_as_such(run: FolderRun) -> None:
    told = run_folder(run)
    assert "Patients are unknown: each such film counts as a patient of its own" in told
    assert " patients, " not in told
    films = [replace(film, patient=f"p{number}") for number, film in enumerate(run.manifest.films)]
    films[3] = replace(films[3], patient=None)
    (line,) = _whose(Manifest(films=tuple(films), root=Path()))
    assert line.startswith(f"The pattern finds no patient in 1 of {len(films)} file names: each")
    assert _whose(Manifest(films=tuple(films[:3]), root=Path())) == ()


def test_a_plot_that_cannot_be_written_costs_no_training(
    run: FolderRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_run, "run_experiment", lambda _: pytest.fail("trained"))
    (run.plot.parent / "note").touch()
    for wrong in ({"plot": "note/plot.png"}, {"model": "note/model.onnx"}):
        bad = {name: run.plot.parent / path for name, path in wrong.items()}
        with pytest.raises(SettingError, match="no way to write into"):
            run_folder(replace(run, **bad))  # type: ignore[arg-type]


def test_the_network_is_kept_although_the_plot_fails(
    run: FolderRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(folder_run, "save_learning_plot", full)
    with pytest.raises(OSError, match="No space"):
        run_folder(run)
    assert run.model.is_file()


def test_wrong_weights_and_networks_are_told_before_any_film_is_read(
    run: FolderRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_run, "near_duplicates", lambda *_, **__: pytest.fail("searched"))
    (tmp_path / "note.png").write_bytes(b"no weights")
    with pytest.raises(RecipeError, match="cannot be read as safetensors"):
        run_folder(replace(run, weights=tmp_path / "note.png"))
    (arm,) = run.protocol.arms
    wrong = replace(arm, network=Architecture(backbone="resnett"))
    with pytest.raises(RecipeError, match=r"ours \(feup-xception, .*for instance resnet"):
        run_folder(replace(run, protocol=replace(run.protocol, arms=(wrong,))))


def test_wrong_endings_and_classes_are_refused_before_training(run: FolderRun) -> None:
    with pytest.raises(RecipeError, match=r"found --plot .*plot.gif"):
        run_folder(replace(run, plot=Path("plot.gif")))
    with pytest.raises(RecipeError, match=r"found --model .*model.h5 – expected .*\.onnx"):
        run_folder(replace(run, model=Path("model.h5")))
    with pytest.raises(RecipeError, match="found --positive 'flu' – expected one of"):
        run_folder(run, positive="flu")
