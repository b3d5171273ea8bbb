"""How far measures differ between two scans of which it is known that nothing changed.

A lesion's volume is uncertain at its border, so its difference is told as a shift of the border in
mm, which can be carried to lesions of another size; a lung's as a share of its volume.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, ByteArray
from thoracle.core.errors import SettingError
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG

COVERED: Final = 1.96  # 95 % of a normal distribution
LESIONS: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "infection": (GROUND_GLASS, CONSOLIDATION),
        "ground_glass": (GROUND_GLASS,),
        "consolidation": (CONSOLIDATION,),
    }
)
"""What has a border of its own, and the labels it is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A volume and the faces of its voxels that look outwards."""

    ml: float
    surface_mm2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatability:
    """What measures vary by where nothing changed.

    Attributes
    ----------
    pairs
        How many pairs of scans it was learned from.
    labeled_by
        Who drew the labels.
    border_mm
        By the names of `LESIONS`: within-scan standard deviation of the border's place.
    lung_share
        Within-scan standard deviation of the lung volume, as a share of it.
    """

    pairs: int
    labeled_by: str
    border_mm: Mapping[str, float]
    lung_share: float

    def difference_ml(self, lesion: str, surface_mm2: float) -> float:
        """Return what 95 % of differences between two such scans stay below, in ml."""
        return COVERED * float(np.sqrt(2.0)) * self.border_mm[lesion] * surface_mm2 / 1000.0

    def lung_difference_ml(self, volume_ml: float) -> float:
        """Return the same for a lung volume; depth of breath is not in it."""
        return COVERED * float(np.sqrt(2.0)) * self.lung_share * volume_ml


def amounts(label_map: ByteArray, spacing_mm: tuple[float, float, float]) -> dict[str, Amount]:
    """Measure lungs and lesions of a label map, by "lung" and the names of `LESIONS`.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        Labels of `thoracle.ct.types`.
    spacing_mm
        Of slices, rows and columns.

    Returns
    -------
    dict of str to Amount
        Lungs include what is ill.
    """
    voxel_ml = float(np.prod(spacing_mm)) / 1000.0
    found = {}
    for name, labels in {"lung": (LUNG, GROUND_GLASS, CONSOLIDATION), **LESIONS}.items():
        mask = label_map == labels[0]  # one mask at a time: a large scan has 150 MB of voxels
        for label in labels[1:]:
            mask |= label_map == label
        found[name] = Amount(
            ml=float(np.count_nonzero(mask) * voxel_ml), surface_mm2=surface(mask, spacing_mm)
        )
    return found


def surface(mask: BoolArray, spacing_mm: tuple[float, float, float]) -> float:
    """Return the area of all faces between inside and outside, in mm².

    A slanted surface counts up to 1.7 times, in each scan alike.
    """
    total = 0.0
    for axis, side in enumerate(spacing_mm):
        face = float(np.prod(spacing_mm)) / side
        edges = np.count_nonzero(np.diff(mask, axis=axis))
        ends = np.count_nonzero(mask.take(0, axis)) + np.count_nonzero(mask.take(-1, axis))
        total += face * (edges + ends)
    return total


def learned(
    pairs: Sequence[tuple[Mapping[str, Amount], Mapping[str, Amount]]], *, labeled_by: str
) -> Repeatability:
    """Learn how far measures differ where nothing changed.

    Parameters
    ----------
    pairs
        From `amounts`, of both scans of each pair.
    labeled_by
        Who drew the labels.

    Returns
    -------
    Repeatability
        Standard deviations from the squares of the differences; a lesion that no pair has gets
        the largest of the others, for nothing says that it is any better.

    Raises
    ------
    SettingError
        There is no pair, or none with lungs and lesions.
    """
    shifts = {name: _deviation([_shift(a[name], b[name]) for a, b in pairs]) for name in LESIONS}
    lungs = _deviation([_share(a["lung"].ml, b["lung"].ml) for a, b in pairs])
    if np.isnan(lungs) or np.isnan(shifts["infection"]):
        raise SettingError(
            f"found {len(pairs)} pairs, none with lungs and lesions in both scans – expected at "
            "least one. Give two label maps of one patient between which nothing changed.",
            code="ct-repeatability",
        )
    largest = float(np.nanmax(list(shifts.values())))
    return Repeatability(
        pairs=len(pairs),
        labeled_by=labeled_by,
        border_mm={name: largest if np.isnan(one) else one for name, one in shifts.items()},
        lung_share=lungs,
    )


def read_repeatability(path: Path | None = None) -> Repeatability:
    """Read what `thoracle ct repeatability` wrote; without a path what the package brings.

    Raises
    ------
    SettingError
        It is no such file.
    """
    place = path or resources.files("thoracle.ct") / "repeatability.toml"
    try:
        said = tomllib.loads(place.read_text("utf-8"))
        return Repeatability(
            pairs=int(said["pairs"]),
            labeled_by=str(said["labeled_by"]),
            border_mm={name: float(said["border_mm"][name]) for name in LESIONS},
            lung_share=float(said["lung_share"]),
        )
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as why:
        raise SettingError(
            f"found no repeatability in {place.name} ({type(why).__name__}) – expected pairs, "
            "labeled_by, lung_share and a table border_mm. Write it with thoracle ct "
            "repeatability.",
            code="ct-repeatability-unreadable",
        ) from why


def repeatability_toml(made: Repeatability) -> str:
    """Write it as TOML."""
    import tomli_w

    return tomli_w.dumps(
        {
            "pairs": made.pairs,
            "labeled_by": made.labeled_by,
            "lung_share": round(made.lung_share, 7),
            "border_mm": {name: round(one, 5) for name, one in made.border_mm.items()},
        }
    )


def _shift(first: Amount, second: Amount) -> float:
    surface_mm2 = (first.surface_mm2 + second.surface_mm2) / 2.0
    return (first.ml - second.ml) * 1000.0 / surface_mm2 if surface_mm2 else np.nan


def _share(first: float, second: float) -> float:
    return (first - second) * 2.0 / (first + second) if first + second else np.nan


def _deviation(differences: Sequence[float]) -> float:
    """Return the within-scan standard deviation that differences of pairs tell of."""
    known = [one for one in differences if not np.isnan(one)]
    return float(np.sqrt(np.mean(np.square(known)) / 2.0)) if known else float("nan")
