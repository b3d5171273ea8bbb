"""Train on a folder, judge, and keep plot and network: what `thoracle train folder` does."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.torch import save_file

from thoracle.core.errors import RecipeError
from thoracle.core.files import write_atomically
from thoracle.core.outputs import need_writable_file
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.repeats import RepeatedFigures, repeated_figures
from thoracle.jobs.data import near_duplicates
from thoracle.reporting.reproduction import class_table, matrix_table, percent
from thoracle.reporting.reproduction_plots import save_learning_plot
from thoracle.train.architectures.build import build
from thoracle.train.onnx_graph import write_onnx
from thoracle.train.protocols.experiment import WEIGHTS, Experiment, run_experiment
from thoracle.train.protocols.make_up import draw
from thoracle.train.protocols.outcome import judged, read_curve, read_predictions
from thoracle.train.protocols.pretraining import load_backbone
from thoracle.train.protocols.protocol import Arm, Protocol
from thoracle.train.protocols.whole_films import whole_films
from thoracle.train.weights import read_weights

PLOTS = (".png", ".svg", ".pdf")
MODELS = (".onnx", ".safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRun:
    """Protocol and films of a folder, and where plot and network go."""

    protocol: Protocol
    manifest: Manifest
    seed: int
    cache: Path
    plot: Path
    model: Path
    weights: Path | None = None


def run_folder(run: FolderRun, *, positive: str = "", on_progress: Progress = no_progress) -> str:
    """Train, judge, write plot and network, and say how it went.

    Parameters
    ----------
    run
        What to train on.
    positive
        Class that sensitivity is of; "" is the first that is not called normal.
    on_progress
        Told of the search for near-duplicates.

    Returns
    -------
    str
        Classification report, confusion matrix, accuracy, sensitivity, specificity, as Markdown.
    """
    (arm,) = run.protocol.arms
    names = run.protocol.class_names
    chosen = _positive(names, positive)
    _check_outputs(run)
    _check_network(run, arm)
    pairs = near_duplicates(run.manifest, known=None, on_progress=on_progress).pairs
    files = {film.path: run.manifest.resolve(film) for film in run.manifest.films}
    with tempfile.TemporaryDirectory(prefix="thoracle-") as place:
        folder = Path(place)
        run_experiment(
            Experiment(
                protocol=run.protocol,
                arm=arm,
                make_up=draw(run.protocol, run.manifest, pairs, seed=run.seed, most=0),
                films=whole_films(files, size=arm.size, cache=run.cache),
                folder=folder,
                seed=run.seed,
                weights=run.weights,
                with_maps=True,
            )
        )
        said = read_predictions(run.protocol, folder)
        figures = repeated_figures(
            names, [judged(said, said.targets)], generator=np.random.default_rng(run.seed)
        )
        _save_network(arm, names, folder / WEIGHTS, run.model)
        save_learning_plot(read_curve(folder, arm.steps[0].name), run.plot)
    return _told(figures, chosen, run)


def _told(figures: RepeatedFigures, positive: str, run: FolderRun) -> str:
    table, unknown = class_table(figures), _whose(run.manifest)
    matrix = matrix_table(figures)
    lines = [
        _begun(run),
        *unknown,
        "",
        f"Per class, {figures.films} test films." if unknown else table.caption,
        "",
        table.markdown,
        "",
        matrix.caption,
        "",
        matrix.markdown,
        "",
    ]
    for name, of_class in (("accuracy", ""), ("sensitivity", positive), ("specificity", positive)):
        pooled = figures.figure(name, of_class).pooled
        whose = f" of {of_class}" if of_class else ""
        lines.append(f"{name}{whose}: {percent(pooled.value)} ({_interval(pooled)})")
    return "\n".join([*lines, "", f"History: {run.plot}", f"Network: {run.model}"])


def _interval(one: Estimate) -> str:
    if one.low is None or one.high is None:
        return "no interval" if one.reason is None else f"no interval: {one.reason.text}"
    return f"95 % interval {percent(one.low)} to {percent(one.high)}"


def _begun(run: FolderRun) -> str:
    """Say what the network knew before, and what was trained."""
    (arm,) = run.protocol.arms
    is_given = run.weights is not None or arm.network.pretrained
    knew = "given weights" if is_given else "random weights"
    trained = "its head alone was trained" if arm.frozen else "all of its layers were trained"
    warned = "" if is_given or not arm.frozen else ": the rest knows nothing of pictures"
    return f"{arm.network.backbone} began with {knew}; {trained}{warned}."


def _whose(manifest: Manifest) -> tuple[str, ...]:
    """Say of which films nobody knows the patient; empty where all are known."""
    films, unknown = len(manifest.films), sum(one.patient is None for one in manifest.films)
    if not unknown:
        return ()
    found = f"The pattern finds no patient in {unknown} of {films} file names"
    if unknown == films:
        found = "Patients are unknown"
    line = (
        f"{found}: each such film counts as a patient of its own, so that one patient's may have "
        "been learned from and judged on. Name patients with --patient-pattern."
    )
    return (line,)


def _positive(names: Sequence[str], asked: str) -> str:
    if asked and asked not in names:
        raise RecipeError(
            f"found --positive {asked!r} – expected one of the classes {', '.join(names)}."
        )
    return asked or next((one for one in names if one.lower() != "normal"), names[0])


def _check_outputs(run: FolderRun) -> None:
    """Refuse files that could not be written, before hours are spent.

    Raises
    ------
    RecipeError
        An ending is unknown.
    """
    for what, path, endings in (("--plot", run.plot, PLOTS), ("--model", run.model, MODELS)):
        if path.suffix.lower() not in endings:
            raise RecipeError(
                f"found {what} {path} – expected a name that ends in {', '.join(endings)}."
            )
        need_writable_file(path)


def _check_network(run: FolderRun, arm: Arm) -> None:
    """Build the network once, so that a wrong name or wrong weights are told before the films."""
    network = build(arm.network, outputs=len(run.protocol.class_names), size=arm.size)
    if run.weights is not None:
        load_backbone(network, run.weights)


def _save_network(arm: Arm, names: Sequence[str], weights: Path, target: Path) -> None:
    """Write a network with its classes and size in the file's own metadata."""
    state = read_weights(weights)
    facts = {
        "classes": json.dumps(list(names)),
        "size_px": str(arm.size),
        "backbone": arm.network.backbone,
        "input": "films (n, 1, size, size), whole film squeezed to a square, 0 to 1",
    }
    with tempfile.TemporaryDirectory(prefix="thoracle-") as place:
        made = Path(place) / target.name
        if target.suffix.lower() == ".safetensors":
            save_file(state, made, metadata=facts)
        else:
            network = build(arm.network, outputs=len(names), size=arm.size)
            network.load_state_dict(state)
            with torch.no_grad():
                write_onnx(
                    network.eval(),
                    made,
                    size=arm.size,
                    output_names=("logits",),
                    has_gradients=False,
                )
            graph = onnx.load(made)
            onnx.helper.set_model_props(graph, facts)
            onnx.save(graph, made)
        write_atomically(target, made.read_bytes())
