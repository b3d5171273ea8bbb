"""What goes wrong with a recording's file, in its own words instead of a film's."""

from thoracle.core.errors import ImageError, MissingExtraError, ThoracleError
from thoracle.imaging.faults import as_image_error
from thoracle.imaging.limits import cpu_allowed_s
from thoracle.imaging.recording import printable

_WHY_MAX = 160


class CorruptRecordingError(ImageError):
    """A recording's file is damaged; `detail` says what was found, without a full stop."""

    code = "recording-corrupt"

    def __init__(self, format_name: str, detail: str) -> None:
        super().__init__(
            f"The {format_name} file is damaged: {printable(detail, longest=_WHY_MAX)} – expected "
            "a readable recording. Export or copy it again."
        )


class TruncatedRecordingError(ImageError):
    """A recording's file ends too early; `detail` says where, without a full stop."""

    code = "recording-truncated"

    def __init__(self, format_name: str, detail: str) -> None:
        super().__init__(
            f"The {format_name} file ends too early: {printable(detail, longest=_WHY_MAX)} – "
            "expected the whole recording. Copy or download it again."
        )


class InflatedRecordingError(ImageError):
    """A compressed recording unpacks to more than is allowed."""

    code = "recording-inflated"

    def __init__(self, format_name: str, *, allowed_bytes: int) -> None:
        super().__init__(
            f"The {format_name} file unpacks to more than {allowed_bytes} bytes – expected less "
            "from a file of its size. Save it uncompressed."
        )


class RecordingMemoryError(ImageError):
    """Reading a recording needs more memory than a decoder may use."""

    code = "recording-memory"

    def __init__(self, format_name: str) -> None:
        super().__init__(
            f"The {format_name} file needs more memory than a decoder may use – expected a "
            "recording within the setting decode_memory_mb. Export the breathing channel alone, "
            "or raise the setting."
        )


def as_recording_error(fault: Exception, *, format_name: str) -> ImageError:
    """Turn what a library raised over a recording into an error for the user.

    Parameters
    ----------
    fault
        Anything; an ImageError of a recording is returned as it is.
    format_name
        What the bytes are.
    """
    if isinstance(fault, ImageError):
        return fault
    if isinstance(fault, MemoryError):
        return RecordingMemoryError(format_name)
    code = as_image_error(fault, format_name=format_name).code
    detail = printable(str(fault), longest=_WHY_MAX).rstrip(" .") or type(fault).__name__
    if code == "image-truncated":
        return TruncatedRecordingError(format_name, detail)
    return CorruptRecordingError(format_name, detail)


def about_recording(error: ImageError, *, size_bytes: int, cpu_s: float) -> ThoracleError:
    """Return an error of the decoder in words for a recording.

    Parameters
    ----------
    error
        As the pool raised it.
    size_bytes
        Of the file.
    cpu_s
        The setting decode_cpu_s.

    Returns
    -------
    ThoracleError
        A MissingExtraError, or an ImageError.
    """
    if error.code == MissingExtraError.code:
        return MissingExtraError(error.text)
    if error.code == "image-timeout":
        allowed_s = cpu_allowed_s(size_bytes, cpu_s=cpu_s)
        return ImageError(
            "The recording took longer to read than its size allows – expected "
            f"{allowed_s:.1f} s of CPU time at most (setting decode_cpu_s). Export the breathing "
            "channel alone, or raise the setting.",
            code="recording-timeout",
        )
    if error.code == "image-decoder-died":
        return ImageError(
            "The decoder stopped over this file – expected a readable recording. The file is "
            "damaged: export or copy it again.",
            code="recording-decoder-died",
        )
    return error
