"""Sentences of the report on risks that were fitted to a site."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PROGNOSIS_CALIBRATION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "Calibration at {site}",
        "about": (
            "Risks were fitted to {patients} patients of {cohort}, {events} with the event. Below, "
            "each patient was judged by a fit to others: means over repeats, 95 % intervals by "
            "bootstrap of patients."
        ),
        "fitted": "What was fitted to all of them: logits × slope + shift",
        "slope": "slope",
        "shift": "shift, {horizon}",
        "as_it_was": "as it was",
        "adapted": "calibrated at {site}",
        "limit": (
            "A calibration changes how high risks are, not who is above whom. It holds for "
            "patients like these: check it again when the disease, its treatment or the ward "
            "changes."
        ),
    }
)
