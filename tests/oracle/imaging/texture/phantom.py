"""The IBSI's digital phantom and its reference values, as published.

Voxels and mask: theibsi/data_sets, ibsi_1_digital_phantom (Alex Zwanenburg; CC BY 4.0), read off
its DICOM files by PolusAI/nyxus, tests/test_data.h (MIT). Those files, withdrawn since, stack the
phantom along rows: the slices here are those whose co-occurrences the manual prints
(theibsi/ibsi-doc, "Digital phantom texture matrices"), which the test counts again.

Values and tolerances, `ibsi_digital_phantom.csv`: the IBSI's table (arXiv 1612.07003) as it stands
in oncoray/mirp, test/data/ibsi_1_reference_values/ibsi_1_dig_phantom.csv. A tolerance of 0 means
that the three digits given must be met.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.arrays import BoolArray, IntArray

SPACING_MM = (2.0, 2.0, 2.0)
_SLICES = (
    ("14411", "14611", "41641", "44641"),
    ("14411", "11611", "11311", "44611"),
    ("14411", "11111", "11911", "11611"),
    ("14411", "11111", "11111", "11611"),
)
_INSIDE = (
    ("11111", "11111", "11111", "11111"),
    ("11111", "11111", "01111", "11111"),
    ("11100", "11111", "11011", "11111"),
    ("11100", "11111", "11111", "11111"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One published value."""

    value: float
    tolerance: float


def phantom() -> tuple[IntArray, BoolArray]:
    """Return the phantom's levels and its region, (4, 4, 5)."""
    return _read(_SLICES), _read(_INSIDE) > 0


def reference_values() -> dict[str, Reference]:
    """Return the published values by tag."""
    with (Path(__file__).parent / "ibsi_digital_phantom.csv").open(encoding="utf-8") as stream:
        return {
            row["tag"]: Reference(value=float(row["value"]), tolerance=float(row["tolerance"]))
            for row in csv.DictReader(stream, delimiter=";")
        }


def half_digit(value: float) -> float:
    """Return half of the third digit of a value: what rounding to three digits hides."""
    return 0.5 * 10.0 ** (np.floor(np.log10(abs(value))) - 2) if value else 1e-12


def _read(slices: tuple[tuple[str, ...], ...]) -> IntArray:
    return np.array([[[int(one) for one in row] for row in rows] for rows in slices], np.int64)
