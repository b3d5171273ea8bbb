"""The sentences about how far a result may be trusted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TRUST: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "How far to trust it",
        "decided": "Likeliest: {label}",
        "decided_note": (
            "Its calibrated probability reaches its threshold, which was set to miss few cases: "
            "many such answers are wrong."
        ),
        "undecided": "Undecided",
        "undecided_note": "The probabilities do not tell the findings apart on this film.",
        "abstains": "Thoracle abstains",
        "abstains_note": "Do not conclude anything from the probabilities:",
        "gate": "Gate",
        "gate_yes": "{kind}, {percent} %: accepted.",
        "gate_no": "{kind}, {percent} %: refused.",
        "distance": "Distance",
        "distance_near": (
            "Like the films the bundle was trained on: {percent} % of unseen films of the same "
            "collections lie nearer."
        ),
        "distance_far": (
            "Unlike the films the bundle was trained on: {percent} % of unseen films of the same "
            "collections lie nearer."
        ),
        "distance_none": "Not known: nothing was measured.",
        "maps": "Maps",
        "maps_inside": (
            "{percent} % of what speaks for {label} lies inside the lungs, on average over its "
            "maps."
        ),
        "maps_none": "Not known: no lungs were found, or the map is empty.",
        "calibration": "Calibration",
        "calibration_site": "On {films} films of this site ({name}).",
        "calibration_shipped": (
            "On {films} films of the bundle's own collections, not on films of this hospital."
        ),
        "calibration_other": "This result was made by another bundle than the one in use.",
    }
)
