"""Every sentence of a result's page, in one place, so that a catalogue can take them over."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from thoracle.core.results import DISCLAIMER, GateKind, Status

STATUS_TITLES: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.ANALYZED: "Analyzed",
        Status.REFUSED: "Refused by the gate",
        Status.FAILED: "Not readable",
    }
)

KIND_TITLES: Final[Mapping[GateKind, str]] = MappingProxyType(
    {
        GateKind.FRONTAL_CHEST: "a frontal chest radiograph",
        GateKind.ROTATED_CHEST: "a rotated chest radiograph",
        GateKind.LATERAL_CHEST: "a lateral chest radiograph",
        GateKind.CT: "a CT or another scan",
        GateKind.OTHER_RADIOGRAPH: "a radiograph of another part of the body",
        GateKind.NOT_RADIOGRAPH: "not a radiograph",
    }
)

LABEL_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "No finding": "No finding",
        "Other lung opacity": "Other lung opacity",
        "COVID-19": "COVID-19",
    }
)
"""The findings by the names that bundles and JSON give them; other bundles may have others."""

PAGE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disclaimer": DISCLAIMER,
        "title": "Analysis of {file}",
        "made_at": "on {time}",
        "pictures": "Film and contribution maps",
        "film": "Film",
        "film_alt": "The film as it was read, without any map.",
        "map_alt": "The film with what speaks for {label} in color.",
        "map_note": (
            "Color shows where the score comes from, not where disease is. All films share one "
            "scale, so a weak contribution is hardly colored; where there is no color, nothing "
            "spoke for this finding. The blue line is the rim of the lungs, as found by a network."
        ),
        "scale": "Color scale, in the logit's unit",
        "findings": "Findings",
        "no_findings": "No finding was computed, because the picture was refused.",
        "threshold": "threshold {percent} %",
        "finding_positive": (
            "{label}: calibrated probability {percent} %, at or above the threshold of "
            "{threshold} %, so it is called positive."
        ),
        "finding_negative": (
            "{label}: calibrated probability {percent} %, below the threshold of "
            "{threshold} %, so it is called negative."
        ),
        "above": "at or above its threshold",
        "below": "below its threshold",
        "how_to_read": (
            "Each bar is a calibrated probability: among films like those of the calibration set "
            "that get this number, about that share carry the label. The mark is the threshold "
            "kept in the bundle: at or above it the finding is called positive. On films from "
            "another hospital or of other patients both can be off."
        ),
        "several_positive": (
            "More than one finding is at or above its threshold. Each threshold was set to miss "
            "few cases, not to be right: together they do not decide between these findings."
        ),
        "none_positive": "No finding reaches its threshold: the result is undecided.",
        "odds": (
            "Where {prevalence} in 100 patients have it, the answer {label} is right in {right} of "
            "the films that get it."
        ),
        "gate": "Gate",
        "gate_accepted": "The gate takes this picture to be {kind} ({percent} %) and accepts it.",
        "gate_refused": "The gate takes this picture to be {kind} ({percent} %) and refuses it.",
        "overridden": (
            "The gate refused this picture and a user overrode it. The findings were computed all "
            "the same: nothing is known about how good they are on such a picture."
        ),
        "refused_lead": "This picture was not classified. The reasons:",
        "failed_lead": "This file could not be read as a radiograph:",
        "warnings": "Warnings",
        "maps": "All maps",
        "map_label": "Finding",
        "map_layer": "Layer",
        "map_method": "Method",
        "map_share": "Inside the lungs",
        "lung_share": "{percent} % of this map lies inside the lungs.",
        "contribution_unit": "Contribution to the score, in the logit’s unit",
        "anomaly": "Anomaly (of no finding)",
        "anomaly_unit": "Anomaly, in spreads of normal films",
        "anomaly_alt": (
            "The radiograph with color where it is unlike what normal films let expect"
        ),
        "anomaly_note": (
            "Color marks what a network that knows only normal films would not expect here, from 0 "
            "to {top} spreads of such films. No finding’s score comes from this map, and it "
            "changes none: tubes, posture and age are marked as well."
        ),
        "layer_last": "last layer ({name})",
        "layer_earlier": "earlier layer ({name})",
        "unknown": "unknown",
        "provenance": "Provenance",
        "prov_file": "File",
        "prov_sha256": "SHA-256 of the bytes",
        "prov_software": "Thoracle",
        "prov_bundle": "Bundle {name}",
        "prov_runtime": "Runtime",
        "prov_precision": "Precision",
        "prov_override": "Gate overridden",
        "yes": "yes",
        "no": "no",
    }
)
