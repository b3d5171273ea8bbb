"""Patients' charts: the list, sending one, and the page of one patient over time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CHART: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ch_title": "Patients over time",
        "ch_lead": (
            "Send laboratory values and vital signs with their times: the risk is told day by "
            "day, with what drove it and what would be worth measuring next."
        ),
        "ch_new": "Read a chart",
        "ch_none": "No chart has been read yet.",
        "ch_older": "Older charts",
        "ch_newest": "Newest charts",
        "ch_file": "File",
        "ch_risk": "Risk",
        "ch_measurements": "Measurements",
        "ch_until": "Known until",
        "ch_changed": "Last added to",
        "ch_new_title": "Read a patient’s chart",
        "ch_new_lead": (
            "One patient, one stay: values with the time at which each was known. Units are read, "
            "converted, and never guessed; what cannot be is kept out and listed."
        ),
        "ch_add_title": "Add to the chart of {patient}",
        "ch_add_lead": (
            "What is sent is added to what is known. A value of the same time that differs "
            "replaces the one before it, and the page says so; older versions stay."
        ),
        "ch_upload_label": "File",
        "ch_upload_kinds": (
            "A table (CSV, XLSX) or a FHIR bundle of observations (JSON); recognized by content."
        ),
        "ch_layout": "How the table is laid out",
        "ch_layout_help": "Of tables only; a FHIR bundle says what it holds.",
        "ch_schema": "Schema of the table",
        "ch_schema_help": (
            "Only where the layout is declared: which column is what, in which unit (TOML)."
        ),
        "ch_admitted": "Admitted at",
        "ch_admitted_help": (
            "Where the file does not say it. Date and time as 2026-02-27T08:30; without it the "
            "results of other kinds cannot stand on the same time."
        ),
        "ch_patient_help": (
            "May be left empty. It brings charts, films, scans and recordings of one patient "
            "together, and is kept as a pseudonym unless this installation keeps numbers."
        ),
        "ch_button": "Read the file",
        "ch_entry": "Or type in what is known",
        "ch_entry_lead": (
            "The three markers of the published rule, vital signs, or some of them, at up to "
            "three times. More can be added to the chart later."
        ),
        "ch_entry_time": "Time {number}",
        "ch_entry_hours": "Hours since admission",
        "ch_entry_button": "Read what is typed in",
        "ch_age": "Age, years",
        "ch_sex": "Sex",
        "ch_sex_unknown": "unknown",
        "ch_sex_female": "female",
        "ch_sex_male": "male",
        "ch_no": "no",
        "ch_yes": "yes",
        "ch_alert": "alert",
        "ch_not_alert": "not alert",
        "ch_unknown": "not known",
        "ch_kept": (
            "Kept: the measurements with their times, the time of admission where one is said, "
            "age, sex, what is told of them, and the file’s name. Not kept: the file itself. "
            "Rename files that carry a patient’s name."
        ),
        "ch_no_bundle": (
            "No network for prognosis is installed here: courses, the rule and NEWS2 are told, a "
            "risk is not."
        ),
        "ch_refused": "The chart was not read",
        "ch_upload_none": "No chart arrived. Choose a file, then press Read the file.",
        "ch_examples": "No chart at hand? Try a simulated patient",
        "ch_example": "Read {name}",
        "ch_headline_death": "Risk of death {horizon}: {risk} ({low} to {high})",
        "ch_headline_icu": "Risk of intensive care {horizon}: {risk} ({low} to {high})",
        "ch_headline_discharge": "Chance of discharge {horizon}: {risk} ({low} to {high})",
        "ch_timeline": "Risk over time, and other results of this patient",
        "ch_timeline_how": (
            "Each point is told of what was known then, not of what came later. Above it films, CT "
            "scans and breathing of the same patient."
        ),
        "ch_lane_film": "Films",
        "ch_lane_ct": "CT",
        "ch_lane_breathing": "Breathing",
        "ch_point_said": "{time}: {risk} ({low} to {high})",
        "ch_events": "Films, CT scans and breathing of this patient",
        "ch_show": "The whole chart: courses, what drove the risk, what to measure next",
        "ch_patient_page": "everything of this patient",
        "ch_consciousness": "Consciousness",
        "ch_events_none": "Nothing else is kept of this patient.",
        "ch_events_unplaced": (
            "When this patient was admitted is not known: these results stand in a list, not on "
            "the time above."
        ),
        "ch_events_dates": (
            "Times are those of the analysis, or of the study where the installation keeps it."
        ),
        "ch_added": "By leaving values out",
        "ch_added_note": (
            "Each bar says by how many points the probability {horizon} rises or falls because "
            "the value is known, averaged over orders in which values become known. All together "
            "lead from {base}, the risk with nothing known, to {risk}. They explain the network, "
            "not the disease."
        ),
        "ch_attention": "By the network’s own attention",
        "ch_next_note": (
            "By how many points the probability {horizon} would move, on average, if the value "
            "came out as is likely. Nothing here knows what a measurement costs, how long it takes "
            "or whether it harms, nor what would be done then."
        ),
        "ch_courses_more": "More variables ({count})",
        "ch_prior_lead": (
            "What the newest film of this patient says is worth as much as the disease is common "
            "where and when it was taken. Choose a place and week of this installation’s table."
        ),
        "ch_prior_place": "Place",
        "ch_prior_week": "Week",
        "ch_prior_button": "Show",
        "ch_prior_none": (
            "There is no film of this patient with a probability to start from, or nothing is "
            "known of what the network was judged on."
        ),
        "ch_kept_out": "Kept out of the chart, or in doubt",
        "ch_corrected": "Replaced by a later version",
        "ch_correction": "{what}, {time}: {before} became {after}",
        "ch_correction_untimed": "{what}: {before} became {after}",
        "ch_history": "Versions of this chart",
        "ch_version": "Version",
        "ch_sender": "Sent by",
        "ch_is_old": (
            "This is version {version} of {versions}: it shows what was known and told then."
        ),
        "ch_newest_version": "Show the newest",
        "ch_add": "Add measurements",
        "ch_made": "How it was made",
        "ch_downloads": "To take along",
        "ch_csv": "All measurements as a table (CSV)",
        "ch_json": "Everything that is told as data (JSON)",
        "ch_delete": "Delete this chart",
        "ch_delete_ask": "All its versions are removed for good.",
        "ch_all": "All charts",
        "ch_none_told": "not told",
    }
)

LAYOUT_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "measurements": "a row for each measurement: variable, value, unit, time_h or at",
        "wuhan": "dated rows with a column for each variable, as the Wuhan set has them",
        "declared": "as the schema beside it declares (TOML)",
    }
)
"""Each way of `jobs.chart_files.LAYOUTS`, in words."""

KEPT_OUT_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no patient": "no patient",
        "no time": "no time",
        "no admission time": "no time of admission",
        "outcome without time": "an outcome without its time",
        "outcome before admission": "an outcome before admission",
        "after the outcome": "later than the outcome",
        "since the outcome": "of the time in which the outcome came, or later",
        "not a number": "not a number",
        "unknown word": "a word that is not known",
        "out of range": "a number that cannot be",
        "not scaled": "not scaled as was expected",
        "doubtful unit": "kept, but perhaps in another unit",
        "another unit": "plausible only in another unit",
        "impossible value": "outside the plausible range",
        "another specimen": "of another specimen",
        "unknown stay": "of no stay in the file",
        "stay told in different ways": "told in different ways for one stay",
        "repeated": "the same value once more",
        "contradictory": "different values at the same time",
        "unknown column": "a column that is no variable",
        "unknown code": "a code that is no variable’s",
        "unknown unit": "a unit that does not convert",
        "status": "not final",
    }
)
"""What each reason is called for which something is not in a chart."""
