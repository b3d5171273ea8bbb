"""The list of results."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HISTORY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "history_title": "Results",
        "history_empty": "No result matches.",
        "history_time": "Time",
        "history_file": "File",
        "history_status": "Status",
        "history_says": "Likeliest finding, or what it is",
        "history_older": "Older results",
        "history_newest": "Newest results",
    }
)
