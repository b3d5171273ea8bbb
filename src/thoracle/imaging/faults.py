"""What decoding libraries raise on broken files, turned into one ImageError."""

import struct
import zlib
from pathlib import Path

from PIL.Image import DecompressionBombError

from thoracle.core.errors import ImageError

# Pillow, pydicom and tifffile raise nearly everything on damaged bytes. Warnings stand here
# because a process may have turned them into exceptions.
DECODER_FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    DecompressionBombError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)

_TRUNCATED_WORDS = ("truncat", "unexpected end", "end of file", "not enough image data")
_TOO_LARGE_WORDS = ("decompressed data too large", "too much memory")


class UnreadableFileError(ImageError):
    """A file of a local collection is missing or cannot be read."""

    code = "image-file"

    def __init__(self, path: Path, fault: OSError) -> None:
        super().__init__(
            f"found no readable file at {path} ({fault.strerror or type(fault).__name__}) – "
            "expected a film. Correct the path, or give the folder where the films are with --root."
        )


class SyntheticFilmError(ImageError):
    """A synthetic film stands where only patients' films may."""

    code = "image-synthetic"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"found {path}, a synthetic film of `thoracle examples make` – expected a patient's "
            "film: synthetic ones are never training or evaluation data. Take it out."
        )


class TruncatedImageError(ImageError):
    """A file ends too early; `detail` says where, without a full stop."""

    code = "image-truncated"

    def __init__(self, format_name: str, detail: str) -> None:
        super().__init__(
            f"The {format_name} file ends too early: {detail} – expected the whole film. "
            "Copy or download the file again."
        )


class CorruptImageError(ImageError):
    """A file is damaged; `detail` says what was found, without a full stop."""

    code = "image-corrupt"

    def __init__(self, format_name: str, detail: str) -> None:
        super().__init__(
            f"The {format_name} file is damaged: {detail} – expected a readable film. "
            "Export or copy the film again."
        )


class PixelTypeError(ImageError):
    """Pixels are of a kind that has no one meaning as grey."""

    code = "image-pixel-type"

    def __init__(self, format_name: str, *, found: str, expected: str, advice: str) -> None:
        super().__init__(f"The {format_name} file holds {found} – expected {expected}. {advice}")


class MultiFrameError(ImageError):
    """A file holds several pictures; `noun` is what its format calls them."""

    code = "image-multi-frame"

    def __init__(self, format_name: str, *, count: int, noun: str) -> None:
        super().__init__(
            f"The file is a {format_name} with {count} {noun} – expected one film (one file, one "
            "picture). Save the film you want as its own file."
        )


class TooLargeImageError(ImageError):
    """A file declares or unpacks to more than one film may have."""

    code = "image-too-large"


class WindowError(ImageError):
    """A window, or a rescale, is not one that DICOM defines."""

    code = "image-window"


class DecoderMemoryError(ImageError):
    """Decoding needs more memory than a decoder may use."""

    code = "image-memory"

    def __init__(self, format_name: str) -> None:
        super().__init__(
            f"The {format_name} file needs more memory than a decoder may use – expected a film "
            "within the setting decode_memory_mb. Save the film smaller, or raise the setting."
        )


def as_image_error(fault: Exception, *, format_name: str) -> ImageError:
    """Turn what a library raised into an error for the user.

    Parameters
    ----------
    fault
        One of `DECODER_FAULTS`; an ImageError is returned as it is.
    format_name
        What the bytes are, as in `Radiograph.format`.

    Returns
    -------
    ImageError
        With the code image-memory, image-truncated, image-too-large or image-corrupt.
    """
    if isinstance(fault, ImageError):
        return fault
    detail = _one_line(fault)
    lowered = detail.lower()
    if isinstance(fault, MemoryError):
        return DecoderMemoryError(format_name)
    if isinstance(fault, EOFError) or any(word in lowered for word in _TRUNCATED_WORDS):
        return TruncatedImageError(format_name, detail)
    if isinstance(fault, DecompressionBombError) or any(
        word in lowered for word in _TOO_LARGE_WORDS
    ):
        return TooLargeImageError(
            f"The {format_name} file unpacks to more than is allowed ({detail}) – expected one "
            "film. Save the film again without its extra data."
        )
    return CorruptImageError(format_name, detail)


def _one_line(fault: Exception) -> str:
    """Return a library's message as one short printable line."""
    words = " ".join(str(fault).split())
    printable = "".join(sign for sign in words if sign.isprintable())[:160].rstrip(" .")
    return printable or type(fault).__name__
