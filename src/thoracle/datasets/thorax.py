"""A synthetic thorax: two lungs with lesions, and their volumes by formula.

Both lungs are eggs, half an ellipsoid above and half of another below, which a plane at the
midline may cut where they touch. Places are (up, back, left) in mm, as the axes of a scan.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.errors import EvaluationError
from thoracle.ct.types import GROUND_GLASS
from thoracle.datasets.thorax_shapes import Egg, Layer, Lesion

_TRIES: Final = 200  # of placing a lesion, before saying that no more fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Thorax:
    """What is inside.

    Attributes
    ----------
    gap
        How far each lung's middle lies from the midline, as a share of its own half width there:
        above 1 they are apart, below 1 they touch in an ellipse at the front.
    lesions
        Ellipsoids, each inside one lung, none overlapping.
    layers
        The dorsal part of a lung, at most one each.
    """

    gap: float = 1.2
    lesions: tuple[Lesion, ...] = ()
    layers: tuple[Layer, ...] = ()

    @property
    def lungs(self) -> tuple[Egg, Egg]:
        """The patient's right lung, and the left one."""
        right = Egg(half_mm=(95.0, 58.0), up_mm=165.0, down_mm=75.0, turn_degrees=14.0, side=-1)
        left = Egg(half_mm=(95.0, 54.0), up_mm=165.0, down_mm=75.0, turn_degrees=-14.0, side=1)
        return right.placed(self.gap), left.placed(self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoraxVolumes:
    """Volumes by formula, of the right and of the left lung, in ml; lungs include what is ill."""

    lung_ml: tuple[float, float]
    ground_glass_ml: tuple[float, float]
    consolidation_ml: tuple[float, float]

    @property
    def percentage_of_infection(self) -> float:
        """Ground glass and consolidation, of both lungs, in percent."""
        ill = sum(self.ground_glass_ml) + sum(self.consolidation_ml)
        return 100.0 * ill / sum(self.lung_ml)


def volumes_of(thorax: Thorax) -> ThoraxVolumes:
    """Work out a thorax's volumes by formula.

    Parameters
    ----------
    thorax
        Its lesions and layers must not overlap.

    Returns
    -------
    ThoraxVolumes
        Exact: ellipsoids, and ellipsoids cut by a plane.

    Raises
    ------
    EvaluationError
        A lesion leaves its lung or meets another or a layer, so that no formula holds.
    """
    lungs = thorax.lungs
    glass, solid = [0.0, 0.0], [0.0, 0.0]
    for lesion in thorax.lesions:
        side = int(lesion.center_mm[2] > 0.0)
        if not _is_apart(lesion, thorax):
            raise EvaluationError(
                f"found a lesion at {lesion.center_mm} mm that leaves its lung or meets another – "
                "expected it inside one lung, by itself. Move or shrink it.",
                code="phantom-overlap",
            )
        glass[side] += lesion.ground_glass_ml
        solid[side] += lesion.consolidation_ml
    for layer in thorax.layers:
        side = int(layer.side > 0)
        parts = glass if layer.label == GROUND_GLASS else solid
        parts[side] += lungs[side].behind_ml(layer.share)
    return ThoraxVolumes(
        lung_ml=(lungs[0].volume_ml, lungs[1].volume_ml),
        ground_glass_ml=(glass[0], glass[1]),
        consolidation_ml=(solid[0], solid[1]),
    )


def scattered_lesions(
    count: int, *, rng: np.random.Generator, gap: float = 1.2, largest_mm: float = 30.0
) -> tuple[Lesion, ...]:
    """Draw lesions that lie inside the lungs and apart from each other.

    Parameters
    ----------
    count
        How many.
    rng
        Draws place, size, turn and the consolidated core.
    gap
        As for `Thorax`.
    largest_mm
        Of their half axes; the smallest is 6 mm.

    Returns
    -------
    tuple of Lesion
        From pure ground glass to pure consolidation.

    Raises
    ------
    EvaluationError
        So many do not fit.
    """
    lesions: tuple[Lesion, ...] = ()
    for _ in range(_TRIES * count):
        if len(lesions) == count:
            return lesions
        place = rng.uniform((-60.0, -80.0, -125.0), (140.0, 80.0, 125.0))
        lesion = Lesion(
            center_mm=(float(place[0]), float(place[1]), float(place[2])),
            half_mm=tuple(rng.uniform(6.0, largest_mm, 3).tolist()),
            turn_degrees=float(rng.uniform(-90.0, 90.0)),
            core=float(rng.choice([0.0, 1.0, rng.uniform(0.4, 0.9)])),
        )
        if _is_apart(lesion, Thorax(gap=gap, lesions=lesions)):
            lesions = (*lesions, lesion)
    raise EvaluationError(
        f"found room for {len(lesions)} of {count} lesions – expected all. Ask for fewer or "
        "smaller ones.",
        code="phantom-overlap",
    )


def _is_apart(lesion: Lesion, thorax: Thorax) -> bool:
    """Say whether a lesion lies in one lung, apart from all others and from the layers."""
    skin = lesion.skin_mm()
    lung = thorax.lungs[int(lesion.center_mm[2] > 0.0)]
    if not lung.holds(skin).all():
        return False
    layers = [one for one in thorax.layers if one.side == lung.side]
    if any((skin[:, 1] > lung.plane_mm(one.share)).any() for one in layers):
        return False
    others = [one for one in thorax.lesions if one is not lesion]
    return not any(one.holds(skin).any() or lesion.holds(one.skin_mm()).any() for one in others)
