"""Volumes and their masks out of NIfTI files on disk: values, spacing, and the same place."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ImageError

SUFFIXES: Final = (".nii", ".nii.gz")
VOXELS_MAX: Final = 400_000_000  # 512 × 512 × 1500: a whole body at 1 mm.
_RAS_TO_LPS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])  # NIfTI's axes to DICOM's
_NEAR_MM: Final = 0.01  # two programs round the same place differently


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume, its slices from the feet upwards, rows from the front, columns from the right.

    Attributes
    ----------
    values : (slices, rows, columns) float32
        In the file's own unit, with its slope and intercept; a NIfTI file does not name the unit.
    spacing_mm
        Of slices, rows and columns.
    affine : (4, 4) float64
        From (column, row, slice, 1) to place in mm, DICOM's patient coordinates (LPS).
    """

    values: FloatArray = field(repr=False)
    spacing_mm: tuple[float, float, float]
    affine: NDArray[np.float64] = field(repr=False)


def is_volume(path: Path) -> bool:
    """Say whether a file's name is that of a NIfTI volume."""
    return path.name.lower().endswith(SUFFIXES)


def read_volume(path: Path) -> Volume:
    """Read a NIfTI volume of a local collection.

    Parameters
    ----------
    path
        .nii or .nii.gz, with three dimensions.

    Returns
    -------
    Volume
        Turned to the nearest of the patient's axes (LPS), values unchanged.

    Raises
    ------
    ImageError
        It cannot be read, is no volume, is too large, or says no spacing.
    """
    image = _opened(path)
    shape = tuple(side for side in image.shape if side != 1 or len(image.shape) <= 3)
    if len(shape) != 3 or 0 in shape:
        raise ImageError(
            f"found {' × '.join(str(side) for side in image.shape) or 'no'} voxels – expected a "
            "volume of three dimensions. Cut one out of a series first.",
            code="volume-shape",
        )
    if np.prod(shape) > VOXELS_MAX:
        raise ImageError(
            f"found {np.prod(shape)} voxels – expected at most {VOXELS_MAX}. Cut out the part "
            "that matters.",
            code="volume-too-large",
        )
    return _turned(image, path)


def read_mask(path: Path, volume: Volume, *, labels: tuple[int, ...] = ()) -> BoolArray:
    """Read a mask that lies where a volume lies.

    Parameters
    ----------
    path
        .nii or .nii.gz.
    volume
        What it is a mask of.
    labels
        Which of its values are inside; none means all but 0.

    Returns
    -------
    (slices, rows, columns) bool
        Inside True.

    Raises
    ------
    ImageError
        It cannot be read, or lies elsewhere.
    """
    mask = read_volume(path)
    if mask.values.shape != volume.values.shape or not np.allclose(
        mask.affine, volume.affine, atol=_NEAR_MM
    ):
        raise ImageError(
            "found a mask of another size or place than its volume's – expected the same grid. "
            "Resample the mask to the volume.",
            code="mask-elsewhere",
        )
    rounded = np.round(mask.values)
    return np.isin(rounded, labels) if labels else rounded != 0


def _opened(path: Path) -> Any:
    import nibabel

    try:
        return nibabel.load(path)
    except (OSError, ValueError, EOFError, nibabel.filebasedimages.ImageFileError) as fault:
        raise _unreadable(path, fault) from fault


def _turned(image: Any, path: Path) -> Volume:
    import nibabel

    try:
        upright = nibabel.as_closest_canonical(image)  # type: ignore[no-untyped-call]
        values = np.asarray(upright.dataobj, np.float32)
    except (OSError, ValueError, EOFError) as fault:
        raise _unreadable(path, fault) from fault
    values = values.reshape(values.shape[:3])
    spacing = [float(one) for one in upright.header.get_zooms()[:3]]
    if not all(np.isfinite(spacing)) or min(spacing) <= 0.0:
        raise ImageError(
            f"found a spacing of {spacing} mm – expected three numbers above 0. Mend the header.",
            code="volume-spacing",
        )
    # nibabel's canonical axes run to the right and to the front (RAS).
    columns, rows = (int(side) - 1 for side in upright.shape[:2])
    flip = np.array([[-1, 0, 0, columns], [0, -1, 0, rows], [0, 0, 1, 0], [0, 0, 0, 1]], np.float64)
    return Volume(
        values=np.ascontiguousarray(values[::-1, ::-1].T),
        spacing_mm=(spacing[2], spacing[1], spacing[0]),
        affine=_RAS_TO_LPS @ np.asarray(upright.affine, np.float64) @ flip,
    )


def _unreadable(path: Path, fault: Exception) -> ImageError:
    why = getattr(fault, "strerror", None) or type(fault).__name__
    return ImageError(
        f"found no readable NIfTI file at {path.name} ({why}) – expected a volume. Check the file.",
        code="volume-unreadable",
    )
