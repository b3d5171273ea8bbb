"""From a finished run to a bundle: network, parity, description, first calibration."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from thoracle.core.arrays import FloatArray, IntArray
from thoracle.core.errors import BundleError
from thoracle.core.files import replaced_folder, write_atomically
from thoracle.core.version import version
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.inference.description import write_description
from thoracle.jobs.calibrate import calibrate_new
from thoracle.jobs.calibrate_gate import calibrate_gate
from thoracle.radiograph.anomaly import ANOMALY_MAP, ANOMALY_TOP_SPREADS
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.radiograph.model import PLAIN_THRESHOLD
from thoracle.radiograph.preprocess import INPUT_FORMS
from thoracle.radiograph.severity import OUTPUTS as SEVERITY_OUTPUTS
from thoracle.train.augment import as_served
from thoracle.train.autoencoder import AnomalyNetwork, AutoEncoder
from thoracle.train.export import Parity, export_network
from thoracle.train.loop import OUTPUTS
from thoracle.train.lung_finder import lung_finder
from thoracle.train.modules import CLASSIFIER_INNER_SHARE, TaskModule
from thoracle.train.networks import build_network
from thoracle.train.recipe import Recipe, read_recipe
from thoracle.train.run_input import LUNG_BOX_TASKS, RECIPE, keep_run_input, run_input
from thoracle.train.severity import read_numbers, severity_network
from thoracle.train.start import TrainingPlaces, stage_tables
from thoracle.train.table import FilmTable
from thoracle.train.tables import TrainingData, frontal_arrays, normal_table, stage_films
from thoracle.train.weights import read_weights
from thoracle.train.zone_table import severity_films

PARITY_FILMS = 12
SPREAD_FILMS_MIN = 20  # a spread of fewer is off by a sixth and more.
REFERENCE_FILMS = 1500  # enough for 64 directions, and a minute's work.
COLORS = {"No finding": "#2e8b57", "Other lung opacity": "#2f6fb3", "COVID-19": "#c0392b"}


def pack(
    run: Path, data: TrainingData, places: TrainingPlaces, out: Path, *, digests: dict[str, str]
) -> Parity:
    """Export a finished run as a bundle, calibrated on films that it was not trained on.

    Refused when the run is not finished (`trained_network`), saw its films otherwise
    (`keep_run_input`), or the exported network differs from torch (`export_network`); `out` is
    then as it was.

    Parameters
    ----------
    run
        Folder of the run, with its recipe and last stage's weights.
    data
        Manifest and split that the run used.
    places
        Where the gate's collections lie.
    out
        Folder of the new bundle; an older one there is replaced once the new one is whole.
    digests
        What provenance keeps: manifest and split.

    Returns
    -------
    Parity
        How far ONNX Runtime and torch differ.
    """
    recipe = read_recipe(run / RECIPE)
    is_severity = recipe.task == "severity"
    network = severity_network(recipe, run) if is_severity else trained_network(recipe, run)
    if isinstance(network, AutoEncoder):
        network = anomaly_network(network, recipe, data, lungs=places.lungs)
    shown = run_input(recipe, lungs=places.lungs)
    keep_run_input(run, shown)
    with replaced_folder(out) as partial:
        films = parity_films(recipe, data, places)
        parity = export_network(network, recipe, films, partial)
        write_atomically(partial / RECIPE, recipe.text.encode("utf-8"))
        training = digests | shown | {"software_version": version()}
        numbers = {"numbers": read_numbers(run)} if is_severity else {}
        write_description(partial, description(recipe, parity) | numbers | {"training": training})
        if recipe.task == "classifier":
            _calibrate_classifier(partial, recipe, data, lungs=places.lungs)
        elif recipe.task == "gate":
            calibrate_gate(partial, data.manifest, data.splits, collections=places.collections)
    return parity


def anomaly_network(
    network: AutoEncoder, recipe: Recipe, data: TrainingData, *, lungs: str
) -> AnomalyNetwork:
    """Return an auto-encoder with the spread of adults' normal calibration films.

    Parameters
    ----------
    network
        Trained.
    recipe, data
        Of its run.
    lungs
        Name or folder of the lung bundle.

    Returns
    -------
    AnomalyNetwork
        In evaluation mode.

    Raises
    ------
    BundleError
        There are too few such films.
    """
    table, films, _ = normal_table(data, recipe, recipe.stages[-1], lung_finder(lungs))
    chosen = [
        row
        for row, film in enumerate(films)
        if data.split_of(film) == "calibrate" and film.assumed_population is Population.ADULT
    ]
    if len(chosen) < SPREAD_FILMS_MIN:
        raise BundleError(
            f"found {len(chosen)} calibration films of adults without a finding – expected at "
            f"least {SPREAD_FILMS_MIN} to measure their spread on. Use another split.",
            code="bundle-spread",
        )
    whole = AnomalyNetwork(network, size=recipe.size).eval()
    whole.fit_spread(_served(recipe, table, table.rows[chosen]))
    return whole


def trained_network(recipe: Recipe, run: Path) -> nn.Module:
    """Return a run's network with its last stage's weights, in evaluation mode.

    Raises
    ------
    BundleError
        The last stage has no weights yet.
    """
    weights = run / f"{recipe.stages[-1].name}.safetensors"
    if not weights.is_file():
        raise BundleError(
            f"found no {weights} – expected the weights of the last stage. Finish the run with "
            "thoracle train.",
            code="run-unfinished",
        )
    network = build_network(recipe.network, outputs=OUTPUTS[recipe.task])
    network.load_state_dict(read_weights(weights))
    return network.eval()


def description(recipe: Recipe, parity: Parity) -> dict[str, Any]:
    """Return a bundle's description before its calibration."""
    return {
        "name": recipe.name,
        "version": recipe.version,
        "task": recipe.task,
        "intended_use": recipe.intended_use,
        "population": recipe.population,
        "input": {
            "size": recipe.size,
            "channels": 1,
            "range": [-1.0, 1.0],
            "resize": INPUT_FORMS[recipe.task],
        },
        "temperature": 1.0,
        "labels": _labels(recipe),
        "map_layers": list(recipe.map_layers),
        "map_scale": _map_scale(recipe),
        "numbers": {"accept_probability": 0.5} if recipe.task == "gate" else {},
        "parity": {
            "films": parity.films,
            "logit_difference": parity.logit_difference,
            "map_difference": parity.map_difference,
        },
    }


