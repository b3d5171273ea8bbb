"""From readers' scores to the head of the severity network, and predictions for unseen patients.

The backbone learned opacities without the scored films, their patients and their near-duplicates,
and rests. A linear head learns the scores of zones from what the backbone says there. All that is
chosen is chosen inside the films that are learned from.
"""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import BundleError, RecipeError
from thoracle.core.files import write_atomically
from thoracle.datasets.film import Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.readers.severity import read_severity, severity_folder
from thoracle.evaluation.scores import conformal_half_width, mean_absolute_difference
from thoracle.radiograph.severity import (
    MIRRORED,
    OUTPUTS,
    ZONES,
)
from thoracle.train.films import FilmArrays
from thoracle.train.nested_ridge import Examples, Ridge, choose_ridge, fold_of_groups
from thoracle.train.networks import PooledClassifier, build_network, check_layers
from thoracle.train.recipe import Recipe
from thoracle.train.run_input import RECIPE
from thoracle.train.tables import TrainingData
from thoracle.train.weights import read_weights
from thoracle.train.zone_table import METHODS, Target, ZoneTable, measure, targets_of

WEIGHTS: Final = "severity.safetensors"
PREDICTIONS: Final = "predictions.csv"
NUMBERS: Final = "severity.json"
COLUMNS: Final = ("path", "group", "method", *ZONES, "extent", "opacity", "days")


class SeverityNetwork(nn.Module):
    """A backbone that rests, cut at a layer, and a score at each place.

    Parameters
    ----------
    classifier
        Whose backbone it is.
    layer
        Of the backbone: its output, cut at 0, is what the head sees.
    """

    def __init__(self, classifier: PooledClassifier, layer: str) -> None:
        super().__init__()
        check_layers(classifier, [layer])
        self.backbone = classifier.backbone.eval()
        self.layer = layer
        with torch.no_grad():
            channels = self.features(torch.zeros(1, 1, 64, 64)).shape[1]
        self.head = nn.Conv2d(channels, len(OUTPUTS), 1)

    def features(self, films: Tensor) -> Tensor:
        """Return what the layer says, (n, channels, h, w), 0 or more."""
        kept: list[Tensor] = []
        layer = self.backbone.get_submodule(self.layer)
        handle = layer.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
        self.backbone(films)
        handle.remove()
        return torch.relu(kept[0])

    def forward(self, films: Tensor) -> Tensor:
        """Return scores at each place, (n, 3, h, w), in the order of `OUTPUTS`."""
        scores: Tensor = self.head(self.features(films))
        return scores


def learn_severity(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, folder: Path
) -> SeverityNetwork:
    """Learn the head from readers' scores and write it, with predictions for unseen patients.

    Parameters
    ----------
    recipe
        Its network must name `weights` that were learned without the scored films, their patients
        and their near-duplicates; its `severity` says how the head is learned.
    data
        With the scored films in any split.
    arrays
        Of all frontal films of the manifest, cut to their lungs, with the lungs.
    folder
        Of the run; `WEIGHTS`, `PREDICTIONS` and `NUMBERS` are written into it.

    Returns
    -------
    SeverityNetwork
        In evaluation mode.
    """
    scores = tuple(
        one
        for one in read_severity(severity_folder(data.manifest), data.manifest)
        if one.film.population is not Population.CHILD and is_frontal(one.film)
    )
    network = severity_network(recipe)
    measured = measure(
        data,
        arrays,
        scores,
        features=network.features,
        size=recipe.size,
        normals=recipe.severity.normals,
    )
    rows: list[dict[str, object]] = []
    for method in METHODS:
        rows += _unseen(recipe, measured[method], method)
    write_atomically(folder / RECIPE, recipe.text.encode("utf-8"))
    write_atomically(folder / PREDICTIONS, _csv_bytes(rows))
    own = [row for row in rows if row["method"] == METHODS[0]]
    numbers = _numbers(recipe, measured[METHODS[0]], own)
    write_atomically(folder / NUMBERS, (json.dumps(numbers, indent=1) + "\n").encode())
    _fit_head(recipe, network, measured[METHODS[0]])
    partial = folder / f"{WEIGHTS}.partial"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, partial)
    partial.replace(folder / WEIGHTS)
    return network


def severity_network(recipe: Recipe, run: Path | None = None) -> SeverityNetwork:
    """Return the network that a recipe names, with the weights of a finished run if one is given.

    Raises
    ------
    RecipeError
        The recipe names a network without a pooled head, or no weights for it.
    BundleError
        The run is not finished.
    """
    classifier = build_network(recipe.network, outputs=len(FINDINGS))
    if not isinstance(classifier, PooledClassifier) or recipe.network.weights is None:
        raise RecipeError(
            f"found backbone {recipe.network.backbone!r} with weights {recipe.network.weights!r} – "
            "expected a timm backbone and the weights of a run without the scored films. Train "
            "one, and name its file."
        )
    network = SeverityNetwork(classifier, recipe.severity.layer)
    if run is not None:
        path = run / WEIGHTS
        if not path.is_file():
            raise BundleError(
                f"found no {path} – expected the weights of a finished run. Finish it with "
                "thoracle train.",
                code="run-unfinished",
            )
        network.load_state_dict(read_weights(path))
    network.eval()
    return network


def read_numbers(folder: Path) -> dict[str, float]:
    """Return what the bundle keeps beside the network: half widths, errors, counts."""
    numbers: dict[str, float] = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
    return numbers


