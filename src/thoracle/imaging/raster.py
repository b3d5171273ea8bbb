"""PNG, JPEG, TIFF, WebP and BMP to grey samples, with Pillow."""

from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile

from thoracle.imaging.faults import MultiFrameError, PixelTypeError, TruncatedImageError
from thoracle.imaging.grey import color_share, to_grey
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.orientation import UPRIGHT, set_upright
from thoracle.imaging.synthetic import bears_mark
from thoracle.imaging.types import Decoded, FilmFacts

_DESCRIPTION_TAG, _ORIENTATION_TAG = 0x010E, 0x0112  # TIFF 6.0, section 8; EXIF 2.3, 4.6.4

# PNG: IHDR stands first; its depth is byte 24, its color type byte 25 (PNG 3rd ed., 11.2.1).
_PNG_DEPTH, _PNG_COLOR = 24, 25
_PNG_INDEXED = 3


def read_raster(content: bytes, *, format_name: str, limits: DecodeLimits) -> Decoded:
    """Decode a picture file that is neither DICOM nor TIFF.

    Parameters
    ----------
    content
        The whole file.
    format_name
        "PNG", "JPEG", "WEBP" or "BMP", from `sniff_format`.
    limits
        What the file may declare.

    Returns
    -------
    Decoded
        uint8, or uint16 where the file holds more than 8 bits of grey. What is transparent is
        composited on black; camera orientation has been undone; color is luma. A picture that
        is too large, truncated or damaged is an ImageError, or a fault of `DECODER_FAULTS`.

    Raises
    ------
    MultiFrameError
        The picture is an animation.
    """
    if format_name == "WEBP":
        _check_webp(content, limits=limits)
    image = open_image(BytesIO(content), format_name=format_name)
    limits.check_pixels(rows=image.height, columns=image.width, format_name=format_name)
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise MultiFrameError(format_name, count=frames, noun="pictures (an animation)")
    image.load()
    orientation = image.getexif().get(_ORIENTATION_TAG, UPRIGHT)
    return from_image(
        image,
        facts=FilmFacts(
            format=format_name,
            bits=_stored_bits(content, format_name),
            is_synthetic=bears_mark({**_notes(image), **getattr(image, "text", {})}),
        ),
        orientation=orientation if isinstance(orientation, int) else UPRIGHT,
    )


def open_image(stream: BinaryIO, *, format_name: str) -> ImageFile:
    """Open a picture with the one plug-in of its format, reading the header only.

    Parameters
    ----------
    stream
        The file, at its beginning; it must stay open as long as the picture.
    format_name
        "PNG", "JPEG", "TIFF", "WEBP" or "BMP".

    Returns
    -------
    PIL.ImageFile.ImageFile
        Not loaded. Going round `Image.open` keeps every other plug-in, and Pillow's global
        limits, out of it.
    """
    if format_name == "PNG":
        from PIL.PngImagePlugin import PngImageFile

        return PngImageFile(stream)
    if format_name == "JPEG":
        from PIL.JpegImagePlugin import JpegImageFile

        return JpegImageFile(stream)
    if format_name == "TIFF":
        from PIL.TiffImagePlugin import TiffImageFile

        return TiffImageFile(stream)
    if format_name == "WEBP":
        from PIL.WebPImagePlugin import WebPImageFile

        return WebPImageFile(stream)
    from PIL.BmpImagePlugin import BmpImageFile

    return BmpImageFile(stream)


def read_notes(stream: BinaryIO, *, format_name: str, limits: DecodeLimits) -> dict[str, object]:
    """Read what a picture says in words, without decoding its pixels.

    Parameters
    ----------
    stream
        The file, at its beginning.
    format_name
        "PNG", "JPEG", "TIFF", "WEBP" or "BMP".
    limits
        What the file may declare.

    Returns
    -------
    dict
        Text chunks that stand before a PNG's pixels, a comment, a description, by their names.
    """
    if format_name == "WEBP":
        _check_webp(stream.read(), limits=limits)
        stream.seek(0)
    return _notes(open_image(stream, format_name=format_name))


