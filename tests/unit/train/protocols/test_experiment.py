"""One arm learns the toy's corners, leaves whole files, and is not run again."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.datasets.manifest import Manifest
from thoracle.train.architectures.build import Architecture, build
from thoracle.train.protocols.experiment import (
    HIDDEN,
    MAPS,
    PREDICTIONS,
    SUMMARY,
    WEIGHTS,
    Experiment,
    arm_targets,
    run_experiment,
    settle,
    vectors,
)
from thoracle.train.protocols.fit import Examples
from thoracle.train.protocols.make_up import candidates, draw
from thoracle.train.protocols.protocol import Arm, ArmClass, Oversampled, Protocol, Step
from thoracle.train.protocols.whole_films import whole_films

Make = Callable[..., Protocol]


@pytest.fixture
def experiment(
    toy_films: Manifest, toy_protocol: Make, cache: Path, tmp_path: Path
) -> Callable[..., Experiment]:
    def made(arm: Arm | None = None, **changes: object) -> Experiment:
        protocol = toy_protocol()
        chosen = replace(arm or protocol.arms[0], **changes)  # type: ignore[arg-type]
        files = {f.path: toy_films.resolve(f) for f in candidates(protocol, toy_films)}
        return Experiment(
            protocol=protocol,
            arm=chosen,
            make_up=draw(protocol, toy_films, (), seed=3, most=0),
            films=whole_films(files, size=chosen.size, cache=cache),
            folder=tmp_path / "arm",
            seed=3,
            with_maps=True,
        )

    return made


def predicted(folder: Path) -> list[dict[str, str]]:
    with (folder / PREDICTIONS).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def accuracy(folder: Path, names: list[str]) -> float:
    rows = predicted(folder)
    said = [max(names, key=lambda name, row=row: float(row[name])) for row in rows]  # type: ignore[misc]
    return sum(one == row["class"] for one, row in zip(said, rows, strict=True)) / len(rows)


def test_an_arm_learns_and_leaves_predictions_curve_maps_and_weights(
    experiment: Callable[..., Experiment],
) -> None:
    given = experiment()
    run_experiment(given)
    assert accuracy(given.folder, ["Normal", "COVID-19", "Bacterial"]) > 0.9
    said = json.loads((given.folder / SUMMARY).read_text())
    assert said["classes"] == ["Normal", "COVID-19", "Bacterial"]
    assert said["films"]["test"] == len(predicted(given.folder))
    assert said["learned"] == said["parameters"]
    assert {"only.csv", MAPS, WEIGHTS} <= {one.name for one in given.folder.iterdir()}
    with np.load(given.folder / MAPS) as maps:
        assert maps["backbone"].shape == maps["backbone.2"].shape


def test_an_arm_that_is_done_is_not_run_again(experiment: Callable[..., Experiment]) -> None:
    given = experiment()
    given.folder.mkdir()
    (given.folder / SUMMARY).write_text("{}")
    run_experiment(given)
    assert [one.name for one in given.folder.iterdir()] == [SUMMARY]


def test_a_frozen_backbone_keeps_its_weights_and_its_head_learns(
    experiment: Callable[..., Experiment],
) -> None:
    step = Step(name="head", epochs=60, learning_rate=5e-3, batch=8)
    given = experiment(
        network=Architecture(backbone="test_resnet"),
        frozen=True,
        steps=(step,),
        map_layers=("backbone",),
    )
    run_experiment(given)
    said = json.loads((given.folder / SUMMARY).read_text())
    assert said["learned"] < said["parameters"]
    assert accuracy(given.folder, ["Normal", "COVID-19", "Bacterial"]) > 0.8


def test_a_films_vector_is_computed_once_and_is_what_the_head_sees() -> None:
    torch.manual_seed(0)
    network = build(Architecture(backbone="test_resnet"), outputs=2, size=32).eval()
    films = np.random.default_rng(1).integers(0, 256, (5, 32, 32), dtype=np.uint8)
    examples = Examples(inputs=films, rows=np.arange(5), targets=np.zeros(5, np.int64))
    made = vectors(network, examples)
    expected = network.vector(examples.batch(np.arange(5))[0]).detach().numpy()
    np.testing.assert_allclose(made.inputs, expected, atol=0.02 * np.abs(expected).max())


def test_settling_changes_statistics_and_no_weights() -> None:
    network = build(Architecture(backbone="test_resnet"), outputs=2, size=32)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    films = np.random.default_rng(1).integers(0, 256, (8, 32, 32), dtype=np.uint8)
    settle(network, Examples(inputs=films, rows=np.arange(8), targets=np.zeros(8, np.int64)))
    changed = {k for k, v in network.state_dict().items() if not torch.equal(v, before[k])}
    assert changed
    assert all("running" in name or "tracked" in name for name in changed)
    assert not network.backbone.training


def test_settling_takes_the_mean_over_all_batches_however_few() -> None:
    network = build(Architecture(backbone="test_resnet"), outputs=2, size=32)
    films = np.random.default_rng(1).integers(0, 256, (64, 32, 32), dtype=np.uint8)
    films[32:] //= 2
    examples = Examples(inputs=films, rows=np.arange(64), targets=np.zeros(64, np.int64))
    first = next(one for one in network.backbone.modules() if isinstance(one, torch.nn.BatchNorm2d))
    seen: list[torch.Tensor] = []
    hook = first.register_forward_pre_hook(lambda _, given: seen.append(given[0].mean((0, 2, 3))))
    settle(network, examples)
    hook.remove()

    assert len(seen) == 2
    torch.testing.assert_close(first.running_mean, torch.stack(seen).mean(dim=0))


def test_arms_with_classes_of_their_own_leave_other_films_out(
    experiment: Callable[..., Experiment],
) -> None:
    classes = (
        ArmClass(name="Pneumonia", of=("COVID-19", "Bacterial")),
        ArmClass(name="None", of=("Normal",)),
    )
    given = experiment(classes=classes[:1] + classes[1:])
    targets = arm_targets(given.protocol, given.arm, np.array([0, 1, 2]))
    assert targets.tolist() == [1, 0, 0]
    only = replace(given.arm, classes=(ArmClass(name="A", of=("COVID-19",)), classes[1]))
    assert arm_targets(given.protocol, only, np.array([0, 1, 2])).tolist() == [1, 0, -1]


def test_two_stages_merge_and_part_again(experiment: Callable[..., Experiment]) -> None:
    first = Step(
        name="opacity", epochs=10, learning_rate=2e-3, batch=8, merge=("COVID-19", "Bacterial"),
        loss="two-sided", weighting="authors", label_smoothing=0.1,
    )  # fmt: skip
    second = replace(
        first, name="covid", merge=(), oversample=(Oversampled(name="COVID-19", times=2.0),)
    )
    given = experiment(steps=(first, second))
    run_experiment(given)
    assert json.loads((given.folder / SUMMARY).read_text())["epochs"] == [10, 10]
    assert accuracy(given.folder, ["Normal", "COVID-19", "Bacterial"]) > 0.8


def test_films_are_judged_again_with_their_lungs_hidden(
    experiment: Callable[..., Experiment], toy_films: Manifest
) -> None:
    """Where the rectangle covers all that tells the class, nothing is left to be right by."""

    def everywhere(pixels: FloatArray) -> BoolArray:
        mask = np.ones(pixels.shape, bool)
        return mask if pixels.mean() > 0.2 else ~mask  # "no lungs" on the darkest films

    given = replace(experiment(), find_lungs=everywhere, root=toy_films.root)
    run_experiment(given)
    with (given.folder / HIDDEN).open(encoding="utf-8", newline="") as stream:
        hidden = list(csv.DictReader(stream))
    assert 0 < len(hidden) <= len(predicted(given.folder))
    said = {(row["Normal"], row["COVID-19"], row["Bacterial"]) for row in hidden}
    assert len(said) == 1
