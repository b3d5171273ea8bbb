"""From a finished run to a bundle that equals it; nothing of a patient goes with it."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.files import replaced_folder, write_atomically
from thoracle.core.version import version
from thoracle.inference.bundle import NETWORK
from thoracle.inference.description import write_description
from thoracle.inference.parity import LOGIT_TOLERANCE
from thoracle.inference.session import run_file
from thoracle.prognosis.features import DAYS, STATICS
from thoracle.prognosis.network import CHART_INPUT, OUTPUTS, TASK, NetworkContent, write_content
from thoracle.prognosis.types import HORIZONS
from thoracle.train.export import Parity, compare, keep_logits
from thoracle.train.prognosis.ensemble import Ensemble
from thoracle.train.prognosis.graph import LogitGraph, RiskGraph, write_risk_onnx
from thoracle.train.prognosis.run import FACTS, RECIPE, open_ensemble

MADE_UP: Final = 16
MEASURED_SHARE: Final = 0.2
COLORS: Final = ("#8a5fbf", "#3b7dd8", "#5aa9a3", "#888888")
_FACTS: Final = ("cohort", "sources_sha256", "patients", "patients_with_the_event")
_GRAIN: Final = 64  # multiples of a 64th are exact in half precision


def pack_risks(run: Path, out: Path) -> Parity:
    """Export a finished run as a bundle.

    Parameters
    ----------
    run
        Folder of the run.
    out
        Folder of the new bundle; an older one there is replaced once the new one is whole.

    Returns
    -------
    Parity
        How far ONNX Runtime and torch differ on made-up charts.
    """
    ensemble = open_ensemble(run)
    facts = json.loads((run / FACTS).read_bytes())
    made = made_up_days(len(ensemble.scaling.places))
    with replaced_folder(out) as partial:
        write_risk_onnx(ensemble.network, partial / NETWORK)
        check_outputs(ensemble, partial / NETWORK, made)
        graph = LogitGraph(ensemble.network).eval()
        found = compare(graph, partial / NETWORK, ("logits",), made)
        largest = keep_logits(graph, partial, made, [found])
        content = NetworkContent(
            scaling=ensemble.scaling,
            seen=ensemble.seen,
            calibration=ensemble.calibration,
            widening=ensemble.widening,
        )
        write_content(content, partial)
        write_atomically(partial / RECIPE, (run / RECIPE).read_bytes())
        parity = Parity(films=found.films, logit_difference=largest, map_difference=0.0)
        write_description(partial, risk_description(ensemble, parity, facts))
    return parity


def made_up_days(inputs: int) -> FloatArray:
    """Return days of nobody, (16, 14, 3 × inputs + 4) float32, exact in half precision.

    Parameters
    ----------
    inputs
        Variables that networks are shown.

    Returns
    -------
    (16, 14, 3 × inputs + 4) float32
        What is unknown is 0; the first of them shows nothing at all.
    """
    rng = np.random.default_rng(0)
    shape = (MADE_UP, DAYS, inputs)
    values, freshness = rng.normal(0, 1.5, shape), rng.uniform(0, 1, shape)
    is_measured = rng.random(shape) < MEASURED_SHARE
    statics = np.repeat(rng.uniform(-1, 1, (MADE_UP, 1, len(STATICS))), DAYS, axis=1)
    days = np.concatenate([values, is_measured, freshness * is_measured, statics], axis=2)
    days[..., :inputs] *= is_measured
    days[0] = 0.0
    return np.asarray(np.round(days * _GRAIN) / _GRAIN, np.float32)


def check_outputs(ensemble: Ensemble, path: Path, days: FloatArray) -> None:
    """Compare all that the file and the ensemble say, the attention and the forecasts too.

    Parameters
    ----------
    ensemble
        What was exported.
    path
        The ONNX file.
    days : (n, 14, 3 × inputs + 4) float32
        What both are shown.

    Raises
    ------
    BundleError
        They differ by more than 1e-4.
    """
    with torch.no_grad():
        expected = RiskGraph(ensemble.network).eval()(torch.from_numpy(days))
    found = run_file(path, days)
    for name, values in zip(OUTPUTS, expected, strict=True):
        largest = float(np.abs(found[name] - values.numpy()).max())
        if not largest <= LOGIT_TOLERANCE:
            raise BundleError(
                f"found {name} that differ by {largest:.1e} – expected at most "
                f"{LOGIT_TOLERANCE:.0e}. The exported network is not the trained one: do not ship "
                "it.",
                code="bundle-parity",
            )


def risk_description(ensemble: Ensemble, parity: Parity, facts: dict[str, Any]) -> dict[str, Any]:
    """Return a bundle's description.

    Parameters
    ----------
    ensemble
        What is packed.
    parity
        From the comparison with torch.
    facts
        What it was trained on, from `begin_run`.

    Returns
    -------
    dict
        Everything but `schema` and `files`.
    """
    recipe = ensemble.recipe
    return {
        "name": recipe.name,
        "version": recipe.version,
        "task": TASK,
        "intended_use": recipe.intended_use,
        "population": recipe.population,
        "input": {"size": DAYS, "channels": 1, "range": [-5.0, 5.0], "resize": CHART_INPUT},
        "temperature": 1.0,  # what is known decides: see variables.json
        "labels": [
            {"name": name, "color": color} for name, color in zip(HORIZONS, COLORS, strict=True)
        ],
        "map_layers": [],
        "map_scale": {},
        "numbers": {},
        "parity": {
            "films": parity.films,
            "logit_difference": parity.logit_difference,
            "map_difference": parity.map_difference,
        },
        "training": {
            "event": recipe.event,
            **{name: str(facts[name]) for name in _FACTS if facts.get(name)},
            "variables": str(len(ensemble.scaling.places)),
            "networks": str(ensemble.network.members),
            "cell": recipe.network.cell,
            "software_version": version(),
        },
    }
