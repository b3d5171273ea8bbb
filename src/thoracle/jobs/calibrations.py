"""The calibrations that a bundle keeps, of which the last is in force."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thoracle.core.errors import EvaluationError
from thoracle.inference.bundle import Bundle
from thoracle.inference.description import read_description

SHIPPED = "shipped"
"""The one that an export makes, on the calibrate part of the training manifest."""


def calibration_in_force(table: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the entry whose temperature and thresholds a bundle uses.

    Parameters
    ----------
    table
        A bundle's description.

    Returns
    -------
    mapping or None
        With name, films, manifest_digest, temperature, thresholds and notes; None for a bundle
        that keeps none, such as a gate.
    """
    kept = table.get("calibrations", [])
    return kept[-1] if kept else None


def name_in_force(table: Mapping[str, Any]) -> str:
    """Return the name of the calibration in force, "" where there is none."""
    entry = calibration_in_force(table)
    return "" if entry is None else str(entry["name"])


def check_new_calibration(bundle: Bundle, *, site: str, out: Path) -> None:
    """Refuse what a new calibration cannot be called, or written to.

    Parameters
    ----------
    bundle
        That is to be calibrated.
    site
        Name of the calibration; folders bear it.
    out
        Folder of the new bundle.

    Raises
    ------
    EvaluationError
        `site` is no such name, `out` exists, or the bundle has a calibration of that name.
    """
    if not re.fullmatch(r"[\w-][\w.-]*", site):
        raise EvaluationError(
            f"found the name {site!r} for a calibration – expected letters, digits, '-', '_' or "
            "'.' only. Choose another with --site.",
            code="calibration-name",
        )
    if out.exists():
        raise EvaluationError(
            f"found {out} – expected a new folder. Choose another with --out.",
            code="calibration-exists",
        )
    kept = {one["name"] for one in read_description(bundle.folder).get("calibrations", [])}
    if site in kept:
        raise EvaluationError(
            f"found a calibration {site!r} in {bundle.name} – expected a new name, since all are "
            "kept. Choose another with --site.",
            code="calibration-exists",
        )
