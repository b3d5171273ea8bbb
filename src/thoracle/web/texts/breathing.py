"""Breathing recordings: the list, sending one, and the page of one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

BREATHING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "br_title": "Breathing",
        "br_lead": (
            "Send a recording of a belt, impedance, flow, capnography or depth camera: its "
            "breaths, its rate, its pauses and its patterns are told, minute by minute."
        ),
        "br_new": "Read a recording",
        "br_none": "No recording has been read yet.",
        "br_older": "Older recordings",
        "br_newest": "Newest recordings",
        "br_rate": "Breaths per minute",
        "br_rate_short": "per minute",
        "br_pattern": "Pattern",
        "br_apneas": "Pauses",
        "br_length": "Length",
        "br_sensor": "Sensor",
        "br_upload_title": "Read a breathing recording",
        "br_upload_lead": (
            "What the file does not say is asked for, never guessed: which channel, how fast it "
            "was sampled, and which sensor it is from."
        ),
        "br_upload_label": "Recording",
        "br_upload_kinds": (
            "CSV (also .csv.gz), EDF, or a ZIP archive of a WFDB record; recognized by content."
        ),
        "br_upload_limit": "Up to {megabytes} MB. Nothing leaves this server.",
        "br_sensor_choose": "choose …",
        "br_sensor_help": (
            "It says which way inspiration goes. Of an unknown sensor neither inspiration nor "
            "patterns are told."
        ),
        "br_channel": "Channel",
        "br_channel_help": "Its name in the file; needed where the file has several.",
        "br_rate_hz": "Samples per second",
        "br_rate_help": "Needed where the file does not say it. It must be the sensor’s own.",
        "br_time_unit": "Unit of time",
        "br_time_unit_help": "Of the time column of a table, where its name does not say it.",
        "br_time_unit_file": "as the file says",
        "br_patient": "Patient number",
        "br_patient_help": (
            "May be left empty. It brings recordings, films and scans of one patient together, and "
            "is kept as a pseudonym unless this installation keeps numbers."
        ),
        "br_button": "Read",
        "br_sending": "The recording is being read …",
        "br_lost": "The server could not be reached. Check that it is running, then try again.",
        "br_refused": "The recording was not read",
        "br_kept": (
            "Kept: what is told of the recording, its signal at 25 samples per second or fewer, "
            "and the file name. Not kept: the file itself. Rename files that carry a patient’s "
            "name."
        ),
        "br_upload_none": "No recording arrived. Choose a file, then press Read.",
        "br_rate_number": (
            "found no number of samples per second – expected one such as 25. Write it with digits."
        ),
        "br_examples": "No recording at hand? Try a simulated one",
        "br_example": "Read {name}",
        "br_no_bundle": (
            "No network for patterns is installed here: rate, breaths and pauses are told, "
            "patterns are not."
        ),
        "br_headline": "{rate} breaths per minute, the median of {windows} windows",
        "br_headline_none": "No window is good enough to tell a rate.",
        "br_recorded": "{sensor}, {length}, {rate} samples per second, channel {channel}",
        "br_breaths_found": "{count} breaths",
        "br_overview": "The whole recording",
        "br_overview_how": (
            "Above the signal with its pauses shaded, then the pattern of each minute, then the "
            "rate of each minute. Draw over the signal, or choose a minute, to look closer."
        ),
        "br_signal": "Signal",
        "br_signal_unit": "Signal, {unit}",
        "br_view": "From {start} to {end}",
        "br_earlier": "Earlier",
        "br_later": "Later",
        "br_closer": "Closer",
        "br_wider": "Wider",
        "br_view_how": (
            "Each triangle is the onset of an inspiration. Keys: arrows move, + and − zoom."
        ),
        "br_view_how_unknown": (
            "Each triangle is the onset of a breath; which way inspiration goes is unknown. Keys: "
            "arrows move, + and − zoom."
        ),
        "br_attention": "Attention",
        "br_attention_note": (
            "The bars below the signal say where the network weighed in each minute, and not why."
        ),
        "br_attention_far": "Look at ten minutes or less to see where the network weighed.",
        "br_window_said": "{start} to {end}: {pattern} ({probability} %)",
        "br_window_untold": (
            "{start} to {end}: no pattern told, {reason} (likeliest {pattern}, {probability} %)"
        ),
        "br_zones": (
            "Figures at the right are the points of NEWS2 for the respiration rate (Royal College "
            "of Physicians, 2017): 12 to 20 per minute gives none. They are of adults."
        ),
        "br_legend": "What the letters mean",
        "br_legend_untold": "no pattern told",
        "br_pauses_title": "Pauses of ten seconds or more",
        "br_pauses_none": "No pause of ten seconds or more was found.",
        "br_pause_said": "pause of {length} s",
        "br_start": "Start",
        "br_pause_length": "Length, s",
        "br_numbers": "Numbers of each window",
        "br_quality": "Quality",
        "br_quality_note": (
            "Quality goes from 0 to 1. Below {limit} no number is told of a window."
        ),
        "br_reasons": "What lowers it",
        "br_breaths": "Breaths",
        "br_breathing_rate": "Per minute while breathing",
        "br_variation": "Variation of length",
        "br_depth": "Depth",
        "br_ie": "I:E",
        "br_apnea_s": "In pauses, s",
        "br_too_bad": "too bad to tell anything",
        "br_ie_untold": (
            "I:E is told only where the sensor says which way inspiration goes, and is not told of "
            "capnography."
        ),
        "br_no_patterns": "No pattern is told of this recording",
        "br_made": "How it was made",
        "br_software": "Thoracle {version}; file SHA-256 {sha256}.",
        "br_bundle": "Network {name} {version}, SHA-256 {digest}.",
        "br_downloads": "To take along",
        "br_csv_windows": "Windows as a table (CSV)",
        "br_csv_breaths": "Breaths as a table (CSV)",
        "br_json": "Everything as data (JSON)",
        "br_delete": "Delete this recording",
        "br_delete_ask": "Its numbers and its signal are removed for good.",
        "br_all": "All recordings",
        "br_missing": "missing or disconnected",
        "br_told_of": "{told} of {all} minutes were told a pattern.",
    }
)

SENSOR_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "belt": "belt around chest or belly",
        "impedance": "impedance of the chest",
        "volume": "volume (spirometer, calibrated)",
        "flow": "flow, positive into the lungs",
        "capnography": "capnography (CO₂ of expired air)",
        "depth_camera": "depth camera",
        "unknown": "unknown sensor",
    }
)

REASON_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "clipped": "cut off at an end of its range",
        "disconnected": "the sensor was off",
        "gap": "samples are missing",
        "irregular": "irregular breaths",
        "noise": "noise or movement",
        "unsure": "none is likely enough",
    }
)

TIME_UNIT_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {"s": "in seconds", "ms": "in milliseconds", "min": "in minutes", "us": "in microseconds"}
)
