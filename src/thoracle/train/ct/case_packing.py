"""From a trained case network to a bundle that equals it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.files import replaced_folder
from thoracle.core.version import version
from thoracle.ct.candidates import PATCH_PX
from thoracle.ct.case import CASE_INPUT, KINDS, TASK
from thoracle.inference.bundle import NETWORK
from thoracle.inference.description import write_description
from thoracle.jobs.ct_classify import CASE_BUNDLE, PATIENTS
from thoracle.train.ct.case_data import SPACING_MM, CasePatches
from thoracle.train.ct.case_network import LocationNetwork
from thoracle.train.ct.small_fit import WEIGHTS
from thoracle.train.export import Parity, compare, keep_logits
from thoracle.train.onnx_graph import save_program
from thoracle.train.weights import read_weights

VERSION: Final = "0.1.0"
COLORS: Final = ("#c0392b", "#f2a900", "#3b7dd8")
INTENDED_USE: Final = (
    "Research on the classification of altered regions in chest CT; its kinds are confounded with "
    "scanners, and must not be used for a patient."
)
REAL_PATCHES: Final = 8  # of each scan, to compare with torch.
MADE_UP: Final = 4
COUNT_MAX: Final = 1024  # patches in one run.


def pack_cases(run: Path, scans: Sequence[CasePatches], out: Path, *, width: int) -> Parity:
    """Export a network as a bundle of task "ct_case".

    Parameters
    ----------
    run
        Folder of the finished training.
    scans
        Of which it learned: their patches are compared, their patients counted.
    out
        Folder of the new bundle; an older one is replaced once the new one is whole.
    width
        As for `LocationNetwork`.

    Returns
    -------
    Parity
        How far ONNX Runtime and torch differ.

    Raises
    ------
    BundleError
        The training is not finished, or the exported network differs from torch.
    """
    if not (run / WEIGHTS).is_file():
        raise BundleError(
            f"found no {run / WEIGHTS} – expected the weights of a finished training. Finish it "
            "with thoracle train ct-cases.",
            code="run-unfinished",
        )
    network = LocationNetwork(len(KINDS), width=width)
    network.load_state_dict(read_weights(run / WEIGHTS))
    with replaced_folder(out) as partial:
        write_case_onnx(network.eval(), partial / NETWORK)
        real = np.concatenate([one.patches[:REAL_PATCHES] for one in scans])
        parity = compare(network, partial / NETWORK, ("logits",), real)
        keep_logits(network, partial, made_up_patches(), [parity])
        write_description(partial, case_description(scans, parity))
    return parity


def write_case_onnx(network: LocationNetwork, path: Path) -> None:
    """Write a network in evaluation mode as one ONNX file for any number of patches."""
    save_program(
        network,
        path,
        example=torch.zeros(2, 2, PATCH_PX, PATCH_PX),
        free={0: torch.export.Dim("patches_count", min=1, max=COUNT_MAX)},
        input_name="patches",
        output_names=("logits",),
    )


def made_up_patches() -> FloatArray:
    """Return smooth random patches that show nobody, exact in half precision, (4, 2, 48, 48)."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(-1, 1, (MADE_UP, 1, 6, 6)).astype(np.float32))
    grey = torch.nn.functional.interpolate(coarse, size=[PATCH_PX, PATCH_PX], mode="bilinear")
    edge = torch.linspace(0.0, 0.125, MADE_UP).view(-1, 1, 1, 1).expand_as(grey)
    return torch.cat((grey, edge), dim=1).numpy().astype(np.float16).astype(np.float32)


def case_description(scans: Sequence[CasePatches], parity: Parity) -> dict[str, Any]:
    """Return a bundle's description.

    Parameters
    ----------
    scans
        Of which it learned.
    parity
        From the comparison with torch.

    Returns
    -------
    dict
        Everything but `schema` and `files`.
    """
    slice_mm, row_mm, column_mm = SPACING_MM
    return {
        "name": CASE_BUNDLE,
        "version": VERSION,
        "task": TASK,
        "intended_use": INTENDED_USE,
        "population": "adults",
        "input": {"size": PATCH_PX, "channels": 2, "range": [-1.0, 1.0], "resize": CASE_INPUT},
        "temperature": 1.0,
        "labels": [
            {"name": name, "color": color} for name, color in zip(KINDS, COLORS, strict=True)
        ],
        "map_layers": [],
        "map_scale": {},
        "numbers": {"slice_mm": slice_mm, "row_mm": row_mm, "column_mm": column_mm}
        | _counts(scans),
        "parity": {
            "films": parity.films,
            "logit_difference": parity.logit_difference,
            "map_difference": parity.map_difference,
        },
        "training": {
            "patients": ", ".join(sorted({one.patient for one in scans})),
            "scans": ", ".join(one.name for one in scans),
            "labeled_by": ", ".join(sorted({one.labeled_by for one in scans})),
            "software_version": version(),
        },
    }


def _counts(scans: Sequence[CasePatches]) -> dict[str, int]:
    """Return of how many patients each kind was learned."""
    diseases = {one.patient: one.disease for one in scans}
    return {name: list(diseases.values()).count(kind) for kind, name in enumerate(PATIENTS)}
