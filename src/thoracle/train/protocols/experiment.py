"""One arm on one draw of films: initial weights, steps, predictions, curves, maps."""

import csv
import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lightning
import numpy as np
import torch
from safetensors.torch import save_file

from thoracle.core.arrays import FloatArray, IntArray
from thoracle.core.files import write_atomically
from thoracle.datasets.split import TEST, TRAIN, TUNE
from thoracle.evaluation.calibration import softmax
from thoracle.jobs.film_lungs import FindLungs
from thoracle.train.architectures.build import build
from thoracle.train.architectures.parts import PartedNetwork
from thoracle.train.augment import Augmenter
from thoracle.train.protocols.class_maps import class_maps
from thoracle.train.protocols.fit import Examples, Fit, fit, logits_of, nothing
from thoracle.train.protocols.make_up import DrawnFilm, MakeUp
from thoracle.train.protocols.pretraining import load_backbone
from thoracle.train.protocols.protocol import Arm, Protocol, Step
from thoracle.train.protocols.whole_films import WholeFilms, without_lungs
from thoracle.train.recipe import AugmentRecipe

UNKNOWN = -1
PREDICTIONS, SUMMARY, MAPS = "predictions.csv", "arm.json", "maps.npz"
WEIGHTS, HIDDEN = "weights.safetensors", "lungs-hidden.csv"
MAPPED_FILMS = 120  # per arm: enough for a mean map per class.
VECTOR_BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What one arm is trained and judged on, and where its files go.

    With `find_lungs` test films are judged once more with their lungs hidden: what is right then
    was not read from the lungs.
    """

    protocol: Protocol
    arm: Arm
    make_up: MakeUp
    films: WholeFilms
    folder: Path
    seed: int
    weights: Path | None = None
    with_maps: bool = False
    find_lungs: FindLungs | None = None
    root: Path = Path()
    on_epoch: Callable[[], None] = nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Examples of the three parts; a test film of no class of the arm has target -1."""

    train: Examples
    tune: Examples
    test: Examples


def run_experiment(experiment: Experiment) -> None:
    """Train an arm and write what it says of the test films; nothing where that is done.

    Writes predictions.csv, a curve per step, maps.npz where asked for, and arm.json last, so
    that a folder with arm.json is whole.

    Parameters
    ----------
    experiment
        Arm, films, folder.
    """
    if (experiment.folder / SUMMARY).exists():
        return
    arm, protocol = experiment.arm, experiment.protocol
    classes = protocol.classes_of(arm)
    begun = time.monotonic()
    lightning.seed_everything(experiment.seed, verbose=False)
    network = build(arm.network, outputs=len(classes), size=arm.size)
    if experiment.weights is not None:
        load_backbone(network, experiment.weights)
    parts = _parts(experiment)
    experiment.folder.mkdir(parents=True, exist_ok=True)
    epochs = _train(experiment, network, parts)
    drawn = [one for one in experiment.make_up.films if one.part == TEST]
    _write_predictions(experiment, drawn, logits_of(network, parts.test), PREDICTIONS)
    if experiment.find_lungs is not None:
        _judge_hidden(experiment, network, drawn, experiment.find_lungs)
    if experiment.with_maps:
        _write_maps(experiment, network, parts.test)
        _save_weights(network, experiment.folder / WEIGHTS)
    said = _summary(experiment, network, parts) | {
        "epochs": epochs,
        "seconds": round(time.monotonic() - begun, 1),
    }
    write_atomically(experiment.folder / SUMMARY, json.dumps(said, indent=1).encode())


def _summary(experiment: Experiment, network: PartedNetwork, parts: Parts) -> dict[str, object]:
    arm = experiment.arm
    return {
        "arm": arm.name,
        "classes": [one.name for one in experiment.protocol.classes_of(arm)],
        "size_px": arm.size,
        "parameters": _count(network),
        "learned": _count(_learner(network, arm)),
        "initial": "given" if experiment.weights is not None else "random",
        "pretraining": _pretraining(experiment.weights),
        "frozen": arm.frozen,
        "films": {name: len(part) for name, part in _named(parts).items()},
        "split_digest": experiment.make_up.split_digest,
    }


