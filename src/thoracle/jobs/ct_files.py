"""A scan and its masks as NIfTI files and back, whole and as small as a viewer takes them."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from thoracle.core.arrays import ByteArray, DoubleArray
from thoracle.core.errors import ImageError
from thoracle.core.results import Reason
from thoracle.ct.types import LABELS
from thoracle.imaging.scan import CtScan, ScanFacts

VIEW_VOXELS_MAX: Final = 24_000_000
"""Most voxels that a browser gets: as RGBA, which viewers blend, they are 100 MB."""

_NEAR_MM: Final = 0.05  # programs round the same place differently
_GZIP_WBITS: Final = 31  # zlib: a gzip header
_FAST: Final = 1
_HEADER_BYTES: Final = 352  # NIfTI-1, and four bytes that say "no extension"
_BEFORE_VOXELS: Final = 2**20  # header and extensions
_VOXEL_BYTES_MAX: Final = 8
_NUMBERS: Final = (2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280)  # NIfTI-1 datatype: int, float
_TO_RAS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])  # NIfTI counts to the left and to the back


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanGrid:
    """The grid of a kept scan, and how much coarser, in the plane, its view is.

    `shape` is (slices, rows, columns); `affine` is (4, 4), LPS, from (column, row, slice, 1).
    """

    shape: tuple[int, int, int]
    affine: DoubleArray
    factor: int

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "ScanGrid":
        """Read the grid from what `scan_document` wrote."""
        slices, rows, columns = document["shape"]
        affine = np.asarray(document["affine"], np.float64)
        return cls(shape=(slices, rows, columns), affine=affine, factor=document["view_factor"])

    @property
    def view(self) -> "ScanGrid":
        """The grid of the view: middles of blocks of `factor` × `factor` voxels in the plane."""
        slices, rows, columns = self.shape
        step = self.factor
        coarser = self.affine @ np.diag([step, step, 1.0, 1.0])
        coarser[:, 3] = self.affine @ [(step - 1) / 2, (step - 1) / 2, 0.0, 1.0]
        shape = (slices, -(-rows // step), -(-columns // step))
        return ScanGrid(shape=shape, affine=coarser, factor=1)


def view_factor(shape: tuple[int, int, int]) -> int:
    """Return how much coarser a view must be, in the plane, to be small enough."""
    slices, rows, columns = shape
    factor = 1
    while slices * -(-rows // factor) * -(-columns // factor) > VIEW_VOXELS_MAX:
        factor += 1
    return factor


def scan_document(scan: CtScan) -> dict[str, Any]:
    """Return what is kept of a scan beside its voxels: nothing that names the patient."""
    facts = asdict(scan.facts)
    for name in ("patient_id", "study_date", "series_uid"):
        del facts[name]
    return {
        "shape": list(scan.hu.shape),
        "spacing_mm": list(scan.spacing_mm),
        "affine": scan.affine.tolist(),
        "view_factor": view_factor(_shape(scan.hu)),
        "window_hu": None if scan.window_hu is None else list(scan.window_hu),
        "facts": facts,
        "assumptions": [asdict(one) for one in scan.assumptions],
        "warnings": [asdict(one) for one in scan.warnings],
    }


def kept_scan(document: Mapping[str, Any], sha256: str, volume: bytes) -> CtScan:
    """Put a kept scan together again.

    Parameters
    ----------
    document
        From `scan_document`.
    sha256
        Of the scan.
    volume
        From `volume_nifti`, trusted.

    Returns
    -------
    CtScan
        As it was, without what names the patient.
    """
    grid = ScanGrid.of(document)
    return described_scan(document, sha256, kept_values(volume, grid, np.dtype("<i2")))


def described_scan(document: Mapping[str, Any], sha256: str, hu: NDArray[np.int16]) -> CtScan:
    """Return a scan with what `scan_document` wrote of it, and any voxels on its grid."""
    window = document["window_hu"]
    slices, rows, columns = document["spacing_mm"]
    return CtScan(
        hu=hu,
        spacing_mm=(slices, rows, columns),
        affine=ScanGrid.of(document).affine,
        sha256=sha256,
        facts=ScanFacts(**document["facts"]),
        window_hu=None if window is None else (window[0], window[1]),
        assumptions=_reasons(document["assumptions"]),
        warnings=_reasons(document["warnings"]),
    )


def volume_nifti(values: NDArray[Any], affine: DoubleArray) -> bytes:
    """Write a volume as .nii.gz, its header ours alone.

    Parameters
    ----------
    values : (slices, rows, columns) int16 or uint8
        On the scan's own axes.
    affine : (4, 4) float64
        LPS, from (column, row, slice, 1).

    Returns
    -------
    bytes
        Voxels in the order of the scan, columns fastest, so that nothing is resampled.
    """
    from nibabel.nifti1 import Nifti1Header

    header = Nifti1Header(endianness="<")  # type: ignore[no-untyped-call]
    stored = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    header.set_data_dtype(stored.dtype)  # type: ignore[no-untyped-call]
    header.set_data_shape(stored.shape[::-1])  # type: ignore[no-untyped-call]
    header.set_sform(_TO_RAS @ affine, code=1)  # type: ignore[no-untyped-call]
    header.set_qform(_TO_RAS @ affine, code=1)  # type: ignore[no-untyped-call]
    header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    header["vox_offset"] = _HEADER_BYTES
    header["magic"] = b"n+1"
    packer = isal_zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP_WBITS)
    packed = packer.compress(header.binaryblock + b"\0" * 4)
    return packed + packer.compress(stored.data.cast("B")) + packer.flush()


def kept_values(content: bytes, grid: ScanGrid, kind: "np.dtype[Any]") -> NDArray[Any]:
    """Read voxels back from a file of `volume_nifti` of a grid.

    Returns
    -------
    (slices, rows, columns)
        Of the kind that was written.
    """
    raw = isal_zlib.decompress(content, _GZIP_WBITS)
    return np.frombuffer(raw, kind, offset=_HEADER_BYTES).reshape(grid.shape)


def view_values(values: NDArray[np.int16], factor: int) -> NDArray[np.int16]:
    """Return means over blocks in the plane; what is missing at the edge is repeated."""
    if factor == 1:
        return values
    slices, rows, columns = values.shape
    down, across = -(-rows // factor), -(-columns // factor)
    small = np.empty((slices, down, across), np.int16)
    edges = ((0, down * factor - rows), (0, across * factor - columns))
    for index, one in enumerate(values):  # one slice in float at a time
        whole = np.pad(one, edges, "edge").astype(np.float32)
        small[index] = np.rint(whole.reshape(down, factor, across, factor).mean((1, 3)))
    return small


def view_labels(labels: ByteArray, factor: int) -> ByteArray:
    """Return the labels in the middle of blocks in the plane."""
    _, rows, columns = labels.shape
    down = np.minimum(np.arange(0, rows, factor) + factor // 2, rows - 1)
    across = np.minimum(np.arange(0, columns, factor) + factor // 2, columns - 1)
    return labels[:, down][:, :, across]


def drawn_on_view(parent: ByteArray, drawn: ByteArray, factor: int) -> ByteArray:
    """Carry over to a whole mask what was drawn on its view.

    Parameters
    ----------
    parent : (slices, rows, columns) uint8
        The version that was drawn on.
    drawn : (slices, rows / factor, columns / factor) uint8
        Its view afterwards.
    factor
        Of the view.

    Returns
    -------
    (slices, rows, columns) uint8
        Blocks that were not touched keep their detail.
    """
    _, rows, columns = parent.shape
    new = parent.copy()
    for index, one in enumerate(drawn):
        touched = one != view_labels(parent[index : index + 1], factor)[0]
        wide = np.repeat(np.repeat(touched, factor, 0), factor, 1)[:rows, :columns]
        labels = np.repeat(np.repeat(one, factor, 0), factor, 1)[:rows, :columns]
        new[index][wide] = labels[wide]
    return new


def read_labels(content: bytes, grids: Sequence[ScanGrid]) -> ByteArray:
    """Read a mask from anybody, on one of several grids, whatever order its axes are stored in.

    Parameters
    ----------
    content
        .nii or .nii.gz; read no further than the largest grid can need.
    grids
        Where it may lie.

    Returns
    -------
    (slices, rows, columns) uint8
        On the axes of the grid whose shape it has.

    Raises
    ------
    ImageError
        It is none, lies elsewhere, or holds other labels.
    """
    image = _opened(content, max(int(np.prod(one.shape)) for one in grids))
    voxels, affine = _turned(image, grids[0])
    found = voxels.shape[::-1]
    grid = next((one for one in grids if one.shape == found), None)
    if grid is None or not np.allclose(affine, _TO_RAS @ grid.affine, atol=_NEAR_MM):
        raise ImageError(
            f"found a mask of {_said(found)} voxels, or one that lies elsewhere – expected the "
            f"scan's own grid of {_said(grids[0].shape)}. Draw on the volume of this scan.",
            code="mask-elsewhere",
        )
    return _labels(voxels, grid.shape)


def _opened(content: bytes, voxels_max: int) -> Any:
    from nibabel.filebasedimages import ImageFileError
    from nibabel.nifti1 import Nifti1Image
    from nibabel.nifti2 import Nifti2Image
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    own = (ImageFileError, HeaderDataError, WrapStructError)
    most = _BEFORE_VOXELS + voxels_max * _VOXEL_BYTES_MAX
    try:
        raw = content
        if content[:2] == b"\x1f\x8b":
            raw = zlib.decompressobj(_GZIP_WBITS).decompress(content, most)
        kind = Nifti2Image if raw[:4] in {b"\x1c\x02\0\0", b"\0\0\x02\x1c"} else Nifti1Image
        image = kind.from_bytes(raw)
        stored = image.header["datatype"], image.header["bitpix"]
        needed = int(np.prod(image.shape, dtype=np.float64)) * int(stored[1]) // 8
        is_whole = 0 < needed <= len(raw) and int(stored[0]) in _NUMBERS
    except (OSError, ValueError, EOFError, zlib.error, *own) as fault:
        error = _unreadable(type(fault).__name__)
        raise error from fault
    if not is_whole:
        error = _unreadable("too short, or no numbers")
        raise error
    return image


def _turned(image: Any, grid: ScanGrid) -> tuple[Any, DoubleArray]:
    # To the axes of the grid, without touching a voxel.
    from nibabel import orientations as axes

    shape = tuple(side for side in image.shape if side != 1 or len(image.shape) <= 3)
    try:
        turn = axes.ornt_transform(  # type: ignore[no-untyped-call]
            axes.io_orientation(image.affine),  # type: ignore[no-untyped-call]
            axes.io_orientation(_TO_RAS @ grid.affine),  # type: ignore[no-untyped-call]
        )
        voxels = np.asanyarray(image.dataobj).reshape(shape)
        turned = axes.apply_orientation(voxels, turn)  # type: ignore[no-untyped-call]
        back = axes.inv_ornt_aff(turn, shape)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, np.linalg.LinAlgError, axes.OrientationError) as fault:
        error = _unreadable(type(fault).__name__)
        raise error from fault
    return turned, np.asarray(image.affine @ back, np.float64)


def _labels(voxels: NDArray[Any], shape: tuple[int, int, int]) -> ByteArray:
    labels = np.empty(shape, np.uint8)
    for index in range(shape[0]):
        one = voxels[:, :, index].T
        whole = np.clip(np.nan_to_num(one, nan=-1.0), -1, len(LABELS)).astype(np.int16)
        if not ((whole == one) & (whole >= 0) & (whole < len(LABELS))).all():
            raise ImageError(
                f"found other values in slice {index} of the mask – expected 0 background, 1 lung, "
                "2 ground glass and 3 consolidation. Save it with these labels.",
                code="mask-labels",
            )
        labels[index] = whole
    return labels


def _said(shape: Sequence[int]) -> str:
    return " × ".join(str(side) for side in reversed(shape))


def _shape(values: NDArray[Any]) -> tuple[int, int, int]:
    slices, rows, columns = values.shape
    return slices, rows, columns


def _reasons(said: Sequence[Mapping[str, str]]) -> tuple[Reason, ...]:
    return tuple(Reason(**one) for one in said)


def _unreadable(why: str) -> ImageError:
    return ImageError(
        f"found no mask that can be read ({why}) – expected a NIfTI file of three dimensions. "
        "Save it as .nii or .nii.gz.",
        code="mask-unreadable",
    )
