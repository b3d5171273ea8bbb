"""Boxes that readers drew around findings: NIH's BBox_List_2017.csv."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.core.errors import ManifestError

ORIGINAL_SIDE_PX = 1024.0
"""Side of ChestX-ray14's films, on which its boxes are given: Wang et al., CVPR 2017."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One box: what was seen, and where, in shares of the film's sides from its top left."""

    finding: str
    left: float
    top: float
    width: float
    height: float


def read_outlines(path: Path) -> Mapping[str, tuple[Outline, ...]]:
    """Read the boxes of NIH's table.

    Parameters
    ----------
    path
        Image Index, Finding Label, then x, y, width and height in pixels of the original.

    Returns
    -------
    mapping
        From a film's file name without its extension to its boxes.

    Raises
    ------
    ManifestError
        The file cannot be read, or a row is none of a box.
    """
    found: dict[str, tuple[Outline, ...]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in list(csv.reader(stream))[1:]:
                left, top, width, height = (float(one) / ORIGINAL_SIDE_PX for one in row[2:6])
                box = Outline(finding=row[1], left=left, top=top, width=width, height=height)
                found[Path(row[0]).stem] = (*found.get(Path(row[0]).stem, ()), box)
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise ManifestError(
            f"found no boxes in {path} ({type(error).__name__}) – expected NIH's "
            "BBox_List_2017.csv: name, finding, x, y, width, height. Correct the path.",
            code="boxes-unreadable",
        ) from error
    return found


def region_of(outlines: tuple[Outline, ...], *, rows: int, columns: int) -> BoolArray:
    """Return what boxes cover on a film's grid, (rows, columns) bool."""
    region = np.zeros((rows, columns), bool)
    for one in outlines:
        top, bottom = round(one.top * rows), round((one.top + one.height) * rows)
        left, right = round(one.left * columns), round((one.left + one.width) * columns)
        region[top:bottom, left:right] = True
    return region