def _pretraining(weights: Path | None) -> dict[str, object] | None:
    """Return what `own_weights` said of weights, None of others."""
    told = None if weights is None else weights.with_suffix(".json")
    if told is None or not told.is_file():
        return None
    said: dict[str, object] = json.loads(told.read_text(encoding="utf-8"))
    return said


def _save_weights(network: PartedNetwork, path: Path) -> None:
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)


def _count(module: torch.nn.Module) -> int:
    return sum(one.numel() for one in module.parameters())


def _named(parts: Parts) -> dict[str, Examples]:
    return {TRAIN: parts.train, TUNE: parts.tune, TEST: parts.test}


def arm_targets(protocol: Protocol, arm: Arm, targets: IntArray) -> IntArray:
    """Return an arm's class of each film, -1 where it has none, from the protocol's classes.

    Parameters
    ----------
    protocol, arm
        Whose classes.
    targets : (n,) int64
        Index into the protocol's classes.
    """
    known = np.full(len(protocol.classes), UNKNOWN)
    for index, one in enumerate(protocol.classes_of(arm)):
        for name in one.of:
            known[protocol.class_names.index(name)] = index
    return np.asarray(known[targets], dtype=np.int64)


def _parts(experiment: Experiment) -> Parts:
    def part(name: str, *, all_films: bool) -> Examples:
        drawn = [one for one in experiment.make_up.films if one.part == name]
        targets = np.array([one.target for one in drawn], dtype=np.int64)
        mine = arm_targets(experiment.protocol, experiment.arm, targets)
        kept = np.flatnonzero(np.ones(len(mine), bool) if all_films else mine != UNKNOWN)
        table = experiment.films.table([drawn[index].film.path for index in kept], mine[kept])
        return Examples(inputs=table.arrays.films, rows=table.rows, targets=table.targets)

    return Parts(
        train=part(TRAIN, all_films=False),
        tune=part(TUNE, all_films=False),
        test=part(TEST, all_films=True),
    )


def _learner(network: PartedNetwork, arm: Arm) -> torch.nn.Module:
    return network.head if arm.frozen else network


def _train(experiment: Experiment, network: PartedNetwork, parts: Parts) -> list[int]:
    arm = experiment.arm
    is_varied = arm.augment != AugmentRecipe()
    if arm.frozen:
        network.backbone.requires_grad_(False)
        if experiment.weights is None and not arm.network.pretrained:
            settle(network, parts.train)
        train, tune = vectors(network, parts.train), vectors(network, parts.tune)
    else:
        train, tune = parts.train, parts.tune
    epochs = []
    for number, step in enumerate(arm.steps):
        if number:
            _part_merged(experiment, network, arm.steps[number - 1], step)
        merged_train, merged_tune = (_merged(experiment, step, one) for one in (train, tune))
        plan = Fit(
            step=step,
            classes=len(experiment.protocol.classes_of(arm)),
            times=_times(experiment, step),
            seed=experiment.seed,
            curve=experiment.folder / f"{step.name.replace(' ', '-')}.csv",
            augmenter=Augmenter(arm.augment, seed=experiment.seed) if is_varied else None,
            on_epoch=experiment.on_epoch,
            precision="32-true" if arm.frozen else "bf16-mixed",
        )
        epochs.append(fit(_learner(network, arm), merged_train, merged_tune, plan))
    network.eval()
    return epochs


def settle(network: PartedNetwork, examples: Examples) -> None:
    """Give the batch normalizations of a random backbone the mean statistics of the films it sees.

    Parameters
    ----------
    network
        Its backbone has fresh weights, which are not changed.
    examples
        Films of the training part.
    """
    for one in network.backbone.modules():
        if isinstance(one, torch.nn.BatchNorm2d):
            one.reset_running_stats()
            one.momentum = None  # the mean of all batches, however few
    network.backbone.train()
    with torch.no_grad():
        for start in range(0, len(examples), VECTOR_BATCH):
            indices = np.arange(start, min(start + VECTOR_BATCH, len(examples)))
            if len(indices) > 1:
                network.maps(examples.batch(indices)[0])
    network.backbone.eval()


