"""Whether values are HU, which no file can prove, and HU read back from the grey of a window."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from thoracle.core.results import Reason
from thoracle.imaging.ct_slice import Values
from thoracle.imaging.trust import Trust, refuse_for

Slices = Sequence[Values]
"""Slices of one size, each (rows, columns) int16 or float32; a volume is such a sequence too."""

AIR_HU: Final = -1024
_BOTTOM_HU, _TOP_HU = -32768, 32767

# What every chest CT holds, whatever the disease: some air, some soft tissue, and the soft
# tissue's commonest value between fat (-120) and enhanced muscle (80). Wide on purpose: the check
# may only refuse what cannot be HU.
_AIR_BELOW_HU: Final = -600.0
_AIR_PERCENT_MIN: Final = 1.0
_SOFT_FROM_HU: Final = -300.0
_SOFT_PEAK_HU: Final = (-160.0, 130.0)
_AIR_PEAK_HU: Final = (-1090.0, -600.0)
_BIN_HU: Final = 10.0
_SMOOTH_BINS: Final = 5

_PLATEAU_MIN: Final = 0.001  # a window cuts off far more than this at either end
_CLIPPED_BELOW_HU: Final = 1000.0
_WINDOW_WIDEST: Final = (-4096.0, 32767.0)
_LOOKED_AT: Final = 4_000_000  # voxels: enough for shares of a thousandth


@dataclass(frozen=True, slots=True, kw_only=True)
class Hounsfield:
    """HU, the window that they were read back from, and what is to be said of them."""

    hu: NDArray[np.int16] = field(repr=False)
    window_hu: tuple[float, float] | None = None
    assumptions: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()


def why_not_hu(values: Slices) -> Reason | None:
    """Say why values cannot be HU of a chest; None says only that nothing speaks against it.

    Parameters
    ----------
    values : slices of (rows, columns)
        Modality values, or whatever a file holds.

    Returns
    -------
    Reason or None
        scan-not-finite or scan-not-hu.
    """
    some = _some_of(values)
    if not np.isfinite(some).all():
        return Reason(
            code="scan-not-finite",
            text="found voxels without a number – expected HU everywhere. Fill them with -1024.",
        )
    look = _look_at(some)
    if look.can_be_hu:
        return None
    return Reason(
        code="scan-not-hu",
        text=f"found values from {some.min():g} to {some.max():g}, {look.air_percent:.1f} % of "
        f"them below -600, the commonest tissue at {_printed(look.soft_peak)}, the commonest air "
        f"at {_printed(look.air_peak)} – expected HU: air near -1000, soft tissue near 50, fat "
        "near -100. Use the original series; or, if this is the grey of a window, say which: "
        "--assume-window LOW HIGH.",
    )


def as_hu(values: Slices) -> Hounsfield:
    """Take values as HU: whole numbers, nothing below air.

    Parameters
    ----------
    values : slices of (rows, columns) int16 or float32
        HU; scanners put down to -3024 outside their circle.

    Returns
    -------
    Hounsfield
        int16, from -1024 on.
    """
    hu = np.empty((len(values), *values[0].shape), np.int16)
    for index, one in enumerate(values):  # one slice in float at a time
        inside = one if one.dtype == np.int16 else one.clip(_BOTTOM_HU, _TOP_HU)
        np.maximum(np.rint(inside), AIR_HU, out=hu[index], casting="unsafe")
    return Hounsfield(hu=hu, warnings=_clipped(hu))


def from_window(values: Slices, trust: Trust, window: tuple[float, float]) -> Hounsfield:
    """Read HU back from the grey of a window.

    Parameters
    ----------
    values : slices of (rows, columns) int16 or float32
        Grey, rising with HU.
    trust
        May say which grey is black and which is white.
    window
        HU of black and of white.

    Returns
    -------
    Hounsfield
        Inside the window; what was beyond it is not known. A window that is none, and grey whose
        ends are unknown, are refused.
    """
    low, high = window
    refuse_for(_no_window(low, high), _no_need(values))
    black, white = trust.grey_range or _plateaus(values)
    scale = np.float32((high - low) / (white - black))
    hu = np.empty((len(values), *values[0].shape), np.int16)
    for index, grey in enumerate(values):
        shown = np.float32(low) + (grey.astype(np.float32) - np.float32(black)) * scale
        hu[index] = np.rint(np.clip(shown, low, high))
    text = (
        f"HU were read back from grey, on a user's word: {black:g} was taken for {low:g} HU and "
        f"{white:g} for {high:g} HU. Beyond these, HU are not known."
    )
    said = Reason(code="scan-window-assumed", text=text)
    return Hounsfield(
        hu=hu,
        window_hu=(low, high),
        assumptions=(said,),
        warnings=_doubts(hu, window, float(scale)),
    )


def _some_of(values: Slices) -> Values:
    """Return evenly spread voxels, at most a few million."""
    size = len(values) * values[0].size
    step = max(1, round((size / _LOOKED_AT) ** (1.0 / 3.0)))
    return cast("Values", np.stack([one[::step, ::step] for one in values[::step]]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What a histogram shows: the share below `_AIR_BELOW_HU`, the commonest tissue and air."""

    air_percent: float
    soft_peak: float | None
    air_peak: float | None

    @property
    def can_be_hu(self) -> bool:
        return (
            self.air_percent >= _AIR_PERCENT_MIN
            and _is_within(self.soft_peak, _SOFT_PEAK_HU)
            and _is_within(self.air_peak, _AIR_PEAK_HU)
        )


