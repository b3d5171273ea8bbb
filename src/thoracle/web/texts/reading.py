"""What a reader says of a result."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

READING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reading_title": "Your reading",
        "reading_agrees": "Do you agree?",
        "reading_yes": "I agree",
        "reading_no": "I disagree",
        "reading_finding": "Your own finding",
        "reading_comment": "Comment",
        "reading_marks": "Mark places on the film with Box or Drawing",
        "mark_box": "Box",
        "mark_stroke": "Drawing",
        "mark_undo": "Undo",
        "mark_clear": "Clear",
        "reading_save": "Save the reading",
        "reading_kept": "Readings",
        "reading_agreed": "agrees",
        "reading_disagreed": "disagrees",
        "reading_show": "Show the marks",
        "readings_title": "Agreement of readers",
        "readings_lead": (
            "Cohen’s kappa of every two readers, on the films that both have read: 1 is "
            "perfect agreement, 0 that of chance. In brackets the 95 % interval."
        ),
        "readings_pair": "Readers",
        "readings_films": "Films in common",
        "readings_kappa": "Kappa",
        "readings_none": "No two readers have read the same film yet.",
    }
)