def _map_scale(recipe: Recipe) -> dict[str, float]:
    """Return the tops of color bars; a classifier's are measured when it is calibrated."""
    if recipe.task == "anomaly":
        return {ANOMALY_MAP: ANOMALY_TOP_SPREADS}
    return {
        f"{layer}/{method}": 1.0
        for layer in recipe.map_layers
        for method in ("gradcam", "gradcam++")
    }


def _labels(recipe: Recipe) -> list[dict[str, Any]]:
    if recipe.task == "classifier":
        return [
            {"name": name, "color": COLORS[name], "threshold": PLAIN_THRESHOLD} for name in FINDINGS
        ]
    named = {"gate": GATE_CLASSES, "lungs": ("lungs",), "severity": SEVERITY_OUTPUTS}
    names: tuple[str, ...] = named.get(recipe.task, ())
    return [{"name": name} for name in names]


def parity_films(recipe: Recipe, data: TrainingData, places: TrainingPlaces) -> FloatArray:
    """Return the films that torch and ONNX Runtime are compared on, (n, 1, size, size) float32."""
    if recipe.task == "severity":
        arrays = frontal_arrays(data, lung_finder(places.lungs), size=recipe.size)
        return severity_films(data, arrays, size=recipe.size, count=PARITY_FILMS)
    return plain_films(recipe, stage_tables(recipe, recipe.stages[-1], data, places).tune)


def plain_films(recipe: Recipe, table: FilmTable) -> FloatArray:
    """Return some tune films as the network sees them, (n, 1, size, size) float32."""
    return _served(
        recipe, table, table.rows[np.linspace(0, len(table) - 1, PARITY_FILMS).astype(np.int64)]
    )


def _served(recipe: Recipe, table: FilmTable, rows: IntArray) -> FloatArray:
    films = torch.from_numpy(table.arrays.films[rows][:, None].astype(np.float32) / 255.0)
    share = CLASSIFIER_INNER_SHARE if recipe.task in LUNG_BOX_TASKS else TaskModule.inner_share
    shown = as_served(films, size=recipe.size, inner_share=share)
    return np.asarray(shown.numpy(), dtype=np.float32)


def _calibrate_classifier(folder: Path, recipe: Recipe, data: TrainingData, *, lungs: str) -> None:
    films = [film for film in stage_films(data.manifest, recipe.stages[-1]) if is_frontal(film)]

    def of(split: str) -> list[Film]:
        return [film for film in films if data.split_of(film) == split]

    train = of("train")
    step = max(1, len(train) // REFERENCE_FILMS)
    calibrate_new(
        folder, data.manifest, train=train[::step], calibrate=of("calibrate"), lungs=lungs
    )
