"""Every sentence of the report on what changed between CT scans."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from thoracle.core.results import DISCLAIMER

FOLLOW_UP: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disclaimer": DISCLAIMER,
        "title": "What changed on chest CT",
        "from_to": "From {before} to {after} (days: {days})",
        "day": "day {number}",
        "lead": "{kind}: {before} before, {after} after, change {change}. In words: {verdict}.",
        "lead_unknown": "{kind}: {before} before, {after} after. In words: {verdict}.",
        "cautions": "Read this first",
        "numbers": "Both lungs",
        "regions": "Each lung, and its thirds",
        "places": "What became of each place",
        "pictures": "Both dates, laid over each other",
        "timeline": "Course",
        "fit": "How well the scans lie over each other",
        "definitions": "How this was measured",
        "scans": "Scans and what was taken on trust",
        "provenance": "Made by",
        "measure": "measure",
        "region": "region",
        "before": "before",
        "after": "after",
        "change": "change",
        "relative": "relative",
        "noise": "noise (95 %)",
        "interval": "interval of the change",
        "words": "in words",
        "points": "points",
        "overall": "From the first scan to the last",
        "place": "place",
        "volume": "volume",
        "range": "if borders were off",
        "nothing": "–",
        "ml": "ml",
        "mm": "mm",
        "days_axis": "days since the first scan",
        "band": "grey: where the value would lie had nothing changed since the scan before",
        "picture": (
            "Slice {slice} of the earlier scan: earlier, later brought over to it, and both with "
            "what changed in color"
        ),
        "picture_note": (
            "The patient's right is on the left. Lines show what was labeled as ill on that date. "
            "Colors hold for anybody's color vision; the same volumes stand in the table above."
        ),
        "no_pictures": (
            "The scans do not lie over each other, so places cannot be compared and nothing is "
            "shown in color."
        ),
        "unseen": "The later scan does not reach {ml} ml of the earlier lungs; they count nowhere.",
    }
)

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "percentage_of_infection": "Percentage of infection",
        "infection": "Infection (ground glass and consolidation)",
        "ground_glass": "Ground glass",
        "consolidation": "Consolidation",
        "lung": "Lung volume",
    }
)

REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "both": "both lungs",
        "both_upper": "both, upper third",
        "both_middle": "both, middle third",
        "both_lower": "both, lower third",
        "both_ventral": "both, front half",
        "both_dorsal": "both, back half",
        "right": "right lung",
        "right_upper": "right, upper third",
        "right_middle": "right, middle third",
        "right_lower": "right, lower third",
        "right_ventral": "right, front half",
        "right_dorsal": "right, back half",
        "left": "left lung",
        "left_upper": "left, upper third",
        "left_middle": "left, middle third",
        "left_lower": "left, lower third",
        "left_ventral": "left, front half",
        "left_dorsal": "left, back half",
    }
)

VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "grew": "grew",
        "shrank": "shrank",
        "smaller than measurement noise": "smaller than measurement noise",
        "cannot tell": "cannot tell",
        "none": "none on both dates",
        "deeper": "more air (a deeper breath, or lung that opened)",
        "shallower": "less air (a shallower breath, or lung that closed)",
    }
)

WHY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "",
        "border": "a scan ends inside the lungs",
        "breath": "another depth of breath may explain it",
        "noise": "the noise is not known",
        "undefined": "it is not known on both dates",
    }
)

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new": "New",
        "resolved": "Resolved",
        "persistent": "Still there",
        "thickened": "Of it, ground glass that became consolidation",
        "thinned": "Of it, consolidation that became ground glass",
    }
)

FIT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "good": "good",
        "doubtful": "doubtful",
        "failed": "failed",
        "verdict": "verdict",
        "dice": "Dice of the lungs, by their centers alone and after",
        "surface": "mean distance of the lung surfaces, by their centers alone and after",
        "p95": "95 % of the surfaces lie closer than",
        "correlation": "correlation of the grey around the lungs, by their centers alone and after",
        "moved": "turned by, and stretched in volume by",
    }
)

DEFINITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "volumes": (
            "Volumes count voxels on each scan's own grid; lungs include what is ill. The "
            "percentage of infection is ground glass and consolidation over lung."
        ),
        "verdicts": (
            "A change is later less earlier. It grew or shrank where its whole 95 % interval lies "
            "on one side of zero; it is smaller than measurement noise where it is smaller than "
            "what two scans differ by where nothing changed; else nobody can tell."
        ),
        "several": (
            "Each interval stands for itself: of twenty numbers that did not change, one is "
            "expected outside of its noise."
        ),
        "unrest": (
            "A network's own unrest, the range over mirrored, darker and brighter versions of "
            "each scan, is added to the noise in squares, where a network drew the labels."
        ),
        "breath": (
            "Another depth of breath changes density, ground glass and the percentage of "
            "infection. Ill lung lies between two ends: it fills with air as the lung around it "
            "does, or not at all. The interval reaches from one end to the other; consolidation "
            "holds no air and has none. Lung volume itself is told as air, not as disease."
        ),
        "border": (
            "Where a scan ends inside a lung, its volumes are lower bounds: a change is told only "
            "where it holds for any larger volume, and a percentage is not told."
        ),
        "places": (
            "The later scan is laid over the earlier one by a turn, a shift, a stretch and a "
            "shear, found by mutual information of lung-window grey. Volumes by place are those "
            "of the earlier scan's depth of breath; their range moves the other scan's borders by "
            "the mean distance of the lung surfaces and half a voxel of each scan."
        ),
        "noise": (
            "Noise of lesions: the border of infection moves by {infection} mm, of ground glass "
            "by {ground_glass} mm and of consolidation by {consolidation} mm (standard deviation "
            "of one scan), learned from {pairs} pair of scans without a change (labels by: "
            "{labeled_by}). A lesion's noise is that times its surface. Few pairs say little of "
            "noise: with one the true noise may be several times smaller or larger."
        ),
    }
)

SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        "given": "given labels",
        "readers": "radiologists, twice, on one scan at two slice spacings",
        "axis_0": "feet and head",
        "axis_1": "front and back",
        "axis_2": "right and left",
    }
)
"""What other modules fill into their sentences, here so that catalogues hold it."""
