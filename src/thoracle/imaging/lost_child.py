"""A decoder's child that ended, stalled or broke the protocol, and what that means for a file."""

from thoracle.core.errors import ImageError
from thoracle.imaging.limits import cpu_allowed_s


class ChildLostError(Exception):
    """The child ended, stalled, or broke the protocol.

    Attributes
    ----------
    has_started
        Whether it had begun with the file, so that the file is to blame.
    is_late
        Whether it ran out of wall-clock or CPU time.
    how
        Words for the log and the user: the signal, or what was wrong.
    """

    def __init__(self, *, has_started: bool, is_late: bool, how: str) -> None:
        super().__init__(how)
        self.has_started = has_started
        self.is_late = is_late
        self.how = how


def explain_lost(lost: ChildLostError, *, size_bytes: int, cpu_s: float) -> ImageError:
    """Return what a user is told of a lost child.

    Parameters
    ----------
    lost
        What happened.
    size_bytes
        Of the file.
    cpu_s
        The setting decode_cpu_s.
    """
    if not lost.has_started:
        return ImageError(
            f"No decoder process could be started ({lost.how}) – expected one within half a "
            "minute. Raise the setting decode_memory_mb, or try again on an idle machine.",
            code="image-decoder-unavailable",
        )
    if lost.is_late:
        allowed_s = cpu_allowed_s(size_bytes, cpu_s=cpu_s)
        return ImageError(
            f"The file took longer to decode than its size allows – expected {allowed_s:.1f} s "
            "of CPU time at most (setting decode_cpu_s). Export it uncompressed, or as PNG.",
            code="image-timeout",
        )
    return ImageError(
        f"The decoder stopped over this file ({lost.how}) – expected a readable film. "
        "The file is damaged: export or copy it again.",
        code="image-decoder-died",
    )
