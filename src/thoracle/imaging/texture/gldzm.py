"""How far from the border areas of one grey level lie: the distance zone matrix."""

from thoracle.core.arrays import IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import Grouped, lattices
from thoracle.imaging.texture.tally import MEASURES, measure_tallies, tally
from thoracle.imaging.texture.zones import Zones, find_zones

NAMES = (
    "sde", "lde", "lgze", "hgze", "sdlge", "sdhge", "ldlge", "ldhge", "glnu", "glnu_norm",
    "zdnu", "zdnu_norm", "z_perc", "gl_var", "zd_var", "zd_entr",
)  # fmt: skip


def gldzm(levels: IntArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the IBSI's 16 features of the grey level distance zone matrix.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside of the region.
    aggregation
        Of slices; by slice, the border is that of the slice.

    Returns
    -------
    dict
        By name, `dzm_sde` to `dzm_zd_entr`; NaN for an empty region.

    References
    ----------
    IBSI, grey level distance zone based features, VMDZ.
    """
    return distance_features(
        [(one, find_zones(one.lattice)) for one in lattices(levels, aggregation)]
    )


def distance_features(zones: list[tuple[Grouped, Zones]]) -> dict[str, float]:
    """Return the features of zones that have been found already, with their distances."""
    measured = measure_tallies(
        tally(found.levels, found.distances, group=one.group, voxels=one.lattice.voxels)
        for one, found in zones
    )
    return {f"dzm_{name}": measured[each] for name, each in zip(NAMES, MEASURES, strict=False)}
