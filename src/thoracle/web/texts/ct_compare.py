"""Comparing CT scans of one patient: choosing them, the job, and what changed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CT_COMPARE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ct_compare_title": "Compare scans",
        "ct_compare_lead": (
            "Choose two to {most} scans. The later one is laid over the earlier one, and each "
            "change is held against measurement noise."
        ),
        "ct_compare_with": "Compare with another scan",
        "ct_compare_with_file": "Compare {file} with another scan",
        "ct_compare_with_lead": (
            "The scans that were read last. Whose they are is not always known here: choose only "
            "scans of one patient. Every report says that you answered for it."
        ),
        "ct_compare_with_none": "There is no other scan with numbers yet.",
        "ct_compare_scan": "Scan",
        "ct_compare_day": "Day",
        "ct_compare_date": "Date",
        "ct_compare_day_of": "Day of {file}",
        "ct_compare_date_of": "Date of {file}",
        "ct_compare_days_note": (
            "No dates are kept here, so say the day of each scan as a number: 0 for the first, 5 "
            "for one made five days later. The order is never guessed."
        ),
        "ct_compare_dates_note": (
            "Say when each scan without a study date was made. The order is never guessed, and the "
            "date is kept with the comparison."
        ),
        "ct_compare_button": "Compare",
        "ct_compare_running": "Being compared, or refused",
        "ct_compare_kept": "Comparisons",
        "ct_compare_job": "Comparing {file}",
        "ct_compare_cancelled": "This job was cancelled; nothing of it is kept.",
        "ct_compare_trust": "Are these scans of one patient?",
        "ct_compare_trust_lead": (
            "They were refused for the reason above. If you know that they are of one patient, say "
            "so: every report says that you answer for it. Where the lungs do not lie over each "
            "other, numbers are compared and places are not."
        ),
        "ct_compare_same": "I know that these scans are of one patient, and answer for it.",
        "ct_compare_same_button": "Compare on my responsibility",
        "ct_compare_same_needed": (
            "Tick the box: that the scans are of one patient is then your responsibility."
        ),
        "ct_compare_back": "Scans of this patient",
        "ct_compare_html": "Report (HTML)",
        "ct_compare_csv": "Table (CSV)",
        "ct_compare_numbers_of": "Numbers, {title}",
        "ct_compare_places_of": "Places, {title}",
        "ct_compare_regions_of": "Regions, {title}",
        "ct_compare_delete": "Delete this comparison",
        "ct_compare_delete_ask": (
            "Its numbers, pictures and reports are removed for good. The scans stay."
        ),
    }
)
