"""A NIfTI volume to voxels and the two affines that it may carry; runs in a decoder's child."""

import gzip
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.ct_slice import Values, VolumeHeader
from thoracle.imaging.faults import CorruptImageError, PixelTypeError, TruncatedImageError
from thoracle.imaging.limits import DecodeLimits

FORMAT: Final = "NIfTI"
GZIP: Final = b"\x1f\x8b"
CHUNK_BYTES: Final = 2**22
_LIKE_INT16: Final = ("int8", "uint8", "int16")
_HEADER_BYTES: Final = {348: 348, 540: 540}  # sizeof_hdr of NIfTI-1 and NIfTI-2
_SINGLE_FILE: Final = (b"n+1\0", b"n+2\0")
_OFFSET_MAX: Final = 2**24  # extensions hold text; nobody needs more of it


def read_nifti(
    content: bytes, *, limits: DecodeLimits
) -> tuple[VolumeHeader, str, Iterator[Values]]:
    """Open a volume; its voxels come in pieces, so that a child never holds all of them.

    Parameters
    ----------
    content
        A .nii or .nii.gz file.
    limits
        What the file may declare.

    Returns
    -------
    header, sample_type, pieces
        "int16" or "float32", and flat arrays of it, columns fastest, then rows, then slices, with
        the file's slope and intercept applied. A file that is not one volume is an ImageError, or a
        fault of `DECODER_FAULTS` or of nibabel; so is what is wrong with its voxels, later.

    Raises
    ------
    PixelTypeError
        Its voxels are neither whole nor real numbers of at most 8 bytes.
    """
    limits.check_volume_size(len(content))
    stream = _stream(content)
    header = _raw_header(stream)
    shape = _shape(header)
    stored = header.get_data_dtype()
    if stored.kind not in "iuf" or stored.itemsize > 8:
        raise PixelTypeError(
            FORMAT,
            found=f"voxels of type {header['datatype']}",
            expected="one whole or real number a voxel",
            advice="Save the volume as int16 or float32.",
        )
    voxels = shape[0] * shape[1] * shape[2]
    limits.check_voxels(voxels=voxels, voxel_bytes=stored.itemsize, file_bytes=len(content))
    slope, intercept = header.get_slope_inter()
    is_plain = slope in (None, 1.0) and intercept in (None, 0.0)
    sample_type = (
        "int16" if is_plain and stored.newbyteorder("=").name in _LIKE_INT16 else "float32"
    )
    pieces = _pieces(stream, stored, voxels)
    scale = (1.0 if slope is None else slope, 0.0 if intercept is None else intercept)
    return (
        _header(header, shape),
        sample_type,
        (_scaled(each, scale, sample_type) for each in pieces),
    )


def _stream(content: bytes) -> BinaryIO:
    raw = BytesIO(content)
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if content.startswith(GZIP) else raw


def _raw_header(stream: BinaryIO) -> Any:
    from nibabel.nifti1 import Nifti1Header
    from nibabel.nifti2 import Nifti2Header
    from nibabel.spatialimages import HeaderDataError

    first = _read(stream, 4)
    size = int.from_bytes(first, "little"), int.from_bytes(first, "big")
    known = [one for one in size if one in _HEADER_BYTES]
    if not known:
        raise ImageError(
            "The file is not NIfTI – expected .nii or .nii.gz. Save the volume as one of these.",
            code="volume-unreadable",
        )
    block = first + _read(stream, known[0] - 4)
    kind = Nifti1Header if known[0] == 348 else Nifti2Header
    try:
        header = kind(block)  # type: ignore[no-untyped-call]
    except HeaderDataError as fault:
        raise CorruptImageError(FORMAT, str(fault)[:80]) from fault
    if header["magic"].tobytes()[:4] not in _SINGLE_FILE:
        raise ImageError(
            "found a NIfTI header without its voxels (.hdr and .img) – expected both in one file. "
            "Save the volume as .nii.gz.",
            code="scan-nifti-pair",
        )
    offset = int(header["vox_offset"])
    if not known[0] <= offset <= _OFFSET_MAX:
        raise CorruptImageError(FORMAT, f"its voxels begin at byte {offset}")
    _read(stream, offset - known[0])
    return header


def _shape(header: Any) -> tuple[int, int, int]:
    whole = tuple(int(side) for side in header.get_data_shape())
    shape = whole[:3] if all(side == 1 for side in whole[3:]) else whole
    if len(shape) != 3 or min(shape) < 1:
        raise ImageError(
            f"found {' × '.join(str(side) for side in whole) or 'no'} voxels – expected a "
            "volume of three dimensions. Cut one out of a series first.",
            code="volume-shape",
        )
    return shape[0], shape[1], shape[2]


def _header(header: Any, shape: tuple[int, int, int]) -> VolumeHeader:
    sform, sform_code = header.get_sform(coded=True)
    qform, qform_code = header.get_qform(coded=True)
    column_mm, row_mm, slice_mm = (float(each) for each in header["pixdim"][1:4])
    return VolumeHeader(
        slices=shape[2],
        rows=shape[1],
        columns=shape[0],
        spacing_mm=(slice_mm, row_mm, column_mm),
        unit=str(header.get_xyzt_units()[0]),
        sform=None if sform is None else _rows(sform),
        qform=None if qform is None else _rows(qform),
        sform_code=int(sform_code),
        qform_code=int(qform_code),
    )


def _rows(affine: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    if not np.isfinite(affine).all():
        raise CorruptImageError(FORMAT, "its place in the patient is not finite")
    return tuple(tuple(float(each) for each in row) for row in affine)


def _pieces(stream: BinaryIO, stored: np.dtype[Any], voxels: int) -> Iterator[NDArray[Any]]:
    left = voxels * stored.itemsize
    while left:
        piece = _read(stream, min(left, CHUNK_BYTES))
        left -= len(piece)
        yield np.frombuffer(piece, stored)


def _scaled(piece: NDArray[Any], scale: tuple[float, float], sample_type: str) -> Values:
    slope, intercept = scale
    if sample_type == "int16":
        return piece.astype(np.int16)
    if scale == (1.0, 0.0):
        return piece.astype(np.float32)
    return (piece * np.float64(slope) + np.float64(intercept)).astype(np.float32)


def _read(stream: BinaryIO, length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise TruncatedImageError(FORMAT, f"{length - len(found)} bytes are missing")
    return found
