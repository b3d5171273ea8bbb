"""What a reader should know of a scan's numbers, in sentences."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_lung": "The labels hold no lung, so there is no percentage of infection.",
        "sides_unknown": (
            "The lungs could not be told apart by their form, so nothing is told of each lung. "
            "Look whether the labels hold both."
        ),
        "lungs_touch": (
            "The lungs touch in the labels. They were parted where they are joined most narrowly."
        ),
        "lungs_unlike": (
            "One lung is {ratio} times as large as the other. Look at the masks: it may have "
            "collapsed, or air outside of the body was taken for lung."
        ),
        "lungs_size": (
            "The lungs hold {liters} liters, which is rare in adults. Look at the masks: lung may "
            "be missing from them, or other air be in them."
        ),
        "cut_feet": (
            "The first slice, at the feet, cuts the lungs over {area} cm²: volumes are lower "
            "bounds, percentages are of the part seen."
        ),
        "cut_head": (
            "The last slice, at the head, cuts the lungs over {area} cm²: volumes are lower "
            "bounds, percentages are of the part seen."
        ),
        "cut_front": (
            "The front edge of the picture cuts the lungs over {area} cm²: volumes are lower "
            "bounds, percentages are of the part seen."
        ),
        "cut_back": (
            "The back edge of the picture cuts the lungs over {area} cm²: volumes are lower "
            "bounds, percentages are of the part seen."
        ),
        "cut_right": (
            "The edge of the picture at the patient's right cuts the lungs over {area} cm²: "
            "volumes are lower bounds, percentages are of the part seen."
        ),
        "cut_left": (
            "The edge of the picture at the patient's left cuts the lungs over {area} cm²: "
            "volumes are lower bounds, percentages are of the part seen."
        ),
        "cut_field": (
            "The scanner's round field of view cuts the lungs over {area} cm²: volumes are lower "
            "bounds, percentages are of the part seen."
        ),
    }
)
