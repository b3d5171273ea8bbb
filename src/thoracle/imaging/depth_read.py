"""A depth video's file to its frames, one after the other; runs in a decoder's child.

Arrays (.npy, or .npz with one array of three dimensions), a TIFF of several pages, or a ZIP archive
of such a TIFF or of PNG files, one for each frame, in the order of the numbers in their names.
"""

import math
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ImageError
from thoracle.imaging.archive import archive_members, is_archive
from thoracle.imaging.depth import FILE_BYTES_MAX, DepthHeader, kept_size, made_smaller
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.recording_faults import (
    CorruptRecordingError,
    InflatedRecordingError,
    TruncatedRecordingError,
)
from thoracle.imaging.tiff import count_pages

NPY: Final = b"\x93NUMPY"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_TIFF: Final = (b"II*\0", b"MM\0*")
_DEEP: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # Pillow's names for 16 bits of grey
_PNG_DEEP_GREY: Final = b"\x10\0"  # IHDR: 16 bits, color type 0 (PNG 3rd ed., 11.2.1)
_Frames = Iterator[NDArray[Any]]


class DepthShapeError(ImageError):
    """Frames are of other kinds or sizes than one; `found` says which."""

    code = "depth-shape"

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The depth video holds {found} – expected frames of one size, 16 bits of grey or an "
            "array (frames, rows, columns), depth in mm. Export it so."
        )


def read_depth(content: bytes) -> tuple[DepthHeader, Iterator[FloatArray]]:
    """Open a depth video.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    header, frames
        Each frame (rows, columns) float32, in mm, NaN where the camera saw nothing. A file that is
        no depth video is an ImageError, at once or with a frame.
    """
    (frames, rows, columns), pieces = _opened(content)
    header = kept_size(frames, rows, columns)
    return header, (made_smaller(_checked(one, (rows, columns)), header) for one in pieces)


def _opened(content: bytes) -> tuple[tuple[int, int, int], _Frames]:
    """Return the declared size of a video, and its frames.

    Raises
    ------
    ImageError
        depth-unknown-format.
    """
    if content.startswith(NPY):
        return _array(content)
    if content.startswith(_TIFF):
        return _pages(content)
    if is_archive(content):
        return _archive(content)
    raise ImageError(
        "The file is no depth video – expected .npy, .npz, a TIFF of several pages, or a ZIP "
        "archive of 16-bit PNG files or of such a TIFF. Export the depth frames as one of these.",
        code="depth-unknown-format",
    )


def _array(content: bytes) -> tuple[tuple[int, int, int], _Frames]:
    """Read the header of an array ourselves: nothing in it is unpickled or executed.

    Raises
    ------
    CorruptRecordingError
        It is of another version or of objects.
    DepthShapeError
        It has not three dimensions.
    TruncatedRecordingError
        It is shorter than it declares.
    """
    stream = BytesIO(content)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    reader = readers.get(np.lib.format.read_magic(stream))
    if reader is None:
        raise CorruptRecordingError("NPY", "a version other than 1.0 and 2.0")
    shape, is_fortran, kind = reader(stream)
    if kind.kind not in "uif" or is_fortran:
        raise CorruptRecordingError("NPY", f"values of type {kind}, expected plain numbers by rows")
    if len(shape) != 3:
        raise DepthShapeError(f"an array of {len(shape)} dimensions")
    kept_size(*shape)
    first = stream.tell()
    needed = math.prod(shape) * kind.itemsize
    if len(content) - first < needed:
        raise TruncatedRecordingError("NPY", f"{len(content) - first} of {needed} bytes")
    frames = np.frombuffer(content, kind, math.prod(shape), first).reshape(shape)
    return (shape[0], shape[1], shape[2]), iter(frames)


def _pages(content: bytes) -> tuple[tuple[int, int, int], _Frames]:
    from PIL.TiffImagePlugin import TiffImageFile

    try:
        pages = count_pages(content)
    except ImageError as fault:
        raise CorruptRecordingError("TIFF", "its list of pages cannot be followed") from fault
    image = TiffImageFile(BytesIO(content))

    def frames() -> _Frames:
        for number in range(pages):
            image.seek(number)
            _need_deep(image.mode, (image.height, image.width))
            yield np.asarray(image)

    return (pages, image.height, image.width), frames()


def _archive(content: bytes) -> tuple[tuple[int, int, int], _Frames]:
    members = _members(content)
    arrays = [one for one in members.values() if one.startswith(NPY)]
    stacks = [one for one in members.values() if one.startswith(_TIFF)]
    pictures = sorted((name for name, one in members.items() if one.startswith(_PNG)), key=_order)
    if len(arrays) == 1 and not stacks and not pictures:
        return _array(arrays[0])
    if len(stacks) == 1 and not arrays and not pictures:
        return _pages(stacks[0])
    if not pictures or arrays or stacks:
        raise DepthShapeError(
            f"an archive of {len(arrays)} arrays, {len(stacks)} TIFF and {len(pictures)} PNG files"
        )
    rows, columns = _png_size(members[pictures[0]])
    return (len(pictures), rows, columns), (_picture(members[name]) for name in pictures)


def _members(content: bytes) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    left = FILE_BYTES_MAX
    for name, one in archive_members(content, limits=DecodeLimits(pixels_max=FILE_BYTES_MAX // 8)):
        left -= len(one)
        if left < 0:
            raise InflatedRecordingError("ZIP", allowed_bytes=FILE_BYTES_MAX)
        if name in members:
            raise CorruptRecordingError("ZIP", f"it holds two files called {name}")
        members[name] = one
    return members


def _order(name: str) -> list[tuple[int, str]]:
    """Order names as people count: frame2 before frame10."""
    parts = re.split(r"(\d{1,18})", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _picture(content: bytes) -> NDArray[Any]:
    from PIL.PngImagePlugin import PngImageFile

    _png_size(content)  # before the pixels are touched
    return np.asarray(PngImageFile(BytesIO(content)))


def _png_size(content: bytes) -> tuple[int, int]:
    """Return rows and columns of a picture from its header.

    Raises
    ------
    DepthShapeError
        It is not of 16 bits of grey.
    """
    columns, rows = (int.from_bytes(content[first : first + 4], "big") for first in (16, 20))
    if content[24:26] != _PNG_DEEP_GREY:
        raise DepthShapeError("PNG files of other than 16 bits of grey")
    kept_size(2, rows, columns)
    return rows, columns


def _need_deep(mode: str, size: tuple[int, int]) -> None:
    if mode not in _DEEP:
        raise DepthShapeError(f"TIFF pages of the kind {mode}")
    kept_size(2, *size)


def _checked(frame: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    if frame.shape != size:
        raise DepthShapeError(f"frames of {size} and of {frame.shape} pixels")
    return frame
