"""TIFF: one page, read with Pillow, and with tifffile where Pillow cannot or loses depth."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.imaging.faults import (
    DECODER_FAULTS,
    CorruptImageError,
    MultiFrameError,
    PixelTypeError,
    TruncatedImageError,
)
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.orientation import set_upright
from thoracle.imaging.raster import from_image, from_samples, open_image
from thoracle.imaging.synthetic import bears_mark
from thoracle.imaging.types import Decoded, FilmFacts

# Tags: TIFF 6.0, section 8 and appendix A.
_SUBFILE, _BITS, _PHOTOMETRIC, _DESCRIPTION = 254, 258, 262, 270
_ORIENTATION, _SAMPLES = 274, 277
_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES = 273, 279, 324, 325

_REDUCED_RESOLUTION = 1  # NewSubfileType bit 0: a thumbnail of another page.
_WHITE_IS_ZERO = 0
_UNSIGNED = 1
_CHANNELS_FIRST = 2  # PlanarConfiguration
_PAGES_COUNTED_MAX = 1000


def read_tiff(content: bytes, *, limits: DecodeLimits) -> Decoded:
    """Decode a TIFF with one page.

    Parameters
    ----------
    content
        The whole file; classic TIFF or BigTIFF.
    limits
        What the file may declare.

    Returns
    -------
    Decoded
        uint8 or uint16, upright, bone bright: WhiteIsZero has been inverted. A file that is too
        large, truncated or damaged, or whose samples are not 1 to 16 bits, is an ImageError.

    Raises
    ------
    MultiFrameError
        The file has several pages.
    """
    pages = count_pages(content)
    if pages != 1:
        raise MultiFrameError("TIFF", count=pages, noun="pages")
    try:
        image = open_image(BytesIO(content), format_name="TIFF")
    except DECODER_FAULTS:
        return _read_with_tifffile(content, limits=limits)
    limits.check_pixels(rows=image.height, columns=image.width, format_name="TIFF")
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    _check_data_is_there(tags, size_bytes=len(content))
    bits = max(tags.get(_BITS, (1,)))
    marked = bears_mark({"description": tags.get(_DESCRIPTION, "")})
    facts = FilmFacts(format="TIFF", bits=bits, is_synthetic=marked)
    if bits > 8 and tags.get(_SAMPLES, 1) > 1:
        return _read_with_tifffile(content, limits=limits)
    image.load()  # Pillow undoes Orientation here, and WhiteIsZero up to 8 bits.
    if bits <= 8:
        return from_image(image, facts=facts)
    decoded = from_image(image, facts=facts, peak=float(2**bits - 1))
    if tags.get(_PHOTOMETRIC) != _WHITE_IS_ZERO:
        return decoded
    inverted = (2**bits - 1 - decoded.samples.astype(np.int32)).astype(np.uint16)
    return Decoded(samples=inverted, peak=decoded.peak, facts=decoded.facts)


def count_pages(content: bytes) -> int:
    """Count the pages of a TIFF that are not thumbnails, following its directories only.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    int
        At most 1000.

    Raises
    ------
    CorruptImageError
        The chain of directories is a ring.
    TruncatedImageError
        A directory lies outside the file.

    References
    ----------
    TIFF 6.0, section 2; the BigTIFF extension for version 43.
    """
    order = "<" if content[:2] == b"II" else ">"
    is_big = struct.unpack_from(order + "H", content, 2)[0] == 43
    count_form, offset_form, entry_bytes = ("Q", "Q", 20) if is_big else ("H", "I", 12)
    try:
        (position,) = struct.unpack_from(order + offset_form, content, 8 if is_big else 4)
        seen: set[int] = set()
        pages = 0
        while position and len(seen) < _PAGES_COUNTED_MAX:
            if position in seen:
                raise CorruptImageError("TIFF", "its pages form a ring")
            seen.add(position)
            (entries,) = struct.unpack_from(order + count_form, content, position)
            first = position + struct.calcsize("=" + count_form)
            after = first + entries * entry_bytes
            pages += not _is_thumbnail(content, order=order, is_big=is_big, span=(first, after))
            (position,) = struct.unpack_from(order + offset_form, content, after)
    except struct.error:
        raise TruncatedImageError("TIFF", "a page's directory lies past its end") from None
    return max(pages, 1)


def _is_thumbnail(content: bytes, *, order: str, is_big: bool, span: tuple[int, int]) -> bool:
    """Look for NewSubfileType, which stands first because tags are sorted."""
    first, after = span
    if first == after or struct.unpack_from(order + "H", content, first)[0] != _SUBFILE:
        return False
    (kind,) = struct.unpack_from(order + "I", content, first + (12 if is_big else 8))
    return bool(kind & _REDUCED_RESOLUTION)


# libtiff's own words for strips or tiles that end past the file are vague.
def _check_data_is_there(tags: Any, *, size_bytes: int) -> None:
    for starts_tag, counts_tag in ((_STRIP_OFFSETS, _STRIP_BYTES), (_TILE_OFFSETS, _TILE_BYTES)):
        starts, counts = tags.get(starts_tag, ()), tags.get(counts_tag, ())
        starts, counts = (each if isinstance(each, tuple) else (each,) for each in (starts, counts))
        ends = [start + count for start, count in zip(starts, counts, strict=False)]
        if ends and max(ends) > size_bytes:
            raise TruncatedImageError("TIFF", f"its pixels go to byte {max(ends)} of {size_bytes}")


def _read_with_tifffile(content: bytes, *, limits: DecodeLimits) -> Decoded:
    import tifffile

    try:
        with tifffile.TiffFile(BytesIO(content)) as file:
            page = file.pages[0]
            _check_page(page, limits=limits, size_bytes=len(content))
            orientation = int(page.tags.valueof(_ORIENTATION, 1))
            facts = FilmFacts(
                format="TIFF",
                bits=page.bitspersample,
                is_synthetic=bears_mark({"description": page.description}),
            )
            is_inverted = page.photometric == _WHITE_IS_ZERO
            stored = page.asarray(maxworkers=1)
            if page.samplesperpixel > 1 and page.planarconfig == _CHANNELS_FIRST:
                stored = np.moveaxis(stored, 0, 2)
    except tifffile.TiffFileError as fault:
        raise CorruptImageError("TIFF", " ".join(str(fault).split())[:160]) from fault
    peak = 2**facts.bits - 1
    if is_inverted:
        stored = (peak - stored.astype(np.int32)).astype(stored.dtype)
    upright = set_upright(_flat(stored), orientation=orientation)
    return from_samples(upright, facts=facts, peak=float(peak))


def _check_page(page: Any, *, limits: DecodeLimits, size_bytes: int) -> None:
    limits.check_pixels(rows=page.imagelength, columns=page.imagewidth, format_name="TIFF")
    is_whole = page.sampleformat == _UNSIGNED and page.bitspersample <= 16
    is_known = page.samplesperpixel in (1, 2, 3, 4) and int(page.photometric) in (0, 1, 2)
    if not is_whole or not is_known or page.imagedepth != 1:
        raise PixelTypeError(
            "TIFF",
            found=f"{page.samplesperpixel} samples of {page.bitspersample} bits a pixel",
            expected="1 to 16 bits of grey or RGB without sign",
            advice="Save it as 8- or 16-bit grey.",
        )
    end = max(
        (
            start + count
            for start, count in zip(page.dataoffsets, page.databytecounts, strict=False)
        ),
        default=0,
    )
    if end > size_bytes:
        raise TruncatedImageError("TIFF", f"its pixels go to byte {end} of {size_bytes}")


def _flat(stored: NDArray[Any]) -> NDArray[Any]:
    """Return grey or RGB samples, pixel by pixel, with alpha composited on black."""
    if stored.ndim == 2:
        return stored
    channels = stored.shape[2]
    if channels in (2, 4):
        peak = np.iinfo(stored.dtype).max
        alpha = stored[..., -1:].astype(np.uint64)
        stored = ((stored[..., :-1] * alpha + peak // 2) // peak).astype(stored.dtype)
    return stored[..., 0] if stored.shape[2] == 1 else stored
