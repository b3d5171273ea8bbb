"""Lay a later scan over an earlier one of the same patient, and say how well that went.

Rigid, then affine, from coarse to fine, by mutual information of lung-window grey in and around the
lungs. SimpleITK (extra `ct`) does the search; the result is one matrix, and NumPy uses it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import ImageError, MissingExtraError
from thoracle.core.extras import how_to_install
from thoracle.ct.grey import lung_grey
from thoracle.ct.overlap import Overlap, mirrored_along, overlap_of
from thoracle.imaging.scan import CtScan

SEARCH_MM: Final = 3.0  # fine enough for vessels to count, small enough for any scan
RIM_MM: Final = 12.0  # ribs and diaphragm beside the lungs hold them in place
SAMPLES: Final = 20_000  # more gain less than a tenth of a millimeter on the phantom
SEED: Final = 20
LUNGS_MIN_ML: Final = 200.0  # less is no pair of lungs, not even an infant's


class RegistrationError(ImageError):
    """Two scans cannot be laid over each other."""

    code = "ct-registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Where each place of the earlier scan lies in the later one.

    Attributes
    ----------
    matrix : (4, 4) float64
        From a place in mm of the earlier scan (LPS) to the same place of the later one.
    before, after : Overlap
        How well the lungs lie over each other by their centers alone, and by `matrix`.
    volume_ratio
        Later over earlier volume that `matrix` stretches by.
    stretch
        Smallest and largest factor along any direction; 1 is none.
    rotation_degrees
        Of the rigid part.
    mirrored
        The axis (0 feet–head, 1 front–back, 2 right–left) along which the later scan fits better
        when it is mirrored; None where it fits best as it is.
    """

    matrix: DoubleArray
    before: Overlap
    after: Overlap
    volume_ratio: float
    stretch: tuple[float, float]
    rotation_degrees: float
    mirrored: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """A scan on a small grid: grey of the lung window, and lungs.

    `grey` is (slices, rows, columns) float32, −1 to 1; `lungs` bool; `affine` as a scan's.
    """

    grey: FloatArray
    lungs: BoolArray
    affine: DoubleArray

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Of slices, rows and columns."""
        column, row, slice_ = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(slice_), float(row), float(column)

    @property
    def center_mm(self) -> DoubleArray:
        """Center of the lungs, in mm (LPS)."""
        slices, rows, columns = (places.mean() for places in np.nonzero(self.lungs))
        return np.asarray((self.affine @ [columns, rows, slices, 1.0])[:3])


def coarse_view(scan: CtScan, lungs: BoolArray, *, spacing_mm: float = SEARCH_MM) -> Coarse:
    """Average a scan over blocks of whole voxels.

    Parameters
    ----------
    scan
        Its HU are not copied as a whole.
    lungs : (slices, rows, columns) bool
        Both lungs with all that is in them, on the scan's grid.
    spacing_mm
        Blocks are as large as they can be without being larger than this.

    Returns
    -------
    Coarse
        A block is lung where half of it is.

    Raises
    ------
    RegistrationError
        There are next to no lungs, or the masks lie on another grid.
    """
    if lungs.shape != scan.hu.shape:
        raise RegistrationError(
            f"found lungs of {lungs.shape} voxels for a scan of {scan.hu.shape} – expected the "
            "scan's own grid. Segment this scan."
        )
    volume_ml = np.count_nonzero(lungs) * scan.voxel_ml
    if volume_ml < LUNGS_MIN_ML:
        raise RegistrationError(
            f"found {volume_ml:.0f} ml of lungs – expected at least {LUNGS_MIN_ML:.0f} ml to lay "
            "scans over each other by. Check the segmentation, and that this is a chest.",
            code="ct-registration-no-lungs",
        )
    factors = [max(1, int(spacing_mm // one)) for one in scan.spacing_mm]
    shift = np.array([(one - 1) / 2 for one in reversed(factors)])
    affine = scan.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ shift
    affine[:3, :3] *= factors[::-1]
    return Coarse(
        grey=lung_grey(_block_means(scan.hu, factors)),
        lungs=_block_means(lungs, factors) >= 0.5,
        affine=affine,
    )


def register(
    earlier: Coarse, later: Coarse, *, threads: int = 1, samples: int = SAMPLES
) -> Registration:
    """Find where each place of an earlier scan lies in a later one.

    Parameters
    ----------
    earlier, later
        From `coarse_view`.
    threads
        With 1 the same scans give the same matrix to the last digit.
    samples
        Voxels that the search looks at in each step.

    Returns
    -------
    Registration
        Also where it went wrong: `thoracle.ct.overlap` says what to think of it.
    """
    center, target = earlier.center_mm, later.center_mm
    start = np.eye(4)
    start[:3, 3] = target - center
    search = _Search(earlier, later, threads=threads, samples=samples)
    rigid = search.rigid(center, target - center)
    matrix = search.affine(rigid)
    _, factors, _ = np.linalg.svd(matrix[:3, :3])
    return Registration(
        matrix=matrix,
        before=overlap_of(earlier, later, start),
        after=overlap_of(earlier, later, matrix),
        volume_ratio=float(np.linalg.det(matrix[:3, :3])),
        stretch=(float(factors.min()), float(factors.max())),
        rotation_degrees=_angle(matrix[:3, :3]),
        mirrored=mirrored_along(earlier, later, (start, matrix)),
    )


class _Search:
    """Both scans as SimpleITK takes them, and the two searches."""

    def __init__(self, earlier: Coarse, later: Coarse, *, threads: int, samples: int) -> None:
        self._itk = require_simpleitk()
        self._threads, self._samples = threads, samples
        self._fixed = self._image(earlier.grey, earlier.affine)
        self._moving = self._image(later.grey, later.affine)
        rim = self._image(earlier.lungs.astype(np.uint8), earlier.affine)
        reach = [max(1, round(RIM_MM / one)) for one in reversed(earlier.spacing_mm)]
        self._rim = self._itk.BinaryDilate(rim, reach)

    def rigid(self, center: DoubleArray, shift: DoubleArray) -> Any:
        """Turn and shift, from the centers of the lungs."""
        transform = self._itk.Euler3DTransform()
        transform.SetCenter(center.tolist())
        transform.SetTranslation(shift.tolist())
        self._run(transform, shrink=[4, 2], smooth_mm=[6.0, 3.0], step=4.0)
        return transform

    def affine(self, rigid: Any) -> DoubleArray:
        """Stretch and shear too, from the rigid place."""
        transform = self._itk.AffineTransform(3)
        transform.SetCenter(rigid.GetCenter())
        transform.SetMatrix(rigid.GetMatrix())
        transform.SetTranslation(rigid.GetTranslation())
        self._run(transform, shrink=[2, 1], smooth_mm=[3.0, 0.0], step=2.0)
        linear = np.asarray(transform.GetMatrix()).reshape(3, 3)
        center = np.asarray(transform.GetCenter())
        matrix = np.eye(4)
        matrix[:3, :3] = linear
        matrix[:3, 3] = center + transform.GetTranslation() - linear @ center
        return matrix

    def _run(
        self, transform: Any, *, shrink: list[int], smooth_mm: list[float], step: float
    ) -> None:
        method = self._itk.ImageRegistrationMethod()
        method.SetNumberOfThreads(self._threads)
        method.SetNumberOfWorkUnits(self._threads)
        method.SetMetricAsMattesMutualInformation(32)
        method.SetMetricFixedMask(self._rim)
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentagePerLevel([self._share(one) for one in shrink], SEED)
        method.SetInterpolator(self._itk.sitkLinear)
        method.SetShrinkFactorsPerLevel(shrink)
        method.SetSmoothingSigmasPerLevel(smooth_mm)
        method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
        method.SetOptimizerAsRegularStepGradientDescent(step, 1e-3, 60, relaxationFactor=0.6)
        method.SetOptimizerScalesFromPhysicalShift()
        method.SetInitialTransform(transform, inPlace=True)
        method.Execute(self._fixed, self._moving)

    def _share(self, shrink: int) -> float:
        inside = float(self._itk.GetArrayViewFromImage(self._rim).sum()) / shrink**3
        return min(1.0, self._samples / inside)

    def _image(self, values: NDArray[Any], affine: DoubleArray) -> Any:
        image = self._itk.GetImageFromArray(values)
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        image.SetOrigin(affine[:3, 3].tolist())
        image.SetSpacing(spacing.tolist())
        image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
        return image


def require_simpleitk() -> Any:
    """Import SimpleITK; that it is not installed is a MissingExtraError."""
    try:
        import SimpleITK
    except ImportError as fault:
        error = missing_simpleitk()
        raise error from fault
    return SimpleITK


def missing_simpleitk() -> MissingExtraError:
    """Return the error that says which install brings SimpleITK."""
    return MissingExtraError(
        "SimpleITK is not installed, but laying scans over each other needs it (extra 'ct'). "
        f"Run: {how_to_install('ct')}"
    )


def _block_means(values: NDArray[Any], factors: list[int]) -> FloatArray:
    """Average over blocks, a layer of blocks at a time; what fills no block is left out."""
    counts = [side // one for side, one in zip(values.shape, factors, strict=True)]
    deep, high, wide = factors
    made = np.empty(counts, np.float32)
    for index in range(counts[0]):
        layer = values[index * deep : (index + 1) * deep, : counts[1] * high, : counts[2] * wide]
        blocks = layer.reshape(deep, counts[1], high, counts[2], wide)
        made[index] = blocks.mean(axis=(0, 2, 4), dtype=np.float32)
    return made


def _angle(linear: DoubleArray) -> float:
    """Return the angle of the rotation nearest to a linear map."""
    left, _, right = np.linalg.svd(linear)
    cosine = (np.trace(left @ right) - 1.0) / 2.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
