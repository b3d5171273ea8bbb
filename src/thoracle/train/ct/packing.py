"""From a finished CT run to a bundle that equals it."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import torch

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.files import replaced_folder, write_atomically
from thoracle.core.version import version
from thoracle.ct.grey import CT_INPUT
from thoracle.ct.model import STEP, TASK, TILE
from thoracle.ct.types import LABELS
from thoracle.inference.bundle import NETWORK
from thoracle.inference.description import write_description
from thoracle.train.ct.crops import TrainingScan, cut
from thoracle.train.ct.fit import CASES, RECIPE, WEIGHTS
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.recipe import CtRecipe, read_ct_recipe
from thoracle.train.export import Parity, compare, keep_logits
from thoracle.train.onnx_graph import save_program
from thoracle.train.weights import read_weights

COLORS: Final = ("#000000", "#3b7dd8", "#f2a900", "#c0392b")
MADE_UP_SHAPE: Final = (8, 48, 64)
PARITY_SHAPE: Final = (12, 96, 112)  # neither side is that of a training crop
STEPS_MAX: Final = 64  # of slices, rows and columns: larger than any tile.


def pack_ct(
    run: Path,
    scans: tuple[TrainingScan, ...],
    out: Path,
    *,
    told: Mapping[str, str] = MappingProxyType({}),
) -> Parity:
    """Export a finished run as a bundle.

    Parameters
    ----------
    run
        Folder of the run.
    scans
        Real scans on the network's grid, to compare the exported network with torch on.
    out
        Folder of the new bundle; an older one there is replaced once the new one is whole.
    told
        What else the bundle says of its training.

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
            "thoracle train ct.",
            code="run-unfinished",
        )
    recipe = read_ct_recipe(run / RECIPE)
    network = CtNetwork(recipe.network)
    network.load_state_dict(read_weights(run / WEIGHTS))
    with replaced_folder(out) as partial:
        write_ct_onnx(network.eval(), partial / NETWORK)
        found = [_parity(network, partial / NETWORK, one) for one in _real_volumes(scans)]
        largest = keep_logits(network, partial, made_up_volumes(), found)
        write_atomically(partial / RECIPE, recipe.text.encode("utf-8"))
        parity = Parity(films=len(found), logit_difference=largest, map_difference=0.0)
        description = ct_description(recipe, parity, run)
        description["training"] |= told
        write_description(partial, description)
    return parity


def write_ct_onnx(network: CtNetwork, path: Path) -> None:
    """Write a network as one ONNX file for one volume of free size.

    Parameters
    ----------
    network
        In evaluation mode.
    path
        Where the file goes; it is written under another name first.
    """
    slices, rows, columns = (
        step * torch.export.Dim(name, min=low, max=STEPS_MAX)
        for step, name, low in zip(STEP, ("slices", "rows", "columns"), (1, 2, 2), strict=True)
    )
    save_program(
        network,
        path,
        example=torch.zeros(1, 1, *MADE_UP_SHAPE),
        free={2: slices, 3: rows, 4: columns},
        input_name="volumes",
        output_names=("logits",),
    )


def made_up_volumes() -> FloatArray:
    """Return a smooth random volume that shows nobody, exact in half precision, (1, 1, …)."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(-1, 1, (1, 1, 4, 8, 8)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, size=MADE_UP_SHAPE, mode="trilinear")
    return smooth.numpy().astype(np.float16).astype(np.float32)


def ct_description(recipe: CtRecipe, parity: Parity, run: Path) -> dict[str, Any]:
    """Return a bundle's description.

    Parameters
    ----------
    recipe
        What it was trained by.
    parity
        From the comparison with torch.
    run
        Its folder, which says of whom it learned and who was left out.

    Returns
    -------
    dict
        Everything but `schema` and `files`.
    """
    cases = json.loads((run / CASES).read_text(encoding="utf-8"))
    slice_mm, row_mm, column_mm = recipe.spacing_mm
    return {
        "name": recipe.name,
        "version": recipe.version,
        "task": TASK,
        "intended_use": recipe.intended_use,
        "population": recipe.population,
        "input": {
            "size": max(TILE[1:]),
            "channels": 1,
            "range": [-1.0, 1.0],
            "resize": CT_INPUT,
        },
        "temperature": 1.0,
        "labels": [
            {"name": name, "color": color} for name, color in zip(LABELS, COLORS, strict=True)
        ],
        "map_layers": [],
        "map_scale": {},
        "numbers": {"slice_mm": slice_mm, "row_mm": row_mm, "column_mm": column_mm},
        "parity": {
            "films": parity.films,
            "logit_difference": parity.logit_difference,
            "map_difference": parity.map_difference,
        },
        "training": {
            "patients": ", ".join(cases["patients"]),
            "left_out": ", ".join(cases["left_out"]),
            "cases": ", ".join(cases["cases"]),
            "software_version": version(),
        },
    }


def _real_volumes(scans: tuple[TrainingScan, ...]) -> list[FloatArray]:
    volumes = []
    for scan in scans:
        middle = np.array([side // 2 for side in scan.grey.shape], np.int64)
        grey, _labels = cut(scan, middle, crop=PARITY_SHAPE, slices_zoom=1.0)
        volumes.append(np.asarray(grey[None, None] * 2.0 - 1.0, np.float32))
    return volumes


def _parity(network: CtNetwork, path: Path, volume: FloatArray) -> Parity:
    return compare(network, path, ("logits",), volume)
