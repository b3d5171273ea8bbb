"""What was measured in one scan, number by number, and its JSON form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from thoracle.core.results import Reason

SIDES: Final = ("both", "right", "left")
PARTS: Final = ("whole", "upper", "middle", "lower", "ventral", "dorsal")
EDGES: Final = ("feet", "head", "front", "back", "right", "left", "field")
"""Where what was scanned may end: first and last slice, row, column, and the round field."""
COMPARTMENTS: Final = ("all", "lung", "ground_glass", "consolidation")
"""The whole lung, then its labels in their order."""
HISTOGRAM_HU: Final = (-1100, 300, 50)
"""From, to and width of the histograms' bins; what lies beyond is in two more bins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number, and the least and greatest of it in variants of the label map.

    `value` is None where it does not exist, such as a percentage of no lung. `low` and `high` are
    None without variants, or where one of them has no such number.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMeasures:
    """Volumes of one part of the lungs.

    Attributes
    ----------
    side, part
        One of `SIDES` and `PARTS`.
    lung_ml
        All of it, ill or not: labels 1 to 3.
    ground_glass_ml, consolidation_ml, infection_ml
        Labels 2, 3, and both.
    percentage_of_infection
        100 × infection / lung of this region.
    is_lower_bound
        Whether the scan ends inside this lung, so that its volumes are at least what is told.
    """

    side: str
    part: str
    lung_ml: Quantity
    ground_glass_ml: Quantity
    consolidation_ml: Quantity
    infection_ml: Quantity
    percentage_of_infection: Quantity
    is_lower_bound: bool

    @property
    def name(self) -> str:
        """Such as "right" or "left_upper"."""
        return self.side if self.part == "whole" else f"{self.side}_{self.part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """HU of one compartment of one lung or both.

    Attributes
    ----------
    side, compartment
        One of `SIDES` and `COMPARTMENTS`.
    mean_hu
        None where the compartment is empty; so are the others.
    sd_hu, p5_hu, median_hu, p95_hu
        Standard deviation and percentiles over voxels.
    histogram_ml
        Volume by HU: below `HISTOGRAM_HU`, each of its bins, above.
    """

    side: str
    compartment: str
    mean_hu: Quantity
    sd_hu: float | None
    p5_hu: float | None
    median_hu: float | None
    p95_hu: float | None
    histogram_ml: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One piece of ground glass and consolidation.

    Attributes
    ----------
    number
        From 1, the largest first.
    region
        Where most of it lies, such as "right_lower"; None where sides are unknown.
    volume_ml, ground_glass_ml, consolidation_ml
        Of its voxels.
    mesh_ml, surface_cm2, sphericity
        Of the mesh around it, by the IBSI's definitions; a ball has sphericity 1.
    diameter_mm
        The longest distance between two points of the mesh.
    center_mm
        Its middle in DICOM's patient coordinates: to the left, to the back, to the head.
    slices
        First and last, from 0 at the feet.
    touches_edge
        Whether it reaches the end of what was scanned.
    """

    number: int
    region: str | None
    volume_ml: float
    ground_glass_ml: float
    consolidation_ml: float
    mesh_ml: float
    surface_cm2: float
    sphericity: float
    diameter_mm: float
    center_mm: tuple[float, float, float]
    slices: tuple[int, int]
    touches_edge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesions:
    """All pieces of ground glass and consolidation, those that count and those too small to.

    Attributes
    ----------
    count
        How many have `smallest_ml` or more.
    smallest_ml
        The least volume that counts.
    smaller, smaller_ml
        How many are smaller, and their volume together.
    largest
        Those that count, the largest first; each with its shape.
    """

    count: Quantity
    smallest_ml: float
    smaller: int
    smaller_ml: float
    largest: tuple[Lesion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where the scan ends inside the lungs: one of `EDGES`, and how much lung lies there."""

    edge: str
    area_cm2: float
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanMeasures:
    """All numbers of one label map of one scan.

    Attributes
    ----------
    regions
        Each of `SIDES` and `PARTS`, sides first.
    densities
        Each of `SIDES` and `COMPARTMENTS`; None where the scan holds no HU.
    cuts
        Where lungs are cut off.
    variants
        How many other label maps of the scan the intervals come from.
    junction_mm
        Half the thickness of what joined the lungs; 0 where they were apart, None where they
        could not be told apart.
    """

    sha256: str
    spacing_mm: tuple[float, float, float]
    regions: tuple[RegionMeasures, ...]
    lesions: Lesions
    densities: tuple[Density, ...] | None
    cuts: tuple[Cut, ...]
    variants: int
    junction_mm: float | None
    warnings: tuple[Reason, ...] = ()

    def region(self, side: str, part: str = "whole") -> RegionMeasures:
        """Return one region by its side and part."""
        return next(one for one in self.regions if (one.side, one.part) == (side, part))


def measures_json(measures: ScanMeasures) -> dict[str, object]:
    """Turn measures into a JSON object; unknown is null."""
    content = asdict(measures)
    content["regions"] = [{"name": one.name, **asdict(one)} for one in measures.regions]
    return content


def measures_from_json(content: Mapping[str, Any]) -> ScanMeasures:
    """Read back what `measures_json` wrote.

    Parameters
    ----------
    content
        As parsed by the json module.

    Returns
    -------
    ScanMeasures
        Equal to what was written.
    """
    densities = content["densities"]
    return ScanMeasures(
        sha256=content["sha256"],
        spacing_mm=tuple(content["spacing_mm"]),
        regions=tuple(_region(one) for one in content["regions"]),
        lesions=_lesions(content["lesions"]),
        densities=None if densities is None else tuple(_density(one) for one in densities),
        cuts=tuple(Cut(**{**one, "sides": tuple(one["sides"])}) for one in content["cuts"]),
        variants=content["variants"],
        junction_mm=content["junction_mm"],
        warnings=tuple(Reason(**one) for one in content["warnings"]),
    )


def _quantities(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: Quantity(**value) if isinstance(value, dict) else value
        for key, value in content.items()
        if key != "name"
    }


def _region(content: Mapping[str, Any]) -> RegionMeasures:
    return RegionMeasures(**_quantities(content))


def _density(content: Mapping[str, Any]) -> Density:
    return Density(**{**_quantities(content), "histogram_ml": tuple(content["histogram_ml"])})


def _lesions(content: Mapping[str, Any]) -> Lesions:
    largest = tuple(
        Lesion(**{**one, "center_mm": tuple(one["center_mm"]), "slices": tuple(one["slices"])})
        for one in content["largest"]
    )
    return Lesions(**{**_quantities(content), "largest": largest})
