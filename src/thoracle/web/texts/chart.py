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
        "ch_risk": "Risk until discharge",
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
        "ch_variables": "Variables of a chart",
        "ch_variables_lead": (
            "What a table or a bundle may hold. In a table the name stands in the column variable, "
            "the unit beside it; without a unit a value is not read, unless none is listed here. "
            "Treatments are 1 while they are given, and 0 where it is known that they are not."
        ),
        "ch_variables_title": "Variable",
        "ch_variables_name": "Name in tables",
        "ch_variables_units": "Units that are read",
        "ch_variables_range": "Plausible range",
        "ch_variables_link": "List of variables and units",
        "ch_template": "A table to start from: that of a simulated patient (CSV)",
        "ch_kind_vital": "Vital signs",
        "ch_kind_laboratory": "Laboratory values",
        "ch_kind_treatment": "Treatments",
        "ch_kind_finding": "Findings of pictures and of breathing",
        "ch_layout": "How the table is laid out",
        "ch_layout_help": (
            "Of tables only; a FHIR bundle says what it holds. A row for each measurement has the "
            "columns variable, value, unit, and time_h (hours since admission) or at. Dated rows "
            "are those of the Wuhan set."
        ),
        "ch_schema": "Schema of the table",
        "ch_schema_help": (
            "Only where the layout is declared: which column is what, in which unit (TOML)."
        ),
        "ch_admitted": "Admitted at",
        "ch_admitted_help": (
            "Where the file does not say it. Without it films, scans and breathing, whose times "
            "are in UTC, cannot stand on the same time."
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
        "ch_events_none": "Nothing else is kept of this patient.",
        "ch_events_unplaced": (
            "When this patient was admitted is not known: these results stand in a list, not on "
            "the time above."
        ),
        "ch_events_dates": (
            "Dashed marks stand at the time of the analysis, for that of the study is not kept: "
            "what they show may be older."
        ),
        "ch_added": "By leaving values out",
        "ch_added_note": (
            "Each bar says by how many points the probability {horizon} rises or falls because "
            "the variable is known – all its values with their times, not the last one alone – "
            "averaged over orders in which variables become known. All together lead from {base}, "
            "the risk with nothing known, to {risk}. They explain the network, not the disease: a "
            "high value whose bar falls does not protect."
        ),
        "ch_measured": "the last one {age}",
        "ch_analyzed": "analyzed {time}",
        "ch_studied": "study of {day}",
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
        "ch_lost": "Values or rows of {file} that were not read: {count}.",
        "ch_lost_columns": "Not everything in {file} was read.",
        "ch_doubtful": "Values of {file} that are perhaps in another unit: {count}.",
        "ch_kept_out_link": "Which, and what to do",
        "ch_kept_out_found": "Found",
        "ch_kept_out_expected": "Expected",
        "ch_kept_out_do": "What to do",
        "ch_kept_out_rows": "Row, or entry of a bundle",
        "ch_empty": (
            "Nothing in {file} can be kept: a measurement needs a variable, a number, a unit and a "
            "time."
        ),
        "ch_typed_in": "typed in",
        "ch_typed_refused": (
            "Nothing was typed in, or not all of it can be read. Correct it, and send it again."
        ),
        "ch_fault_fields": "Fields that cannot be read: {count}. Each says why.",
        "ch_fault_number": "“{said}” is no number – expected {range}. Correct it, or empty it.",
        "ch_fault_range": "{said} cannot be – expected {range}. Type it in this unit, or empty it.",
        "ch_fault_hours": (
            "“{said}” is no number of hours – expected hours since admission, such as {example}. "
            "Correct it."
        ),
        "ch_fault_no_time": (
            "No time – expected the hours since admission at which the values beside it were "
            "known. Type them, or empty the values."
        ),
        "ch_fault_no_value": (
            "A time without a value – expected a value at it. Type one, or empty the time."
        ),
        "ch_fault_same_time": (
            "The same time as time {number} – expected each time once. Put its values there."
        ),
        "ch_years": "years",
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
        "measurements": "a row for each measurement",
        "wuhan": "dated rows, a column for each variable",
        "declared": "as its schema says",
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
        "long before admission": "kept, but from more than 14 days before admission",
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

KEPT_OUT_EXPECTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no patient": "a patient in each row",
        "no time": "when each value was known",
        "no admission time": "a time of admission for each stay",
        "outcome without time": "when the outcome came",
        "outcome before admission": "an outcome after admission",
        "long before admission": "values of this stay, and of shortly before it",
        "after the outcome": "what was known before the outcome",
        "since the outcome": "what was known before the outcome",
        "not a number": "a number",
        "unknown word": "one of the words of the layout or the schema",
        "out of range": "plausible numbers",
        "not scaled": "numbers from -1 to 1",
        "doubtful unit": "the unit that was declared",
        "another specimen": "blood",
        "unknown stay": "one of the stays",
        "stay told in different ways": "the same in each row of a stay",
        "repeated": "each value once",
        "contradictory": "one value at a time",
        "unknown column": "a name of the list of variables",
        "unknown code": "a code of the list of variables",
        "unknown unit": "a unit that converts into {unit}",
        "status": "final, amended or corrected",
    }
)
"""What was expected, for each reason of `KEPT_OUT_TITLES` that is not told by a range."""

KEPT_OUT_ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no patient": "Fill in the patient, and send the file again.",
        "no time": "Fill in the time, and send the file again.",
        "no admission time": "Say when the patient was admitted.",
        "outcome without time": "Fill in its time; until then it counts as unknown.",
        "outcome before admission": "Correct one of both; until then it counts as unknown.",
        "long before admission": "Look whether day and month were swapped.",
        "after the outcome": "Look whether the times are right.",
        "since the outcome": "Nothing is to be done.",
        "not a number": (
            "Write the number itself, without <, > or signs between thousands, or leave it empty."
        ),
        "unknown word": "Correct the word, or add it to the schema.",
        "out of range": "Correct the numbers at their source.",
        "not scaled": "Choose the file as it was published.",
        "doubtful unit": "Look which unit it is: the values count as they are.",
        "another unit": "Convert the values, or declare their unit.",
        "impossible value": "Correct the values at their source.",
        "another specimen": "Nothing is to be done.",
        "unknown stay": "Add the stay.",
        "stay told in different ways": "Correct the rows, or declare the column of the stay.",
        "repeated": "Nothing is to be done: one was kept.",
        "contradictory": "Correct them: none was kept.",
        "unknown column": "Nothing is to be done, unless it is a variable: name it as listed.",
        "unknown code": "Nothing is to be done, unless it is a variable: add its name.",
        "unknown unit": "Correct the unit at its source.",
        "status": "Nothing is to be done.",
    }
)
"""What to do about each reason of `KEPT_OUT_TITLES`."""

KEPT_ALL_THE_SAME: Final = ("doubtful unit", "long before admission", "repeated")
"""Reasons for which nothing is missing in the chart."""
