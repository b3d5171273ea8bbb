"""The lungs and lesions of a synthetic thorax: solids whose volumes are known by formula.

Places are (up, back, left) in mm; all solids are upright, and turned about the vertical axis only.
"""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import EvaluationError

_SKIN_POINTS: Final = 400  # of a lesion's surface that are looked at: a few degrees apart
_NEVER: Final = np.float32(np.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The back of one lung, as fluid and collapse lie in a patient on the back.

    Attributes
    ----------
    side
        −1 for the patient's right lung, 1 for the left.
    share
        Where it begins: 0 at the lung's middle, 1 at its hindmost point.
    label
        `GROUND_GLASS` or `CONSOLIDATION`.
    """

    side: Literal[-1, 1]
    share: float
    label: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """An ellipsoid with a core of the same form.

    Attributes
    ----------
    center_mm, half_mm
        (up, back, left): middle, and half axes before it is turned.
    turn_degrees
        About the vertical axis.
    core
        Size of the consolidated core, 0 (all ground glass) to 1 (all consolidation), in length.
    """

    center_mm: tuple[float, float, float]
    half_mm: tuple[float, ...]
    turn_degrees: float = 0.0
    core: float = 0.0

    @property
    def volume_ml(self) -> float:
        """Of all of it."""
        return 4.0 / 3.0 * math.pi * math.prod(self.half_mm) / 1000.0

    @property
    def consolidation_ml(self) -> float:
        """Of the core."""
        return self.volume_ml * self.core**3

    @property
    def ground_glass_ml(self) -> float:
        """Of what surrounds the core."""
        return self.volume_ml * (1.0 - self.core**3)

    @property
    def reach_mm(self) -> float:
        """How far it reaches from its middle, at most, in a slice."""
        return max(self.half_mm[1:]) + 1.0

    def shrunk(self) -> "Lesion":
        """Return the core as a lesion of its own."""
        half = tuple(side * self.core for side in self.half_mm)
        return replace(self, half_mm=half, core=0.0)

    def limit_at(self, up_mm: float) -> float:
        """Return what `plane` stays below, at a height; 0 or less where nothing is cut."""
        return 1.0 - ((up_mm - self.center_mm[0]) / self.half_mm[0]) ** 2

    def plane(self, back_mm: FloatArray, left_mm: FloatArray) -> FloatArray:
        """Return the squared distance from the vertical axis, in half axes."""
        _, back, left = self.center_mm
        return _turned(
            back_mm - back, left_mm - left, (self.half_mm[1], self.half_mm[2]), self.turn_degrees
        )

    def holds(self, places_mm: DoubleArray) -> BoolArray:
        """Say which places, (places, 3), lie inside."""
        heights = ((places_mm[:, 0] - self.center_mm[0]) / self.half_mm[0]) ** 2
        plane = self.plane(places_mm[:, 1].astype(np.float32), places_mm[:, 2].astype(np.float32))
        inside: BoolArray = plane + heights < 1.0
        return inside

    def skin_mm(self) -> DoubleArray:
        """Return places spread over its surface, (places, 3)."""
        steps = np.arange(_SKIN_POINTS) + 0.5
        up = 1.0 - 2.0 * steps / _SKIN_POINTS
        around = np.pi * (1.0 + 5.0**0.5) * steps
        ring = np.sqrt(1.0 - up**2)
        back, left = (
            self.half_mm[1] * ring * np.cos(around),
            self.half_mm[2] * ring * np.sin(around),
        )
        cosine, sine = _turn(self.turn_degrees)
        turned = (up * self.half_mm[0], cosine * back + sine * left, cosine * left - sine * back)
        skin: DoubleArray = np.stack(turned, axis=1) + np.asarray(self.center_mm)
        return skin


@dataclass(frozen=True, slots=True, kw_only=True)
class Egg:
    """A lung: half of an ellipsoid above its middle, half of another below, cut at the midline.

    Attributes
    ----------
    half_mm
        (back, left) half axes before it is turned.
    up_mm, down_mm
        From the middle to the apex and to the base.
    turn_degrees
        About the vertical axis; its front turns to the midline.
    side
        −1 for the patient's right lung, 1 for the left.
    center_mm
        Its middle.
    """

    half_mm: tuple[float, float]
    up_mm: float
    down_mm: float
    turn_degrees: float
    side: Literal[-1, 1]
    center_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def placed(self, gap: float) -> "Egg":
        """Return it beside the midline, at a distance given in its own half widths there."""
        return replace(self, center_mm=(0.0, 0.0, self.side * gap * self._half_width_mm))

    @property
    def volume_ml(self) -> float:
        """Of what lies on its own side of the midline."""
        reach = abs(self.center_mm[2]) / self._half_width_mm
        return self._whole_ml * (1.0 - _cap(reach))

    @property
    def reach_mm(self) -> float:
        """How far it reaches from its middle, at most, in a slice."""
        return max(self.half_mm) + 1.0

    def behind_ml(self, share: float) -> float:
        """Return the volume of what lies behind a share of its half depth.

        Parameters
        ----------
        share
            0 to 1, from the middle to the hindmost point.

        Returns
        -------
        float
            In ml.

        Raises
        ------
        EvaluationError
            The plane would meet the cut at the midline, or lies outside.
        """
        if not 0.2 <= share < 1.0:  # the cut at the midline lies in front of the middle
            raise EvaluationError(
                f"found a layer from {share:g} of the lung's half depth – expected 0.2 to 1. "
                "Begin it further back.",
                code="phantom-overlap",
            )
        return self._whole_ml * _cap(share)

    def plane_mm(self, share: float) -> float:
        """Return how far back the plane at a share of the half depth lies."""
        return self.center_mm[1] + share * self._half_depth_mm

    def limit_at(self, up_mm: float) -> float:
        """Return what `plane` stays below, at a height; 0 or less where nothing is cut."""
        half = self.up_mm if up_mm > 0.0 else self.down_mm
        return 1.0 - (up_mm / half) ** 2

    def plane(self, back_mm: FloatArray, left_mm: FloatArray) -> FloatArray:
        """Return the squared distance from the axis, in half axes; none beyond the midline."""
        _, back, left = self.center_mm
        found = _turned(back_mm - back, left_mm - left, self.half_mm, self.turn_degrees)
        return np.where(left_mm * self.side > 0.0, found, _NEVER)

    def holds(self, places_mm: DoubleArray) -> BoolArray:
        """Say which places, (places, 3), lie inside."""
        half = np.where(places_mm[:, 0] > 0.0, self.up_mm, self.down_mm)
        plane = self.plane(places_mm[:, 1].astype(np.float32), places_mm[:, 2].astype(np.float32))
        inside: BoolArray = plane + (places_mm[:, 0] / half) ** 2 < 1.0
        return inside

    @property
    def _whole_ml(self) -> float:
        return 2.0 / 3.0 * math.pi * math.prod(self.half_mm) * (self.up_mm + self.down_mm) / 1000.0

    @property
    def _half_width_mm(self) -> float:
        cosine, sine = _turn(self.turn_degrees)
        return math.hypot(self.half_mm[1] * cosine, self.half_mm[0] * sine)

    @property
    def _half_depth_mm(self) -> float:
        cosine, sine = _turn(self.turn_degrees)
        return math.hypot(self.half_mm[0] * cosine, self.half_mm[1] * sine)


def _cap(distance: float) -> float:
    """Return the share of an ellipsoid beyond a plane.

    The plane lies at `distance` half axes (1 touches it), measured along its normal. A linear map
    turns any ellipsoid into a ball, whose cap is known.
    """
    near = min(distance, 1.0)
    return (1.0 - near) ** 2 * (2.0 + near) / 4.0


def _turned(
    back_mm: FloatArray, left_mm: FloatArray, half_mm: tuple[float, float], turn_degrees: float
) -> FloatArray:
    cosine, sine = (np.float32(one) for one in _turn(turn_degrees))
    along = (cosine * back_mm - sine * left_mm) / np.float32(half_mm[0])
    across = (cosine * left_mm + sine * back_mm) / np.float32(half_mm[1])
    return np.asarray(along**2 + across**2, np.float32)


def _turn(degrees: float) -> tuple[float, float]:
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