def _unseen(recipe: Recipe, table: ZoneTable, method: str) -> list[dict[str, object]]:
    """Predict each film by a fit without its patient and near-duplicates."""
    targets = targets_of(table.scores)
    days = np.array([[one.days] for one in table.scores])
    targets += (Target(name="days", values=days, highest=np.inf),)
    found = {one.name: np.full(one.values.shape, np.nan) for one in targets}
    rng = np.random.default_rng(recipe.seed)
    fold = fold_of_groups(int(table.groups.max()) + 1, folds=recipe.severity.folds, generator=rng)[
        table.groups
    ]
    for one in range(recipe.severity.folds):
        for target in targets:
            fit = _fit(recipe, table, target, fold != one, rng)
            found[target.name][fold == one] = predicted(fit, target, table.inputs[fold == one, 0])
    return [_row(table, method, index, found) for index in range(len(table.scores))]


def predicted(fit: Ridge, target: Target, zones: DoubleArray) -> DoubleArray:
    """Return a target's parts, (films, parts), within its range, from (films, 6, features)."""
    return np.asarray(np.clip(fit(target.inputs(zones)), 0.0, target.highest), dtype=np.float64)


def _fit(
    recipe: Recipe, table: ZoneTable, target: Target, members: BoolArray, rng: np.random.Generator
) -> Ridge:
    """Fit a target on some films, both ways round, and on normal films as 0."""
    plan = recipe.severity
    known = members & np.isfinite(target.values).all(axis=1)
    inputs = target.inputs(table.inputs)[known]
    parts = target.values[known]
    mirrored = parts[:, list(MIRRORED)] if parts.shape[1] > 1 else parts
    both = np.stack([parts, mirrored], axis=1)
    groups = np.broadcast_to(table.groups[known][:, None, None], both.shape)
    rows = [(inputs.reshape(-1, inputs.shape[-1]), both.ravel(), groups.ravel())]
    if target.name != "days" and len(table.normals):
        zero = target.inputs(table.normals)
        count = zero.size // zero.shape[-1]
        after = int(table.groups.max()) + 1
        owners = np.repeat(np.arange(len(zero)) + after, count // len(zero))
        rows.append((zero.reshape(-1, zero.shape[-1]), np.zeros(count), owners))
    joined = [np.concatenate(one) for one in zip(*rows, strict=True)]
    examples = Examples(inputs=joined[0], targets=joined[1], groups=joined[2])

    def error(fit: Ridge, left_out: IntArray) -> float:
        judged = known & np.isin(table.groups, left_out)
        apart = predicted(fit, target, table.inputs[judged, 0]) - target.values[judged]
        return float(np.abs(apart.sum(axis=1)).sum())

    return choose_ridge(examples, error, strengths=plan.strengths, generator=rng)


def _row(
    table: ZoneTable, method: str, index: int, found: Mapping[str, DoubleArray]
) -> dict[str, object]:
    zones = dict(zip(ZONES, found["zone"][index].tolist(), strict=True))
    return {
        "path": table.scores[index].film.path,
        "group": int(table.groups[index]),
        "method": method,
        **zones,
        "extent": 2.0 * float(found["extent"][index, 0]),
        "opacity": 2.0 * float(found["opacity"][index, 0]),
        "days": float(found["days"][index, 0]),
    }


def _fit_head(recipe: Recipe, network: SeverityNetwork, table: ZoneTable) -> None:
    """Fit the head to all films."""
    rng = np.random.default_rng(recipe.seed)
    everyone = np.ones(len(table.scores), dtype=bool)
    fits = [_fit(recipe, table, one, everyone, rng) for one in targets_of(table.scores)]
    weights = np.stack([one.weights for one in fits])[:, :, None, None]
    bias = torch.tensor([one.bias for one in fits])
    network.head.load_state_dict({"weight": torch.from_numpy(weights).float(), "bias": bias})


def _numbers(recipe: Recipe, table: ZoneTable, rows: list[dict[str, object]]) -> dict[str, float]:
    """Return the half widths of intervals and what is said beside the scores."""
    coverage = recipe.severity.coverage
    total = np.array([sum(float(str(row[zone])) for zone in ZONES) for row in rows])
    readers = np.stack([one.zones.sum(axis=1) for one in table.scores])
    differences = {
        "brixia": total - readers.mean(axis=1),
        "extent": _column(rows, "extent") - np.array([one.extent for one in table.scores]),
        "opacity": _column(rows, "opacity") - np.array([one.opacity for one in table.scores]),
    }
    known = {name: one[np.isfinite(one)] for name, one in differences.items()}
    both = np.isfinite(readers).all(axis=1)
    return {
        **{
            f"{name}_interval": conformal_half_width(one, coverage=coverage)
            for name, one in known.items()
        },
        "coverage": coverage,
        "films": float(len(table.scores)),
        "patients": float(len(np.unique(table.groups))),
        "brixia_error": float(np.abs(known["brixia"]).mean()),
        "reader_difference": mean_absolute_difference(readers[both, 0], readers[both, 1]),
    }


def _column(rows: list[dict[str, object]], name: str) -> DoubleArray:
    return np.array([float(str(row[name])) for row in rows])


def _csv_bytes(rows: list[dict[str, object]]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
    )
    return stream.getvalue().encode("utf-8")
