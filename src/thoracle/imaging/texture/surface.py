"""The surface of a region of a volume, half way between its voxels and those outside."""

from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.imaging.texture.cubes import TRIANGLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A closed mesh around a region.

    Attributes
    ----------
    volume, area
        In the cube and square of the spacing's unit.
    points : (points, 3) float64
        Its corners, each once.
    """

    volume: float
    area: float
    points: DoubleArray = field(repr=False)


def surface_of(mask: BoolArray, spacing: tuple[float, float, float]) -> Surface:
    """Lay a mesh around a region with marching cubes.

    Parameters
    ----------
    mask : (slices, rows, columns) bool
        Region True, at least one voxel.
    spacing
        Of slices, rows and columns, in one unit.

    Returns
    -------
    Surface
        Around all its pieces and holes.

    References
    ----------
    Lewiner et al. 2003; IBSI, mesh-based representation, WRJH.
    """
    framed = np.pad(mask, 1)
    corners = np.zeros([side - 1 for side in framed.shape], np.uint8)
    for bit in range(8):
        at = tuple(slice(bit >> shift & 1, (bit >> shift & 1) - 1 or None) for shift in (2, 1, 0))
        corners |= framed[at].astype(np.uint8) << np.uint8(bit)
    places = np.flatnonzero((corners > 0) & (corners < 255))
    kinds = corners.ravel()[places]
    order = np.argsort(kinds, kind="stable")
    bases = 2 * np.stack(np.unravel_index(places[order], corners.shape), axis=1)
    numbers, starts = np.unique(kinds[order], return_index=True)
    triangles = np.concatenate(
        [
            (part[:, None, None, :] + TRIANGLES[number]).reshape(-1, 3, 3)
            for number, part in zip(numbers, np.split(bases, starts[1:]), strict=True)
        ]
    )
    steps = np.asarray(spacing) / 2.0
    one, other, third = np.moveaxis(triangles * steps, 1, 0)
    normals = np.cross(other - one, third - one)
    volume = np.einsum("ij,ij->", one, np.cross(other, third)) / 6.0
    return Surface(
        volume=float(abs(volume)),
        area=float(np.linalg.norm(normals, axis=1).sum() / 2.0),
        points=np.unique(triangles.reshape(-1, 3), axis=0) * steps,
    )