def _is_within(peak: float | None, ends: tuple[float, float]) -> bool:
    return peak is not None and ends[0] <= peak <= ends[1]


def _printed(peak: float | None) -> str:
    return "?" if peak is None else f"{peak:g}"


def _look_at(some: Values) -> _Look:
    below = some[some < _AIR_BELOW_HU]
    # The lowest value may be what lies outside the scanner's circle.
    inner = below[below > below.min()] if below.size else below
    return _Look(
        air_percent=100.0 * below.size / max(some.size, 1),
        soft_peak=_peak(some[some >= _SOFT_FROM_HU]),
        air_peak=_peak(inner if inner.size else below),
    )


def _peak(some: Values) -> float | None:
    """Return the commonest value, to the middle of a smoothed bin."""
    if some.size == 0:
        return None
    bins = np.floor(some.astype(np.float32) / np.float32(_BIN_HU)).astype(np.int64)
    first = int(bins.min())
    counts = np.bincount(np.minimum(bins - first, 2**16))
    smooth = np.convolve(counts, np.ones(_SMOOTH_BINS), "same")
    return float((int(smooth.argmax()) + first + 0.5) * _BIN_HU)


def _plateaus(values: Slices) -> tuple[float, float]:
    """Return the lowest and the highest value where a window has cut off at both."""
    low, high = float(min(one.min() for one in values)), float(max(one.max() for one in values))
    shares = [float(np.mean([(one == end).mean() for one in values])) for end in (low, high)]
    is_cut = low < high and min(shares) >= _PLATEAU_MIN
    refuse_for(None if is_cut else _no_plateau(low, high, shares))
    return low, high


def _no_plateau(low: float, high: float, shares: list[float]) -> Reason:
    return Reason(
        code="scan-grey-range",
        text=f"found grey from {low:g} to {high:g}, of which {100 * shares[0]:.2f} % and "
        f"{100 * shares[1]:.2f} % are at the ends – expected a window's grey to be cut off at "
        "both. Say which grey is black and which is white: --grey-range BLACK WHITE.",
    )


def _no_window(low: float, high: float) -> Reason | None:
    if _WINDOW_WIDEST[0] <= low and low + 1.0 <= high <= _WINDOW_WIDEST[1]:
        return None
    return Reason(
        code="scan-window",
        text=f"found a window from {low:g} to {high:g} HU – expected LOW at least 1 below HIGH, "
        f"from {_WINDOW_WIDEST[0]:g} to {_WINDOW_WIDEST[1]:g}. Correct it.",
    )


def _no_need(values: Slices) -> Reason | None:
    if why_not_hu(values) is not None:
        return None
    return Reason(
        code="scan-window-needless",
        text="found values that look like HU – expected a window's grey, since a window was "
        "given. Leave out --assume-window.",
    )


def _doubts(hu: NDArray[np.int16], window: tuple[float, float], scale: float) -> tuple[Reason, ...]:
    reasons = []
    some = _some_of(list(hu))
    # What the window has cut off lies at its ends, whatever it was.
    look = _look_at(some[(some > window[0]) & (some < window[1])])
    if not look.can_be_hu:
        text = (
            f"With the assumed window the commonest tissue lies at {_printed(look.soft_peak)} and "
            f"the commonest air at {_printed(look.air_peak)} HU: they should lie near 50 and "
            "-1000. Is it the right window?"
        )
        reasons.append(Reason(code="scan-window-doubtful", text=text))
    if abs(scale) > 2.0:
        text = f"A step of grey is {abs(scale):.1f} HU: the grey is coarse."
        reasons.append(Reason(code="scan-window-coarse", text=text))
    return tuple(reasons)


def _clipped(hu: NDArray[np.int16]) -> tuple[Reason, ...]:
    top = int(hu.max())
    share = float(np.mean([(one == top).mean() for one in hu]))  # no mask of the whole volume
    is_cut = top < _CLIPPED_BELOW_HU and share >= _PLATEAU_MIN
    if not is_cut:
        return ()
    text = f"The values are cut off at {top} HU: denser tissue and bone are not in the file."
    return (Reason(code="scan-clipped", text=text),)
