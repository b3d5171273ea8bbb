"""From a run's folder to the report of a reproduced paper."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.core.errors import RecipeError
from thoracle.core.results import ContributionMap
from thoracle.core.version import version
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import TEST, TRAIN, TUNE
from thoracle.datasets.thumbnails import read_grey
from thoracle.evaluation.family import family_wise
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.repeats import JudgedFilms, RepeatedFigures, repeated_figures
from thoracle.reporting.evaluation_judging import family_table
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.overlay import backdrop, overlay_png
from thoracle.reporting.reproduction import (
    ArmReport,
    HiddenLungs,
    PublishedFigure,
    ReproductionReport,
    ShownFilm,
    percent,
)
from thoracle.reporting.reproduction_plots import class_maps_svg, learning_svg, summed_confusion_svg
from thoracle.train.protocols.experiment import (
    HIDDEN,
    MAPS,
    PREDICTIONS,
    SUMMARY,
    UNKNOWN,
    arm_targets,
)
from thoracle.train.protocols.make_up import draw
from thoracle.train.protocols.protocol import Arm, Protocol
from thoracle.train.protocols.reproduce import Films, Plan, cut, folder_of

SEED = 20  # of the intervals, so that a report repeats.
GRID_FILMS, MISTAKE_FILMS = 12, 24
FILM_PX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What one arm of one repeat said.

    `targets` (films,) int64 are indices into the protocol's classes; `chances` (films, classes of
    the arm) float64 sum to 1.
    """

    paths: tuple[str, ...] = field(repr=False)
    patients: tuple[str, ...] = field(repr=False)
    targets: IntArray = field(repr=False)
    chances: DoubleArray = field(repr=False)


def report_of(
    protocol: Protocol, films: Films, plan: Plan, run: Path, *, with_films: bool
) -> ReproductionReport:
    """Gather what a finished run left in its folder.

    Parameters
    ----------
    protocol, films, plan, run
        As given to `reproduce`.
    with_films
        Whether test films are shown. A report with films must be kept like the films.

    Returns
    -------
    ReproductionReport
        Of all arms, and of decisions in two steps.
    """
    arms = [cut(arm, plan) for arm in protocol.arms]
    told = [
        _arm_report(protocol, arm, plan, run, films.manifest if with_films else None)
        for arm in arms
    ]
    told += [_in_two_steps(protocol, arm, plan, run) for arm in arms if arm.after]
    return ReproductionReport(
        name=protocol.name,
        title=protocol.title,
        reference=protocol.reference,
        run=_run_text(protocol, plan, arms),
        published=tuple(
            PublishedFigure(
                arm=one.arm,
                figure=one.figure,
                of_class=one.of_class,
                value=one.value,
                sd=one.sd,
                note=one.note,
            )
            for one in protocol.published
        ),
        differences=protocol.differences,
        make_up=_make_up_table(protocol, films, plan),
        arms=tuple(told),
        provenance={
            "software": f"thoracle {version()}",
            "manifest": films.manifest.digest[:16],
            "seed": str(plan.seed),
            "repeats": str(plan.repeats),
        },
    )


def read_predictions(protocol: Protocol, folder: Path) -> Predictions:
    """Read what an arm said of its test films.

    Raises
    ------
    RecipeError
        The folder holds no finished arm.
    """
    if not (folder / SUMMARY).is_file():
        raise RecipeError(
            f"found no finished arm in {folder} – expected {SUMMARY}. Run thoracle reproduce "
            f"{protocol.name} again: it goes on where it stopped.",
            code="run-unfinished",
        )
    return _predictions(protocol, folder / PREDICTIONS)


def _predictions(protocol: Protocol, file: Path) -> Predictions:
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    return Predictions(
        paths=tuple(row[0] for row in rows),
        patients=tuple(row[1] for row in rows),
        targets=np.array([protocol.class_names.index(row[2]) for row in rows], dtype=np.int64),
        chances=np.array([[float(cell) for cell in row[3:]] for row in rows]),
    )


