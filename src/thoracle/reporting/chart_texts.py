"""The sentences of the report on one patient's course."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from thoracle.core.results import DISCLAIMER

CHART_REPORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disclaimer": DISCLAIMER,
        "title": "Course of {patient}",
        "somebody": "a patient without number",
        "about": "{age}, {sex}; {measurements} measurements of {variables} variables",
        "age": "{age} years",
        "age_unknown": "age unknown",
        "sex_F": "female",
        "sex_M": "male",
        "sex_": "sex unknown",
        "known_until": "Known until {moment} ({time}; admitted {admitted}).",
        "known_until_undated": "Known until then: {time}.",
        "time": "day {day}, {hours} h",
        "since_admission": "{time} after admission",
        "hours_earlier": "{hours} h before admission",
        "days_earlier": "{days} days before admission",
        "headline_death": "Risk of death until discharge: {risk} ({low} to {high})",
        "headline_icu": "Risk of intensive care until discharge: {risk} ({low} to {high})",
        "headline_discharge": "Chance of discharge: {risk} ({low} to {high})",
        "no_risk": "No risk is told",
        "within_1": "within 1 day",
        "within_3": "within 3 days",
        "within_7": "within 7 days",
        "until_discharge": "until discharge",
        "horizon": "Horizon",
        "probability": "Probability",
        "interval": "95 % interval",
        "interval_note": (
            "The interval is the spread of the networks that were asked, 95 %. It does not hold "
            "what none of them knows."
        ),
        "know_first": "What to know first",
        "risks": "By horizon",
        "timeline": "Risk until discharge over time",
        "timeline_note": (
            "Each point is told of what was known then, not of what came later. The band is the "
            "95 % interval."
        ),
        "days": "Days since admission",
        "drove": "What drove the risk",
        "drove_note": (
            "Change: by how many points the probability until discharge rises or falls because the "
            "variable is known – all its values with their times, not the last one alone – "
            "averaged over orders in which variables become known. All changes together lead from "
            "{base}, the risk with nothing known, to {risk}. They explain the network, not the "
            "disease: a high value whose bar falls does not protect."
        ),
        "drawn_note": "Orders were drawn: ± is the standard error.",
        "attention_note": (
            "Attention: what the network's own weights say that a variable adds to the logit. It "
            "says where the network weighed, not why, nor what would happen without a value: "
            "networks with other attention can tell the same risk. Where both disagree, go by the "
            "change."
        ),
        "attention_days": "Attention by day, the latest first: {days}.",
        "variable": "Variable",
        "value": "Last value",
        "values": "First → last value",
        "first_last": "{first} → {last} ({count} values)",
        "consciousness": "Consciousness",
        "alert": "alert",
        "not_alert": "not alert",
        "yes": "yes",
        "no": "no",
        "usual": "Usual range",
        "measured": "Measured",
        "change": "Change, points",
        "attention": "Attention, logit",
        "hours_before": "{hours} h before",
        "days_before": "{days} days before",
        "others": "{count} others together",
        "low": "low",
        "high": "high",
        "rule": "Three-marker rule",
        "rule_death": "death",
        "rule_survival": "survival",
        "rule_none": "no answer",
        "rule_note": (
            "Published by Yan and others in 2020 from one hospital; elsewhere it did worse. It "
            "knows no probability and no horizon."
        ),
        "news2": "NEWS2",
        "news2_whole": "{points} points: {risk}",
        "news2_part": "{low} to {high} points: {missing} of 7 observations are not known",
        "news2_none": "No vital sign is known.",
        "news2_risk_low": "low risk",
        "news2_risk_low-medium": "low to medium risk",
        "news2_risk_medium": "medium risk",
        "news2_risk_high": "high risk",
        "points": "Points",
        "unknown": "not known",
        "next": "What would be measured next",
        "next_note": (
            "Expected change: by how many points the probability until discharge would move, on "
            "average, if the value came out as is likely. Nothing here knows what a measurement "
            "costs, how long it takes or whether it harms, nor what would be done then."
        ),
        "next_none": (
            "Nothing that most patients have measured, and that was not measured within a day, "
            "would move the risk by a point on average."
        ),
        "likely": "Likely value",
        "likely_forecast": "{range}, told of this patient",
        "likely_population": "{range}, as of the patients learned from",
        "never": "never",
        "expected_change": "Expected change, points",
        "bits": "Information, bits",
        "range": "{median} ({low}–{high})",
        "courses": "Course of each variable",
        "courses_note": (
            "The green band is the usual range of adults; marks outside it are filled. Dashed "
            "marks are what is likely in 1 and 3 days, with 95 % intervals."
        ),
        "between": "{low}–{high}",
        "up_to": "≤ {high}",
        "from": "≥ {low}",
        "last": "{value} ({time})",
        "prior": "Diagnosis at the local prevalence",
        "prior_said": (
            "{label}: {film} by the film alone becomes {probability} ({low} to {high}) at a "
            "prevalence of {prevalence} ({prevalence_low} to {prevalence_high}) in {place}, {week}."
        ),
        "prior_note": (
            "By Bayes’ rule, from the share of {calibrated} among the films that the network was "
            "judged on. It takes the prevalence for that of patients who get a film."
        ),
        "provenance": "Provenance",
        "software": "Thoracle",
        "file_digest": "SHA-256 of the file",
        "bundle": "Network",
        "bundle_said": "{name} {version}, SHA-256 {digest}",
        "runtime": "Runtime",
    }
)

HORIZON_TITLES: Final = ("within_1", "within_3", "within_7", "until_discharge")
"""Keys of what the horizons are called, in their order."""
