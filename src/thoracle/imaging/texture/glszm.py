"""How large areas of one grey level are: the size zone matrix and its features."""

from thoracle.core.arrays import IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import Grouped, lattices
from thoracle.imaging.texture.tally import MEASURES, measure_tallies, tally
from thoracle.imaging.texture.zones import Zones, find_zones

NAMES = (
    "sze", "lze", "lgze", "hgze", "szlge", "szhge", "lzlge", "lzhge", "glnu", "glnu_norm",
    "zsnu", "zsnu_norm", "z_perc", "gl_var", "zs_var", "zs_entr",
)  # fmt: skip


def glszm(levels: IntArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the IBSI's 16 features of the grey level size zone matrix.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside of the region.
    aggregation
        Of slices.

    Returns
    -------
    dict
        By name, `szm_sze` to `szm_zs_entr`; NaN for an empty region.

    References
    ----------
    IBSI, grey level size zone based features, 9SAK.
    """
    grouped = list(lattices(levels, aggregation))
    return size_features([(one, find_zones(one.lattice, with_distances=False)) for one in grouped])


def size_features(zones: list[tuple[Grouped, Zones]]) -> dict[str, float]:
    """Return the features of zones that have been found already, one set for each slice."""
    measured = measure_tallies(
        tally(found.levels, found.sizes, group=one.group, voxels=one.lattice.voxels)
        for one, found in zones
    )
    return {f"szm_{name}": measured[each] for name, each in zip(NAMES, MEASURES, strict=False)}
