"""A small chest by formula, moved by any matrix without interpolating."""

import numpy as np

from thoracle.core.arrays import BoolArray, ByteArray, DoubleArray
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG
from thoracle.imaging.scan import CtScan, ScanFacts

SHAPE = (40, 40, 48)
SPACING_MM = (6.0, 6.0, 6.0)
CENTER_MM = np.array([0.0, 0.0, 0.0])
LESION_MM = np.array([-70.0, 20.0, -20.0])


def affine_of(shape: tuple[int, ...] = SHAPE, shift: tuple[float, ...] = (0, 0, 0)) -> DoubleArray:
    """Return a scan's affine whose middle voxel lies at `shift` in mm."""
    made = np.diag([*SPACING_MM[::-1], 1.0])
    made[:3, 3] = np.array(shift) - (np.array(shape[::-1]) - 1) / 2 * SPACING_MM[::-1]
    return made


def places_mm(affine: DoubleArray, shape: tuple[int, ...] = SHAPE) -> DoubleArray:
    """Return the places of all voxels, (slices, rows, columns, 3)."""
    slices, rows, columns = np.indices(shape)
    return np.stack([columns, rows, slices], axis=-1) @ affine[:3, :3].T + affine[:3, 3]


def _egg(at: DoubleArray, center: tuple[float, ...], half: tuple[float, ...]) -> BoolArray:
    return np.asarray((((at - center) / half) ** 2).sum(axis=-1) <= 1.0)


def chest(
    matrix: DoubleArray | None = None,
    *,
    affine: DoubleArray | None = None,
    radius_mm: float = 30.0,
    label: int = GROUND_GLASS,
    seed: int = 1,
) -> tuple[CtScan, ByteArray]:
    """Return a scan and its labels; `matrix` is from a place of the chest to where it went."""
    affine = affine_of() if affine is None else affine
    at = places_mm(affine)
    if matrix is not None:
        back = np.linalg.inv(matrix)
        at = at @ back[:3, :3].T + back[:3, 3]
    rng = np.random.default_rng(seed)
    hu = np.full(SHAPE, -1000.0)
    hu[_egg(at, (0, 0, 0), (138, 112, 150))] = 40.0
    # The left lung is smaller and leaves room for a heart, so that a mirrored chest is another one.
    lungs = _egg(at, (-68, 0, 0), (52, 80, 100)) | _egg(at, (72, 12, 8), (44, 66, 92))
    hu[lungs] = -850.0
    hu[_egg(at, (10, 95, 0), (22, 16, 150))] = 400.0
    for center in rng.uniform((-105, -70, -85), (105, 70, 85), (60, 3)):
        far = ((at - center) ** 2).sum(axis=-1)
        hu += np.where(lungs, 500.0 * np.exp(-far / (2 * 9.0**2)), 0.0)
    labels = np.where(lungs, LUNG, 0).astype(np.uint8)
    ill = lungs & (((at - LESION_MM) ** 2).sum(axis=-1) <= radius_mm**2)
    labels[ill] = label
    hu[ill] = 10.0 if label == CONSOLIDATION else -500.0
    hu += rng.normal(0.0, 15.0, SHAPE)
    scan = CtScan(
        hu=hu.astype(np.int16),
        spacing_mm=SPACING_MM,
        affine=affine,
        sha256=f"{seed:064d}",
        facts=ScanFacts(format="NIfTI", files=1),
    )
    return scan, labels


def moved(
    *, turn_degrees: float = 0.0, shift_mm: tuple[float, ...] = (0, 0, 0), scale: float = 1.0
) -> DoubleArray:
    """Return a matrix that turns about the long axis, scales along it, and shifts."""
    angle = np.radians(turn_degrees)
    made = np.eye(4)
    made[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    made[2, 2] = scale
    made[:3, 3] = shift_mm
    return made


def error_mm(found: DoubleArray, true: DoubleArray, labels: ByteArray) -> float:
    """Return the mean distance between both matrices' places, over the lungs."""
    at = places_mm(affine_of())[labels > 0]
    one, other = (at @ m[:3, :3].T + m[:3, 3] for m in (found, true))
    return float(np.linalg.norm(one - other, axis=1).mean())
