"""The texture of a result's film."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TEXTURE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "texture_title": "Texture",
        "texture_lead": (
            "Numbers that describe grey and form of a region, as the Image Biomarker "
            "Standardisation Initiative (IBSI) defines them. They are for research: none of them "
            "says by itself what a film shows."
        ),
        "texture_region": "Region",
        "texture_measure": "Measure",
        "texture_drawn_note": (
            "A drawn region is what the boxes and drawings on the film enclose; where nothing is "
            "drawn, that of the newest reading with marks."
        ),
        "texture_pixels": "{region}: {pixels} pixels, the lungs brought to 192 pixels high.",
        "texture_small": "The region is empty or too small for texture: its values are unknown.",
        "texture_unit": "Lengths are in pixels of the film.",
        "texture_feature": "Feature",
        "texture_code": "IBSI code",
        "texture_value": "Value",
        "texture_back": "Back to the result",
    }
)

REGION_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lungs": "Both lungs",
        "right_lung": "Right lung",
        "left_lung": "Left lung",
        "right_upper": "Right lung, upper third",
        "right_middle": "Right lung, middle third",
        "right_lower": "Right lung, lower third",
        "left_upper": "Left lung, upper third",
        "left_middle": "Left lung, middle third",
        "left_lower": "Left lung, lower third",
        "altered": "Altered region: map in its upper half",
        "drawn": "Drawn region",
    }
)
"""What the regions of a film are called, by their names."""
