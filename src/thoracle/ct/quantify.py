"""From the labels of a scan to its numbers, each with the spread over variants of the labels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import ImageError
from thoracle.core.results import Reason
from thoracle.ct import density, lesions
from thoracle.ct.coverage import find_cuts
from thoracle.ct.measures import (
    COMPARTMENTS,
    PARTS,
    SIDES,
    Cut,
    Density,
    Lesions,
    Quantity,
    RegionMeasures,
    ScanMeasures,
)
from thoracle.ct.regions import Tally, tally, volumes
from thoracle.ct.sides import Sides, find_sides
from thoracle.ct.texts import MEASURES
from thoracle.ct.types import LABELS, Segmentation
from thoracle.imaging.scan import CtScan

Key = tuple[str, str, str]
"""Side, part or compartment, and what is measured of it."""
LESION_COUNT: Final = ("both", "whole", "lesions")
UNLIKE_RATIO: Final = 3.0
"""Of the lungs' volumes. Healthy right lungs are some tenths larger; a collapse makes it more."""
SMALLEST_ML: Final = 1000.0
LARGEST_ML: Final = 10_000.0
"""Adults' total lung capacity is about 4 to 8 liters; at the end of a breath out, half of it."""
_WHOLE: Final = "whole"


def measure(
    scan: CtScan, segmentation: Segmentation, *, variants: Iterable[Segmentation] = ()
) -> ScanMeasures:
    """Measure a scan by its labels.

    Parameters
    ----------
    scan
        Gives the grid, and HU where it has them.
    segmentation
        Labels of the scan's voxels.
    variants
        Other label maps of the same scan, such as those of test-time variation; looked at one by
        one. The least and greatest number of them and of `segmentation` become the interval: the
        spread of whoever labels, not of the truth.

    Returns
    -------
    ScanMeasures
        What cannot be known is None. A label map of another grid, or with labels that nobody knows,
        is an ImageError.
    """
    seen = _look(scan, segmentation.label_map)
    cuts = find_cuts(segmentation.label_map, scan, seen.sides)
    found = _lesions(scan, segmentation.label_map, seen)
    junction_mm = None if seen.sides is None else seen.sides.junction_mm
    hu, numbers = seen.hu, seen.numbers
    del seen  # its arrays are as large as the scan, and variants bring their own
    others = [_look(scan, one.label_map).numbers for one in variants]
    spread = {
        key: _spread(value, [one.get(key) for one in others]) for key, value in numbers.items()
    }
    return ScanMeasures(
        sha256=scan.sha256,
        spacing_mm=scan.spacing_mm,
        regions=tuple(_regions(spread, cuts)),
        lesions=replace(found, count=spread[LESION_COUNT]),
        densities=None if hu is None else tuple(_densities(scan, hu, spread)),
        cuts=cuts,
        variants=len(others),
        junction_mm=junction_mm,
        warnings=tuple(_warnings(spread, junction_mm, cuts)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one label map says, before it is compared with others."""

    sides: Sides | None
    counted: Tally
    pieces: lesions.Pieces
    hu: density.Counts | None = field(repr=False)
    numbers: Mapping[Key, float | None]


def _look(scan: CtScan, label_map: ByteArray) -> _Look:
    _need_labels(label_map, scan)
    sides = find_sides(label_map, spacing_mm=scan.spacing_mm)
    counted = tally(label_map, sides, spacing_mm=scan.spacing_mm)
    pieces = lesions.find_pieces(label_map)
    hu = density.count_hu(scan.hu, label_map, sides) if scan.has_hu else None
    numbers: dict[Key, float | None] = {
        (*region, name): value
        for region, named in volumes(counted).items()
        for name, value in named.items()
    }
    numbers[LESION_COUNT] = float(pieces.counted(scan.voxel_ml).size)
    if hu is not None:
        for side, compartment, voxels in density.by_compartment(hu, knows_sides=sides is not None):
            numbers[side, compartment, "mean_hu"] = density.mean_hu(voxels)
    return _Look(sides=sides, counted=counted, pieces=pieces, hu=hu, numbers=numbers)


def _need_labels(labels: ByteArray, scan: CtScan) -> None:
    if labels.shape != scan.hu.shape or labels.dtype != np.uint8:
        raise ImageError(
            f"found labels of {_sides(labels.shape)} voxels ({labels.dtype}) – expected those of "
            f"the scan, {_sides(scan.hu.shape)} (uint8). Label this scan.",
            code="labels-elsewhere",
        )
    if labels.max(initial=0) >= len(LABELS):
        raise ImageError(
            f"found label {labels.max()} – expected 0 to {len(LABELS) - 1} ({', '.join(LABELS)}). "
            "Map the labels to these.",
            code="labels-unknown",
        )


def _sides(shape: tuple[int, ...]) -> str:
    return " × ".join(str(side) for side in shape)


def _spread(value: float | None, others: list[float | None]) -> Quantity:
    known = [one for one in (value, *others) if one is not None]
    if not others or len(known) <= len(others):
        return Quantity(value=value)
    return Quantity(value=value, low=min(known), high=max(known))


def _regions(spread: Mapping[Key, Quantity], cuts: tuple[Cut, ...]) -> Iterator[RegionMeasures]:
    for side in SIDES:
        is_cut = bool(cuts) if side == "both" else any(side in one.sides for one in cuts)
        for part in PARTS:
            names = (
                "lung_ml",
                "ground_glass_ml",
                "consolidation_ml",
                "infection_ml",
                "percentage_of_infection",
            )
            found = {name: spread[side, part, name] for name in names}
            yield RegionMeasures(side=side, part=part, is_lower_bound=is_cut, **found)


def _lesions(scan: CtScan, label_map: ByteArray, seen: _Look) -> Lesions:
    ml = seen.pieces.voxels[seen.pieces.voxels > 0] * scan.voxel_ml
    small = ml[ml < lesions.SMALLEST_ML]
    return Lesions(
        count=Quantity(value=seen.numbers[LESION_COUNT]),
        smallest_ml=lesions.SMALLEST_ML,
        smaller=int(small.size),
        smaller_ml=float(small.sum()),
        largest=lesions.describe(
            seen.pieces, scan, label_map, sides=seen.sides, counted=seen.counted
        ),
    )


def _densities(
    scan: CtScan, hu: density.Counts, spread: Mapping[Key, Quantity]
) -> Iterator[Density]:
    knows_sides = ("right", COMPARTMENTS[0], "mean_hu") in spread
    for side, compartment, voxels in density.by_compartment(hu, knows_sides=knows_sides):
        yield Density(
            side=side,
            compartment=compartment,
            mean_hu=spread[side, compartment, "mean_hu"],
            sd_hu=density.spread_hu(voxels),
            p5_hu=density.percentile_hu(voxels, 5.0),
            median_hu=density.percentile_hu(voxels, 50.0),
            p95_hu=density.percentile_hu(voxels, 95.0),
            histogram_ml=density.histogram_ml(voxels, voxel_ml=scan.voxel_ml),
        )


def _warnings(
    spread: Mapping[Key, Quantity], junction_mm: float | None, cuts: tuple[Cut, ...]
) -> Iterator[Reason]:
    if not spread["both", _WHOLE, "lung_ml"].value:
        yield Reason(code="ct-no-lung", text=MEASURES["no_lung"])
    elif junction_mm is None:
        yield Reason(code="ct-sides-unknown", text=MEASURES["sides_unknown"])
    elif junction_mm > 0.0:
        yield Reason(code="ct-lungs-touch", text=MEASURES["lungs_touch"])
    yield from _unlikely(spread, is_cut=bool(cuts))
    for cut in cuts:
        text = MEASURES[f"cut_{cut.edge}"].format(area=f"{cut.area_cm2:.1f}")
        yield Reason(code="ct-lung-cut", text=text)


def _unlikely(spread: Mapping[Key, Quantity], *, is_cut: bool) -> Iterator[Reason]:
    """Yield what lungs seldom are, and wrongly found ones often."""
    both_ml, right_ml, left_ml = (spread[side, _WHOLE, "lung_ml"].value or 0.0 for side in SIDES)
    if right_ml and left_ml and not is_cut:
        ratio = max(right_ml, left_ml) / min(right_ml, left_ml)
        if ratio >= UNLIKE_RATIO:
            text = MEASURES["lungs_unlike"].format(ratio=f"{ratio:.0f}")
            yield Reason(code="ct-lungs-unlike", text=text)
    if both_ml > LARGEST_ML or (0.0 < both_ml < SMALLEST_ML and not is_cut):
        text = MEASURES["lungs_size"].format(liters=f"{both_ml / 1000:.1f}")
        yield Reason(code="ct-lungs-size", text=text)
