"""The calibrations that a bundle keeps, of which the last is in force."""

from collections.abc import Mapping
from typing import Any

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