def from_image(
    image: Image.Image, *, facts: FilmFacts, orientation: int = UPRIGHT, peak: float | None = None
) -> Decoded:
    """Turn a loaded picture of any of Pillow's modes into grey samples.

    Parameters
    ----------
    image
        A loaded picture.
    facts
        What the file says; the color's share is filled in.
    orientation
        EXIF Orientation still to be undone, 1 to 8.
    peak
        The sample that is white, where it is not the largest number of the samples' type.

    Returns
    -------
    Decoded
        Upright, composited on black, grey.
    """
    stored = set_upright(_stored_samples(image, facts.format), orientation=orientation)
    return from_samples(stored, facts=facts, peak=peak)


def from_samples(stored: NDArray[Any], *, facts: FilmFacts, peak: float | None = None) -> Decoded:
    """Turn grey or RGB samples into a decoded film.

    Parameters
    ----------
    stored : (rows, columns) or (rows, columns, 3) uint8 or uint16
        Upright samples, bone bright.
    facts
        What the file says; the color's share is filled in.
    peak
        The sample that is white, where it is not the largest number of the samples' type.

    Returns
    -------
    Decoded
        Grey.
    """
    white = float(np.iinfo(stored.dtype).max) if peak is None else peak
    if stored.ndim == 2:
        return Decoded(samples=stored, peak=white, facts=facts)
    share = color_share(stored)
    with_color = replace(facts, is_color=share > 0, color_share=share)
    return Decoded(samples=to_grey(stored), peak=white, facts=with_color)


def _stored_samples(image: Image.Image, format_name: str) -> NDArray[Any]:
    if image.mode in ("F", "I"):
        raise PixelTypeError(
            format_name,
            found="signed, 32-bit or floating-point pixels, whose range it does not say",
            expected="8 or 16 bits without sign",
            advice="Save it as 8- or 16-bit grey.",
        )
    if image.mode.startswith("I;16"):
        return _sixteen_bits(image)
    flat = _on_black(image) if image.has_transparency_data else image
    if flat.mode not in ("L", "RGB"):
        flat = flat.convert("L" if flat.mode == "1" else "RGB")
    return np.asarray(flat)


def _sixteen_bits(image: Image.Image) -> NDArray[np.uint16]:
    samples = np.asarray(image).astype(np.uint16, copy=False)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        return np.where(samples == transparent, np.uint16(0), samples)
    return samples


def _on_black(image: Image.Image) -> Image.Image:
    """Composite on black, the color of an unexposed margin on a bone-bright film."""
    if image.mode not in ("LA", "RGBA"):
        image = image.convert("RGBA")
    *bands, alpha = image.split()
    if alpha.getextrema() == (255, 255):
        return Image.merge("RGB", bands) if len(bands) == 3 else bands[0]
    shaded = [ImageChops.multiply(band, alpha) for band in bands]
    return Image.merge("RGB", shaded) if len(shaded) == 3 else shaded[0]


def _stored_bits(content: bytes, format_name: str) -> int:
    """Return the bits of a stored sample; a palette's colors have 8 in every format."""
    if format_name == "PNG" and content[_PNG_COLOR] != _PNG_INDEXED:
        return content[_PNG_DEPTH]
    return 8


def _notes(image: Image.Image) -> dict[str, object]:
    notes: dict[str, object] = {str(k): v for k, v in image.info.items() if isinstance(v, str)}
    notes["comment"] = image.info.get("comment", "")
    if image.format != "PNG":  # Pillow would decode its pixels to look for EXIF behind them.
        notes["description"] = image.getexif().get(_DESCRIPTION_TAG, "")
    return notes


# Length and canvas are checked here because libwebp takes the canvas's memory as soon as it
# opens. Offsets: RFC 9649, 2.3 to 2.7.
def _check_webp(content: bytes, *, limits: DecodeLimits) -> None:
    length = 8 + int.from_bytes(content[4:8], "little")
    if len(content) < min(length, 30):
        raise TruncatedImageError("WEBP", f"it has {len(content)} of {length} bytes")
    kind = content[12:16]
    if kind == b"VP8X":
        columns = 1 + int.from_bytes(content[24:27], "little")
        rows = 1 + int.from_bytes(content[27:30], "little")
    elif kind == b"VP8L":
        packed = int.from_bytes(content[21:25], "little")
        columns, rows = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    else:
        columns = int.from_bytes(content[26:28], "little") & 0x3FFF
        rows = int.from_bytes(content[28:30], "little") & 0x3FFF
    limits.check_pixels(rows=rows, columns=columns, format_name="WEBP")
    if len(content) < length:
        raise TruncatedImageError("WEBP", f"it has {len(content)} of {length} bytes")
