"""The published numbers of the Respiratory Simulation Model: cuts, pauses and parameters.

References
----------
Wang et al. 2020, Unobtrusive and automatic classification of multiple people's abnormal respiratory
patterns in real time using deep neural network and depth camera (doi 10.1109/JIOT.2020.2991456,
arXiv 2002.05534), and the authors' published script.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

PERIOD_S: Final = 60
"""What the instants below count in: whole seconds of a window of this length."""

CUTS: Final = 5

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Bounds of the uniform draws for a segment s(t) = a·sin(b·t) + c + d·(t − t₀)."""

    a: Range
    b: Range  # rad/s
    c: Range
    d: Range  # 1/s

    @property
    def bounds(self) -> tuple[Range, Range, Range, Range]:
        """In the order a, b, c, d."""
        return self.a, self.b, self.c, self.d


@dataclass(frozen=True, slots=True, kw_only=True)
class RsmPattern:
    """How windows of a pattern are drawn.

    Attributes
    ----------
    cuts_s
        From and to of each cut, whole seconds, both included.
    segments
        Ranges of the segments before, between and after the cuts.
    pause_until_s
        The pause begins in a whole second from the last cut up to this one, and lasts until the
        period's end; None where there is none.
    pause
        Its ranges.
    """

    cuts_s: tuple[tuple[int, int], ...]
    segments: tuple[Ranges, ...]
    pause_until_s: int | None = None
    pause: Ranges | None = None


def _alike(a: Range, b: Range) -> tuple[Ranges, ...]:
    return (Ranges(a=a, b=b, c=(-0.4, 0.4), d=(-0.1, 0.1)),) * (CUTS + 1)


def _pause(c: Range) -> Ranges:
    return Ranges(a=(-0.05, 0.05), b=(0.01, 3.14), c=c, d=(-0.01, 0.01))


def _waxing(*depths: Range) -> tuple[Ranges, ...]:
    return tuple(Ranges(a=a, b=(1.37, 1.77), c=(-0.05, 0.05), d=(-0.1, 0.1)) for a in depths)


_SHALLOW, _DEEP = (0.2, 0.4), (0.6, 0.9)

RSM: Final[Mapping[str, RsmPattern]] = MappingProxyType({
    "eupnea": RsmPattern(
        cuts_s=((0, 60),) * CUTS, segments=_alike((0.3, 0.5), (1.27, 1.77))
    ),
    "bradypnea": RsmPattern(
        cuts_s=((0, 60),) * CUTS, segments=_alike((0.3, 0.5), (0.79, 1.15))
    ),
    "tachypnea": RsmPattern(
        cuts_s=((0, 60),) * CUTS, segments=_alike((0.2, 0.8), (2.09, 3.14))
    ),
    "biot": RsmPattern(
        cuts_s=((0, 50),) * CUTS,
        segments=_alike((0.6, 0.9), (2.25, 3.14)),
        pause_until_s=50,
        pause=_pause((-0.2, 0.2)),
    ),
    "cheyne_stokes": RsmPattern(
        cuts_s=((0, 4), (10, 14), (16, 20), (26, 30), (38, 40)),
        segments=_waxing(_SHALLOW, _SHALLOW, _DEEP, _DEEP, _SHALLOW, _SHALLOW),
        pause_until_s=40,
        pause=_pause((-0.2, 0.2)),
    ),
    "central_apnea": RsmPattern(
        cuts_s=((0, 40),) * CUTS,
        segments=_alike((0.3, 0.6), (1.37, 1.77)),
        pause_until_s=40,
        pause=_pause((-0.4, 0.4)),
    ),
})  # fmt: skip

SPIKES: Final = 10
"""Of a period of the noise class: samples at random places, repeats possible."""

SPIKE_VALUES: Final = (-10, 10)
"""Whole numbers, both included; the other samples are standard normal."""