def vectors(network: PartedNetwork, examples: Examples) -> Examples:
    """Return what the head of a frozen network sees of each film, computed once.

    Parameters
    ----------
    network
        Its backbone is put into evaluation mode.
    examples
        Films.

    Returns
    -------
    inputs, rows, targets
        As `Examples`; the inputs are (n, numbers) float32.
    """
    network.backbone.eval()
    rows = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(examples), VECTOR_BATCH):
            indices = np.arange(start, min(start + VECTOR_BATCH, len(examples)))
            rows.append(network.vector(examples.batch(indices)[0]).float().numpy())
    return Examples(
        inputs=np.concatenate(rows), rows=np.arange(len(examples)), targets=examples.targets
    )


def _class_index(experiment: Experiment, name: str) -> int:
    return next(
        index
        for index, one in enumerate(experiment.protocol.classes_of(experiment.arm))
        if name in one.of
    )


def _times(experiment: Experiment, step: Step) -> tuple[float, ...]:
    times = [1.0] * len(experiment.protocol.classes_of(experiment.arm))
    for one in step.oversample:
        times[_class_index(experiment, one.name)] = one.times
    return tuple(times)


def _merged(experiment: Experiment, step: Step, examples: Examples) -> Examples:
    if not step.merge:
        return examples
    source, target = (_class_index(experiment, name) for name in step.merge)
    targets = np.where(examples.targets == source, target, examples.targets)
    return replace(examples, targets=targets)


def _part_merged(experiment: Experiment, network: PartedNetwork, before: Step, step: Step) -> None:
    """Let a class that was merged before begin as the one it was merged with ended."""
    if not before.merge or step.merge:
        return
    source, target = (_class_index(experiment, name) for name in before.merge)
    last = [one for one in network.head.modules() if isinstance(one, torch.nn.Linear)][-1]
    with torch.no_grad():
        last.weight[source] = last.weight[target]
        last.bias[source] = last.bias[target]


def _judge_hidden(
    experiment: Experiment,
    network: PartedNetwork,
    drawn: Sequence[DrawnFilm],
    find: FindLungs,
) -> None:
    """Judge test films whose lungs were found with a black rectangle over these."""
    made = [
        without_lungs(experiment.root / one.film.path, find, size=experiment.arm.size)
        for one in drawn
    ]
    kept = [(one, film) for one, film in zip(drawn, made, strict=True) if film is not None]
    if not kept:
        return
    hidden = Examples(
        inputs=np.stack([film for _, film in kept]),
        rows=np.arange(len(kept)),
        targets=np.zeros(len(kept), np.int64),
    )
    films = [one for one, _ in kept]
    _write_predictions(experiment, films, logits_of(network, hidden), HIDDEN)


def _write_predictions(
    experiment: Experiment, drawn: Sequence[DrawnFilm], logits: FloatArray, name: str
) -> None:
    chances = softmax(logits.astype(np.float64), temperature=1.0)
    names = [one.name for one in experiment.protocol.classes_of(experiment.arm)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["path", "patient", "class", *names])
    for one, row in zip(drawn, chances, strict=True):
        label = experiment.protocol.class_names[one.target]
        patient = one.film.patient or one.film.path
        writer.writerow([one.film.path, patient, label, *(f"{value:.6f}" for value in row)])
    write_atomically(experiment.folder / name, stream.getvalue().encode())


def _write_maps(experiment: Experiment, network: PartedNetwork, test: Examples) -> None:
    step = max(1, len(test) // MAPPED_FILMS)
    chosen = np.arange(0, len(test), step)
    some = Examples(inputs=test.inputs, rows=test.rows[chosen], targets=test.targets[chosen])
    made = class_maps(network, some, experiment.arm.map_layers)
    stream = io.BytesIO()
    keyed = {layer: values.astype(np.float16) for layer, values in made.items()}
    np.savez_compressed(stream, rows=chosen, **keyed)  # type: ignore[arg-type]  # numpy's stub
    write_atomically(experiment.folder / MAPS, stream.getvalue())
