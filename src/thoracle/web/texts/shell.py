"""The frame around every page: head, navigation, language, foot."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SHELL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "Thoracle",
        "tagline": "Reads chest radiographs, says how sure it is and when not to trust it.",
        "nav_upload": "Analyze",
        "nav_history": "Results",
        "nav_ct": "CT",
        "nav_breathing": "Breathing",
        "nav_charts": "Patients",
        "nav_monitor": "Monitor",
        "nav_worklist": "Worklist",
        "nav_drift": "Drift",
        "nav_about": "About",
        "nav_menu": "Menu",
        "language": "Language",
        "skip": "Skip to the content",
        "research": "Research use only – not for diagnosis",
    }
)
