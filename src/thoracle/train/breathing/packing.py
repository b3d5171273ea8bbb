"""From a finished pattern run to a calibrated bundle that equals it."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.files import replaced_folder, write_atomically
from thoracle.core.version import version
from thoracle.evaluation.calibration import fit_temperature, softmax
from thoracle.inference.bundle import NETWORK
from thoracle.inference.description import write_description
from thoracle.respiration.model import TASK
from thoracle.respiration.network_input import PATTERN_INPUT, SAMPLES
from thoracle.respiration.types import CLASSES
from thoracle.train.breathing.fit import RECIPE, WEIGHTS
from thoracle.train.breathing.graph import exported_outputs, write_pattern_onnx
from thoracle.train.breathing.network import PatternNetwork
from thoracle.train.breathing.recipe import PatternRecipe, read_pattern_recipe
from thoracle.train.breathing.windows import Windows, draw_windows
from thoracle.train.export import Parity, compare, keep_logits
from thoracle.train.weights import read_weights

CALIBRATION_WINDOWS: Final = 20_000
CALIBRATION_SEED: Final = 7_919  # beside the recipe's own: windows that no batch is drawn from
REAL_WINDOWS: Final = 64
MADE_UP_WINDOWS: Final = 8
ACCURACY_KEPT: Final = 0.995
"""What answers that are given must reach on calibration windows; the least sure are withheld."""
LIMIT_MIN: Final = 0.5  # an answer less likely than all others together is none.
COLORS: Final = ("#3b7dd8", "#5aa9a3", "#f2a900", "#c0392b", "#8e44ad", "#7f5539", "#888888")


def pack_patterns(run: Path, out: Path) -> Parity:
    """Calibrate a finished run on fresh windows and export it as a bundle.

    Parameters
    ----------
    run
        Folder of the run.
    out
        Folder of the new bundle; an older one there is replaced once the new one is whole.

    Returns
    -------
    Parity
        How far ONNX Runtime and torch differ.

    Raises
    ------
    BundleError
        The run is not finished, or the exported network differs from torch.
    """
    if not (run / WEIGHTS).is_file():
        raise BundleError(
            f"found no {run / WEIGHTS} – expected the weights of a finished run. Finish it with "
            "thoracle breathing train.",
            code="run-unfinished",
        )
    recipe = read_pattern_recipe(run / RECIPE)
    network = PatternNetwork(recipe.network)
    network.load_state_dict(read_weights(run / WEIGHTS))
    network.eval()
    rng = np.random.default_rng((recipe.seed, CALIBRATION_SEED))
    drawn = draw_windows(recipe.windows, CALIBRATION_WINDOWS, rng=rng)
    with replaced_folder(out) as partial:
        write_pattern_onnx(network, partial / NETWORK)
        outputs = ("logits", "attention")
        shown = drawn.inputs[:: max(1, CALIBRATION_WINDOWS // REAL_WINDOWS)]
        found = compare(exported_outputs(network), partial / NETWORK, outputs, shown)
        largest = keep_logits(network, partial, made_up_windows(), [found])
        write_atomically(partial / RECIPE, recipe.text.encode("utf-8"))
        parity = Parity(films=found.films, logit_difference=largest, map_difference=0.0)
        write_description(partial, pattern_description(recipe, parity, calibrate(network, drawn)))
    return parity


def made_up_windows() -> FloatArray:
    """Return sines of several rates, exact in half precision, (8, 600) float32."""
    times_s = np.arange(SAMPLES) / 10.0
    rates_hz = np.linspace(0.1, 0.6, MADE_UP_WINDOWS)[:, None]
    waves = 0.5 + 0.5 * np.sin(2.0 * np.pi * rates_hz * times_s)
    return waves.astype(np.float16).astype(np.float32)


def calibrate(network: PatternNetwork, drawn: Windows) -> dict[str, float]:
    """Return the temperature, and the likelihood below which the network abstains.

    Parameters
    ----------
    network
        In evaluation mode.
    drawn
        Windows that it never saw.

    Returns
    -------
    dict
        `temperature` and `abstain_below`: the least limit, from 0.5, above which answers are right
        as often as `ACCURACY_KEPT` says.
    """
    with torch.no_grad():
        batches = np.array_split(drawn.inputs, max(1, len(drawn.inputs) // 512))
        parts = [network(torch.from_numpy(one)) for one in batches]
    logits = torch.cat(parts).double().numpy()
    temperature = fit_temperature(logits, drawn.kinds).temperature
    chances = softmax(logits, temperature=temperature)
    is_right = chances.argmax(axis=1) == drawn.kinds
    return {
        "temperature": temperature,
        "abstain_below": _limit(np.asarray(chances.max(axis=1), np.float64), is_right),
    }


def pattern_description(
    recipe: PatternRecipe, parity: Parity, calibration: dict[str, float]
) -> dict[str, Any]:
    """Return a bundle's description.

    Parameters
    ----------
    recipe
        What it was trained by.
    parity
        From the comparison with torch.
    calibration
        From `calibrate`.

    Returns
    -------
    dict
        Everything but `schema` and `files`.
    """
    plan = recipe.training
    return {
        "name": recipe.name,
        "version": recipe.version,
        "task": TASK,
        "intended_use": recipe.intended_use,
        "population": recipe.population,
        "input": {"size": SAMPLES, "channels": 1, "range": [0.0, 1.0], "resize": PATTERN_INPUT},
        "temperature": calibration["temperature"],
        "labels": [
            {"name": name, "color": color} for name, color in zip(CLASSES, COLORS, strict=True)
        ],
        "map_layers": [],
        "map_scale": {},
        "numbers": {"abstain_below": calibration["abstain_below"]},
        "parity": {
            "films": parity.films,
            "logit_difference": parity.logit_difference,
            "map_difference": parity.map_difference,
        },
        "training": {
            "windows": str(plan.epochs * plan.batches_per_epoch * plan.batch),
            "calibration_windows": str(CALIBRATION_WINDOWS),
            "data": "simulated",
            "software_version": version(),
        },
    }


def _limit(chances: DoubleArray, is_right: BoolArray) -> float:
    """Return the least limit above which enough answers are right."""
    order = np.argsort(-chances)
    accuracy = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(accuracy >= ACCURACY_KEPT)
    if not enough.size:
        return 1.0
    return float(max(LIMIT_MIN, chances[order[enough[-1]]]))
