"""Size and form of a region of a volume: the IBSI's morphological features."""

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.imaging.texture.first_order import ratio
from thoracle.imaging.texture.lattice import box_of
from thoracle.imaging.texture.spatial import spatial_autocorrelation
from thoracle.imaging.texture.surface import Surface, surface_of

NAMES = (
    "volume", "vol_approx", "area_mesh", "av", "comp_1", "comp_2", "sph_dispr", "sphericity",
    "asphericity", "com", "diam", "pca_maj_axis", "pca_min_axis", "pca_least_axis",
    "pca_elongation", "pca_flatness", "vol_dens_aabb", "area_dens_aabb", "vol_dens_aee",
    "area_dens_aee", "vol_dens_conv_hull", "area_dens_conv_hull", "integ_int", "moran_i",
    "geary_c",
)  # fmt: skip
LEGENDRE_TERMS = 20  # of the ellipsoid's surface: the IBSI's own number.


def volume_shape(
    image: DoubleArray, mask: BoolArray, *, spacing: tuple[float, float, float]
) -> dict[str, float]:
    """Return 25 of the IBSI's 29 morphological features.

    The oriented bounding box and the enclosing ellipsoid of least volume are left out: the IBSI
    has no reference values for them.

    Parameters
    ----------
    image : (slices, rows, columns) float64
        Grey: for the center of mass shift, the integrated intensity and the two indices.
    mask : (slices, rows, columns) bool
        Region True.
    spacing
        Of slices, rows and columns, in mm.

    Returns
    -------
    dict
        By name, `morph_volume` to `morph_geary_c`, in mm; NaN for an empty region, and for what a
        region of one voxel or of one plane does not have.

    References
    ----------
    IBSI, morphological features, HCUG.
    """
    if not mask.any():
        return {f"morph_{name}": float("nan") for name in NAMES}
    box = box_of(mask)
    image, mask = image[box], mask[box]
    mesh = surface_of(mask, spacing)
    values = image[mask]
    centers = np.argwhere(mask) * np.asarray(spacing)
    moran, geary = spatial_autocorrelation(image, mask, spacing)
    found = {
        "volume": mesh.volume,
        "vol_approx": float(len(centers) * np.prod(spacing)),
        "area_mesh": mesh.area,
        "av": ratio(mesh.area, mesh.volume),
        **_roundness(mesh),
        **_axes(centers, mesh),
        **_hulls(mesh),
        "com": _center_shift(centers, values),
        "integ_int": mesh.volume * float(values.mean()),
        "moran_i": moran,
        "geary_c": geary,
    }
    return {f"morph_{name}": found[name] for name in NAMES}


def _roundness(mesh: Surface) -> dict[str, float]:
    round_ = 36.0 * np.pi * mesh.volume**2 / mesh.area**3
    return {
        "comp_1": float(np.sqrt(round_) / (6.0 * np.pi)),
        "comp_2": round_,
        "sph_dispr": round_ ** (-1 / 3),
        "sphericity": round_ ** (1 / 3),
        "asphericity": round_ ** (-1 / 3) - 1.0,
    }


def _center_shift(centers: DoubleArray, values: DoubleArray) -> float:
    total = float(values.sum())
    if not total:
        return float("nan")
    return float(np.linalg.norm(centers.mean(axis=0) - values @ centers / total))


def _axes(centers: DoubleArray, mesh: Surface) -> dict[str, float]:
    names = ("maj_axis", "min_axis", "least_axis", "elongation", "flatness")
    nothing = dict.fromkeys([f"pca_{one}" for one in names], float("nan"))
    nothing |= {"vol_dens_aee": float("nan"), "area_dens_aee": float("nan")}
    if len(centers) < 2:
        return nothing
    spreads = np.maximum(np.linalg.eigvalsh(np.cov(centers, rowvar=False)), 0.0)[::-1]
    major, minor, least = (float(one) for one in 2.0 * np.sqrt(spreads))  # half axes
    found = {
        "pca_maj_axis": 2.0 * major,
        "pca_min_axis": 2.0 * minor,
        "pca_least_axis": 2.0 * least,
        "pca_elongation": ratio(minor, major),
        "pca_flatness": ratio(least, major),
    }
    if least > 0.0:
        found["vol_dens_aee"] = 3.0 * mesh.volume / (4.0 * np.pi * major * minor * least)
        found["area_dens_aee"] = mesh.area / ellipsoid_area(major, minor, least)
    return nothing | found


def ellipsoid_area(major: float, minor: float, least: float) -> float:
    """Return the surface of an ellipsoid by its half axes, as the IBSI's series (RDD2) has it.

    The series is exact for a ball; an ellipsoid's true surface differs from it, by 4 % for the
    IBSI's digital phantom, whose published value is that of the series.
    """
    from numpy.polynomial.legendre import legval

    alpha = np.sqrt(1.0 - (minor / major) ** 2)
    beta = np.sqrt(1.0 - (least / major) ** 2)
    terms = np.arange(LEGENDRE_TERMS + 1.0)
    if alpha * beta == 0.0:  # a spheroid or a ball: the series in its limit
        alpha = max(alpha, 1e-6)
        beta = max(beta, 1e-6)
    weights = (alpha * beta) ** terms / (1.0 - 4.0 * terms**2)
    place = (alpha**2 + beta**2) / (2.0 * alpha * beta)
    return float(4.0 * np.pi * major * minor * legval(place, weights))


def _hulls(mesh: Surface) -> dict[str, float]:
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist

    sides = mesh.points.max(axis=0) - mesh.points.min(axis=0)
    hull = ConvexHull(mesh.points)
    faces = 2.0 * float(sides[0] * sides[1] + sides[0] * sides[2] + sides[1] * sides[2])
    return {
        "diam": float(pdist(mesh.points[hull.vertices]).max()),
        "vol_dens_aabb": mesh.volume / float(np.prod(sides)),
        "area_dens_aabb": mesh.area / faces,
        "vol_dens_conv_hull": mesh.volume / float(hull.volume),
        "area_dens_conv_hull": mesh.area / float(hull.area),
    }