def _arm_report(
    protocol: Protocol, arm: Arm, plan: Plan, run: Path, manifest: Manifest | None
) -> ArmReport:
    said = [
        read_predictions(protocol, folder_of(run, arm, repeat)) for repeat in range(plan.repeats)
    ]
    figures = _figures(
        [one.name for one in protocol.classes_of(arm)],
        [judged(one, arm_targets(protocol, arm, one.targets)) for one in said],
    )
    first = folder_of(run, arm, 0)
    shown = () if manifest is None else _shown(protocol, arm, said[0], first, manifest)
    wrong = tuple(one for one in shown if one.reference != one.predicted)
    return ArmReport(
        name=arm.name,
        facts=_facts(arm, [folder_of(run, arm, repeat) for repeat in range(plan.repeats)]),
        figures=figures,
        confusion=summed_confusion_svg(figures.labels, figures.confusion),
        curves={step.name: learning_svg(read_curve(first, step.name)) for step in arm.steps},
        maps=class_maps_svg(_mean_maps(protocol, arm, said[0], first)),
        films=shown[:: max(1, len(shown) // GRID_FILMS)][:GRID_FILMS],
        mistakes=wrong[:MISTAKE_FILMS],
        hidden=_hidden(protocol, arm, said[0], first),
        family=_family(figures.labels, said[0], arm_targets(protocol, arm, said[0].targets)),
    )


def _family(labels: tuple[str, ...], said: Predictions, reference: IntArray) -> FigureTable | None:
    """Return the predictive values of the first repeat whose intervals hold together."""
    inputs = EvaluationInput(
        labels=labels,
        logits=np.log(said.chances.clip(1e-12)),
        probabilities=said.chances / said.chances.sum(axis=1, keepdims=True),
        reference=reference,
        patient=said.patients,
    )
    found = family_wise(inputs, generator=np.random.default_rng(SEED), options=EvaluationOptions())
    return None if found is None else family_table(found)


def _hidden(protocol: Protocol, arm: Arm, said: Predictions, folder: Path) -> HiddenLungs | None:
    """Tell how often a network is right on films as they are, and with their lungs hidden."""
    if not (folder / HIDDEN).is_file():
        return None
    blind = _predictions(protocol, folder / HIDDEN)
    place = {path: index for index, path in enumerate(said.paths)}
    rows = np.array([place[path] for path in blind.paths], dtype=np.int64)
    names = [one.name for one in protocol.classes_of(arm)]
    reference = arm_targets(protocol, arm, blind.targets)
    seeing = replace(blind, chances=said.chances[rows])
    whole, hidden = (_figures(names, [judged(one, reference)]) for one in (seeing, blind))
    known = reference[reference != UNKNOWN]
    return HiddenLungs(
        whole=whole.accuracy.pooled,
        hidden=hidden.accuracy.pooled,
        largest_class=float(np.bincount(known).max() / known.size),
    )


def judged(said: Predictions, reference: IntArray) -> JudgedFilms:
    """Return the most probable class of the films whose reference, (films,) int64, is not -1."""
    known = np.flatnonzero(reference != UNKNOWN)
    return JudgedFilms(
        reference=reference[known],
        prediction=said.chances.argmax(axis=1)[known],
        patient=tuple(said.patients[index] for index in known),
    )


def _figures(labels: Sequence[str], decided: Sequence[JudgedFilms]) -> RepeatedFigures:
    return repeated_figures(labels, decided, generator=np.random.default_rng(SEED))


def _in_two_steps(protocol: Protocol, second: Arm, plan: Plan, run: Path) -> ArmReport:
    """Judge two arms as one decision: the last class of the first is parted by the second."""
    first = protocol.arm(second.after)
    parted, kept = protocol.classes_of(second), protocol.classes_of(first)[:-1]
    classes = [*kept, *parted]
    known = np.full(len(protocol.classes), UNKNOWN)
    for index, part in enumerate(classes):
        known[[protocol.class_names.index(name) for name in part.of]] = index
    said = [
        _joined(
            read_predictions(protocol, folder_of(run, first, repeat)),
            read_predictions(protocol, folder_of(run, second, repeat)),
        )
        for repeat in range(plan.repeats)
    ]
    targets = [np.asarray(known[one.targets], dtype=np.int64) for one in said]
    figures = _figures(
        [one.name for one in classes],
        [judged(one, mine) for one, mine in zip(said, targets, strict=True)],
    )
    return ArmReport(
        name=f"Both steps: {first.name}, then {second.name}",
        facts={
            "decision": f"the second network parts what the first calls {first.classes[-1].name}"
        },
        figures=figures,
        confusion=summed_confusion_svg(figures.labels, figures.confusion),
        family=_family(figures.labels, said[0], targets[0]),
    )


def _joined(first: Predictions, second: Predictions) -> Predictions:
    """Let films that the first finds to be of its last class be parted by the second."""
    kept = first.chances.shape[1] - 1
    both = np.hstack([first.chances[:, :-1], first.chances[:, -1:] * second.chances])
    goes_on = first.chances.argmax(axis=1) == kept
    both[goes_on, :kept] = 0.0
    both[~goes_on, kept:] = 0.0
    return replace(first, chances=both)


def _facts(arm: Arm, folders: Sequence[Path]) -> dict[str, str]:
    told: list[dict[str, Any]] = [
        json.loads((folder / SUMMARY).read_text(encoding="utf-8")) for folder in folders
    ]
    first = told[0]
    begun = {"random": "random weights", "given": "weights pretrained on other pictures"}
    initial = "published weights" if arm.network.pretrained else begun[first["initial"]]
    epochs = [sum(one["epochs"]) for one in told]
    seconds = [float(one["seconds"]) for one in told]
    before = first["pretraining"]
    return {
        "network": arm.network.backbone,
        "parameters": f"{first['parameters']:,}",
        "learned": f"{first['learned']:,}" + (" (backbone frozen)" if arm.frozen else ""),
        "begins with": initial,
        **({"pretrained on": _pretraining(before)} if before else {}),
        "film": f"{arm.size} × {arm.size} px",
        "epochs": f"{min(epochs)} to {max(epochs)}"
        if min(epochs) < max(epochs)
        else str(epochs[0]),
        "seconds per repeat": f"{np.median(seconds):.0f} (median)",
    }


def _pretraining(before: dict[str, Any]) -> str:
    kinds = before["kinds"]
    return (
        f"{sum(kinds.values()):,} pictures at {before['side_px']} px, {before['epochs']} epochs, "
        f"to tell their rotation and which of {len(kinds)} kinds they are "
        f"({', '.join(sorted(kinds))}); of pictures left out "
        f"{percent(before['tune_accuracy'])} are told right, kind and rotation together"
    )


def read_curve(folder: Path, step: str) -> list[dict[str, float]]:
    """Read the learning curve of a step, a row per epoch."""
    path = folder / f"{step.replace(' ', '-')}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]


def _kept_maps(folder: Path) -> tuple[IntArray, dict[str, FloatArray]]:
    with np.load(io.BytesIO((folder / MAPS).read_bytes()), allow_pickle=False) as kept:
        layers = {name: kept[name].astype(np.float32) for name in kept.files if name != "rows"}
        return np.asarray(kept["rows"], dtype=np.int64), layers


def _mean_maps(
    protocol: Protocol, arm: Arm, said: Predictions, folder: Path
) -> dict[str, dict[str, FloatArray]]:
    rows, layers = _kept_maps(folder)
    mine = arm_targets(protocol, arm, said.targets[rows])
    names = [one.name for one in protocol.classes_of(arm)]
    present = [index for index in range(len(names)) if np.any(mine == index)]
    return {
        layer: {names[index]: values[mine == index].mean(axis=0) for index in present}
        for layer, values in layers.items()
    }


def _shown(
    protocol: Protocol, arm: Arm, said: Predictions, folder: Path, manifest: Manifest
) -> tuple[ShownFilm, ...]:
    """Return the mapped test films of the first repeat with the last layer's map over each."""
    rows, layers = _kept_maps(folder)
    maps = layers[arm.map_layers[0]]
    mine = arm_targets(protocol, arm, said.targets)
    names = [one.name for one in protocol.classes_of(arm)]
    top = float(np.percentile(maps.max(axis=(1, 2)), 95)) or 1.0
    return tuple(
        ShownFilm(
            reference=names[mine[row]],
            predicted=names[int(said.chances[row].argmax())],
            probability=float(said.chances[row].max()),
            png=_picture(manifest.root / said.paths[row], maps[index], top),
        )
        for index, row in enumerate(rows)
        if mine[row] != UNKNOWN
    )


def _picture(file: Path, values: FloatArray, top: float) -> bytes:
    grey = read_grey(file, side_max=FILM_PX).astype(np.float32) / 255.0
    rows, columns = grey.shape
    one = ContributionMap(
        label="",
        layer="",
        method="gradcam",
        values=values,
        scale_max=top,
        box=(0, 0, rows, columns),
        lung_share=None,
    )
    return overlay_png(backdrop(grey), one)


def _make_up_table(protocol: Protocol, films: Films, plan: Plan) -> FigureTable:
    made = draw(protocol, films.manifest, films.pairs, seed=plan.seed, most=plan.cuts.films)
    counts = made.counts(len(protocol.classes))
    rows = tuple(
        (
            one.name,
            one.published,
            str(sum(counts[part][index] for part in (TRAIN, TUNE, TEST))),
            *(str(counts[part][index]) for part in (TRAIN, TUNE, TEST)),
        )
        for index, one in enumerate(protocol.classes)
    )
    return FigureTable(
        caption="Films of the first repeat; parted by patient, near-duplicates together and taken "
        "once. Each repeat draws and parts anew.",
        head=("Class", "Published", "Ours", "Train", "Tune", "Test"),
        rows=rows,
    )


def _run_text(protocol: Protocol, plan: Plan, arms: Iterable[Arm]) -> str:
    again = f"{plan.repeats} repeats, each with another draw and another split by patient"
    said = ["1 repeat, split by patient" if plan.repeats == 1 else again]
    sizes = {(one.size, arm.size) for one, arm in zip(protocol.arms, arms, strict=True)}
    said += [f"{ours} px in place of {theirs}" for theirs, ours in sorted(sizes) if ours < theirs]
    bounds: Mapping[str, int] = {
        "epochs a step": plan.cuts.epochs,
        "films an epoch": plan.cuts.films_per_epoch,
        "films a class": plan.cuts.films,
        "epochs of pretraining": plan.cuts.pretraining_epochs,
    }
    said += [f"at most {value} {name}" for name, value in bounds.items() if value]
    return f"{'; '.join(said)}."
