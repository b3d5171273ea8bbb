"""The page of one result."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RESULT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "result_parent": "A second look at",
        "result_parent_link": "an earlier result",
        "result_json": "JSON",
        "result_pdf": "Report as PDF",
        "result_delete": "Delete this result",
        "result_delete_ask": (
            "The result, its film, its maps and its readings are removed for good."
        ),
        "result_delete_button": "Delete for good",
        "again_title": "What now?",
        "again_turn": "Turn back by {degrees}° and try again",
        "again_turn_note": "The film seems to be turned clockwise by {degrees}°.",
        "again_override": "Classify anyway",
        "again_reason": "Your reason; it is kept with the result",
        "again_override_note": (
            "Only if you are sure that the gate is wrong. The new result will say that the "
            "gate was overridden."
        ),
        "override_reason": "Reason given: {reason}",
        "trust_title": "How far to trust it",
        "ppv_title": "If this finding were as frequent as …",
        "ppv_slider": "Prevalence where you work",
        "ppv_at": "At {percent} %:",
        "ppv_finding": "Finding",
        "ppv_ppv": "Right when positive (PPV)",
        "ppv_npv": "Right when negative (NPV)",
        "ppv_note": (
            "From the sensitivity and specificity measured on {films} held-out films of the "
            "collections of the bundle. At another hospital they can be lower."
        ),
        "ppv_none": "Not measured for this bundle.",
    }
)
