"""How what is seen changes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DRIFT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "drift_title": "Drift",
        "drift_lead": (
            "Week by week: when more films than before are refused, or lie far from those of the "
            "training, something has changed – a device, a setting, the patients – and "
            "probabilities and thresholds no longer hold. In brackets the 95 % interval."
        ),
        "drift_unlike": (
            "In the last week more films than chance allows are unlike those of the training: "
            "look at them, and calibrate again before you rely on the probabilities."
        ),
        "drift_week": "Week from",
        "drift_films": "Films",
        "drift_unreadable": "Not readable",
        "drift_refused": "Refused",
        "drift_far": "Far from the training (5 % expected)",
        "drift_distance": "Median distance, percentile",
        "drift_risk": "Mean probability of any finding, %",
    }
)
