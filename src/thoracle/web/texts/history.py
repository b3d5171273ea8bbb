"""The list of results, the worklist, and the films of one patient."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HISTORY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "history_title": "Results",
        "history_empty": "No result matches.",
        "history_kind": "Kind",
        "kind_film": "film",
        "kind_ct": "CT scan",
        "kind_breathing": "breathing",
        "kind_chart": "chart",
        "history_time": "Time",
        "history_film": "Film",
        "history_file": "File",
        "history_status": "Status",
        "history_says": "Conclusion, or what the picture is",
        "history_abstains": "Thoracle abstains",
        "history_undecided": "Undecided",
        "history_older": "Older results",
        "history_newest": "Newest results",
        "history_text": "File name",
        "history_finding": "Finding",
        "history_any": "any",
        "history_since": "From",
        "history_until": "To",
        "history_whose": "Whose",
        "history_all": "everybody’s",
        "history_mine": "mine",
        "history_search": "Search",
        "history_csv": "As a table (CSV)",
        "history_json": "As data (JSON)",
        "worklist_title": "Worklist",
        "worklist_lead": (
            "Sorted by the calibrated probability of a lung opacity or COVID-19. That is no "
            "clinical urgency: pneumothorax, effusion and all else are not looked for."
        ),
        "worklist_all": "All films",
        "worklist_risk": "Any finding",
        "worklist_apart": "Not judged, or nothing concluded: look at these yourself",
        "worklist_cut": "Only the most urgent 500 are shown.",
        "patient_title": "Patient {patient}",
        "patient_lead": (
            "All that carries the same patient number. Choose two films to compare them."
        ),
        "patient_others": "CT scans, breathing recordings and charts",
        "compare_choose": "Compare",
        "compare_button": "Compare side by side",
        "compare_title": "Two films side by side",
        "compare_other_patient": "Nothing says that these two films are of one patient.",
        "compare_other_bundle": (
            "Another bundle made one of the two results: their numbers do not compare."
        ),
        "compare_change": "What has changed",
        "compare_before": "Earlier",
        "compare_after": "Later",
        "compare_difference": "Change, in points",
        "compare_crosses": "crosses its threshold",
        "compare_note": (
            "Another exposure, position or depth of breath changes the numbers as well. In "
            "which order the films were taken is not known: they stand in the order of their "
            "analysis."
        ),
    }
)
