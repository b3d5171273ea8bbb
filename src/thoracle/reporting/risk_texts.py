"""Sentences of the card of the network that tells risks from charts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RISK_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intended": (
            "Tells how likely a patient with COVID-19 in hospital is to die within 1, 3 and 7 days "
            "and until discharge, from laboratory values over time. Learned from one hospital in "
            "early 2020. Research use, not for decisions on care."
        ),
        "task": "risk from charts over time",
        "input": "the last {days} days before the index time, the latest first: {form}",
        "event": "Event",
        "death": "death",
        "cohort": "Cohort",
        "sources": "SHA-256 of the sources",
        "patients": "Patients",
        "with_event": "Patients with the event",
        "variables": "Variables",
        "networks": "Networks",
        "cell": "Cell",
        "parity": "Largest difference from torch on made-up charts",
        "calibrated_on": "Calibrated on",
        "calibrated_patients": "Patients it was calibrated on",
        "calibrated_sources": "SHA-256 of the sources it was calibrated on",
        "former": (
            "Measured with calibration {former}, not with {name}, which is in force: risks are "
            "higher or lower here. Who is above whom hardly changes."
        ),
        "uncalibrated": (
            "Measured before any calibration at a site, not with {name}, which is in force: risks "
            "are higher or lower here. Who is above whom hardly changes."
        ),
        "limit_hospital": (
            "It learned from one hospital at the start of the pandemic, where nearly half of the "
            "patients in the set died: elsewhere its risks are too high, or too low, until they "
            "are calibrated anew (`thoracle prognosis calibrate`)."
        ),
        "limit_measured": (
            "What is measured, and how often, follows from how ill doctors think somebody is; it "
            "sees that too."
        ),
        "limit_interval": (
            "The interval is how far networks that learned from other samples of the same patients "
            "differ. It does not know of other hospitals, variants or treatments."
        ),
        "limit_causes": (
            "It says who is at risk, not why nor what would help: changing a value does not change "
            "the risk as the network says."
        ),
        "limit_few": (
            "With the three markers alone it knows less than with all values; without any "
            "measurement of the last 14 days it tells nothing."
        ),
    }
)
"""What a risk bundle's card says, beside what every card does."""

RISK_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "evaluation": "Patients left out",
        "about": (
            "Each patient was judged by networks that learned from others, with choice and "
            "calibration inside those: mean of {repeats} repeats of the cross-validation, 95 % "
            "intervals by bootstrap of patients. These are figures of the recipe; the networks of "
            "this bundle learned from all of them."
        ),
        "anchored": (
            "Landmarks before the outcome compare with published figures; nobody knows the end in "
            "advance."
        ),
        "landmark": "Landmark",
        "horizon": "Death",
        "shown": "Shown",
        "auroc": "AUROC (by patient)",
        "told": "Mean risk",
        "observed": "Share with the event",
        "n": "n",
        "all_shown": "all that was measured",
        "markers_shown": "LDH, hs-CRP and lymphocyte % alone",
        "after": "admission + {days} days",
        "before": "outcome − {days} days",
        "within_3": "within 3 days",
        "within_7": "within 7 days",
        "stay": "until discharge",
    }
)
"""What figures of risks told out of fold are introduced by."""
