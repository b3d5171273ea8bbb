"""Draw what was measured of many files: regions side by side, and which features say the same."""

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.files import write_atomically
from thoracle.imaging.texture.definitions import FEATURES
from thoracle.jobs.texture import MeasuredFile
from thoracle.radiograph.texture import RegionTexture
from thoracle.reporting.texture_plots import FILMS_MIN, SHOWN, correlation_svg, regions_svg


def _written(path: Path, picture: str) -> Path:
    write_atomically(path, picture.encode("utf-8"))
    return path


def draw_plots(measured: Sequence[MeasuredFile], folder: Path) -> list[Path]:
    """Write the plots of some files into a folder.

    Parameters
    ----------
    measured
        Those without regions are left out.
    folder
        Made when it is missing.

    Returns
    -------
    list of Path
        texture-regions.svg, and texture-correlation.svg where enough files were measured; nothing
        where no file was.
    """
    found = [each.regions for each in measured if each.regions]
    if not found:
        return []
    titles = {name: one.title for name, one in FEATURES.items()}
    pictures = {
        "texture-regions.svg": regions_svg(_by_feature(list(chain.from_iterable(found))), titles)
    }
    names, table = _known([regions[0] for regions in found])
    if len(table) >= FILMS_MIN and names:
        pictures["texture-correlation.svg"] = correlation_svg(table, names)
    return [_written(folder / name, picture) for name, picture in pictures.items()]


def _by_feature(regions: Sequence[RegionTexture]) -> Mapping[str, Mapping[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    for one in regions:
        for name in SHOWN:
            if name in one.features:
                found.setdefault(name, {}).setdefault(one.region, []).append(one.features[name])
    return found


def _known(regions: Sequence[RegionTexture]) -> tuple[list[str], DoubleArray]:
    """Return the plain features that every one of the regions has, and their values."""
    names = [
        name
        for name in FEATURES
        if all(not math.isnan(one.features.get(name, math.nan)) for one in regions)
    ]
    table = np.array([[one.features[name] for name in names] for one in regions], np.float64)
    return names, table
