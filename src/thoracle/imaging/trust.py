"""What a user takes responsibility for, and why a scan is not opened without it."""

from collections.abc import Sequence
from dataclasses import dataclass

from thoracle.core.errors import ImageError
from thoracle.core.results import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a user says of a scan that its files do not; each use becomes an assumption of the scan.

    Attributes
    ----------
    assume_window
        HU of black and of white, for files that hold a window's grey instead of HU.
    slice_spacing_mm
        From one slice to the next in the order of Instance Number (0020,0013), for files without
        a place: above 0 where it rises towards the head, below 0 where towards the feet. It says
        too that the slices are axial and seen as radiologists do.
    grey_range
        The grey that is black and the one that is white, where the values do not show it.
    """

    assume_window: tuple[float, float] | None = None
    slice_spacing_mm: float | None = None
    grey_range: tuple[float, float] | None = None


class ScanRefusedError(ImageError):
    """A series cannot be trusted, often for more than one reason: a line for each.

    Parameters
    ----------
    reasons
        At least one.

    Attributes
    ----------
    reasons
        What was found, what was expected, and what to do: a code and a sentence each.
    """

    code = "scan-refused"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        text = "\n".join(reason.text for reason in reasons)
        super().__init__(text, code=reasons[0].code if len(reasons) == 1 else None)
        self.reasons = tuple(reasons)


def refuse_for(*reasons: Reason | None) -> None:
    """Refuse a scan where there is any reason to; None is none.

    Raises
    ------
    ScanRefusedError
        With all of the reasons.
    """
    found = tuple(reason for reason in reasons if reason is not None)
    if found:
        raise ScanRefusedError(found)
