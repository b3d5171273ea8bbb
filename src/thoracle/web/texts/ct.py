"""Chest CT: sending a scan, its job, its result, drawing, and the course of one patient."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ct_title": "Chest CT",
        "ct_lead": (
            "How much of the lungs is infected, where, and of what kind: ground glass or "
            "consolidation. Reading a scan takes minutes; it goes on when you leave the page."
        ),
        "ct_new": "Read a scan",
        "ct_running": "Being read, or not read",
        "ct_kept": "Scans",
        "ct_none": "No scan has been read yet.",
        "ct_queue_title": "Corrected masks",
        "ct_queue_said": (
            "{count} corrected, {minutes} minutes of readers measured; {waiting} wait to be "
            "learned from."
        ),
        "ct_queue_how": (
            "Who keeps this installation starts the learning: “thoracle ct retrain”. The network "
            "in use is replaced only if it is not worse on held-out patients."
        ),
        "ct_queue_reader": "Reader",
        "ct_queue_minutes": "Minutes",
        "ct_queue_state": "State",
        "ct_queue_waits": "waits",
        "ct_queue_learned": "learned",
        "ct_queue_scan": "Scan of",
        "ct_older": "Older scans",
        "ct_newest": "Newest scans",
        "ct_films": "Results of films",
        "ct_file": "File",
        "ct_reading": "How far",
        "ct_poi": "Percentage of infection",
        "ct_poi_short": "Infection",
        "ct_lung": "Lung",
        "ct_versions": "Masks",
        "ct_time": "Time",
        "ct_upload_title": "Read a chest CT",
        "ct_upload_lead": (
            "Send one CT series of the whole chest. Lungs, ground glass and consolidation are "
            "drawn and measured; nothing else is looked for."
        ),
        "ct_upload_label": "CT series",
        "ct_upload_drop": "Drop the scan here",
        "ct_upload_or": "or",
        "ct_upload_choose": "Choose a file",
        "ct_upload_kinds": (
            "A ZIP archive of the series' DICOM files, or one NIfTI volume in HU (.nii, .nii.gz)."
        ),
        "ct_upload_limit": "Up to {megabytes} MB. Nothing leaves this server.",
        "ct_upload_kept": (
            "Kept: the volume without the files' headers, the masks, the numbers and the file's "
            "name. The file itself is removed when it has been read, and after a day in any case."
        ),
        "ct_upload_button": "Send",
        "ct_upload_cancel": "Cancel",
        "ct_upload_sending": "sending {percent} %",
        "ct_upload_sent": "sent; being written down …",
        "ct_no_bundle": (
            "No network for CT is installed here: scans can be sent, but not read. Install the "
            "bundle “ct”."
        ),
        "ct_job_title": "Reading {file}",
        "ct_job_measuring": "Measuring a corrected mask",
        "ct_job_note": (
            "You may close this page: the work goes on, also when the server is started again. "
            "This address shows how far it is."
        ),
        "ct_job_waiting": "Waiting for its turn; {count} before it.",
        "ct_job_attempt": "Attempt {attempt}: the one before stopped unexpectedly.",
        "ct_job_cancel": "Cancel",
        "ct_job_cancelling": "Being cancelled …",
        "ct_job_cancelled": "This job was cancelled, and the file that was sent is removed.",
        "ct_job_open": "Open the result",
        "ct_job_again": "Send another scan",
        "ct_job_refresh": "Look again",
        "ct_trust_title": "Take responsibility for what the files do not say",
        "ct_trust_lead": (
            "The scan was refused for the reason above. If you know better than the files, say it "
            "here: it becomes part of the result, and every report says so. The file need not be "
            "sent again before {until}."
        ),
        "ct_trust_window": "The values are the grey of this window",
        "ct_trust_low": "black, HU",
        "ct_trust_high": "white, HU",
        "ct_trust_grey": "Grey values of black and white",
        "ct_trust_black": "black",
        "ct_trust_white": "white",
        "ct_trust_spacing": "From one slice to the next, mm",
        "ct_trust_spacing_note": (
            "In the order of Instance Number: above 0 towards the head, below 0 towards the feet."
        ),
        "ct_trust_series": "Series Instance UID to read",
        "ct_trust_responsible_label": "I know this of the scan, and take responsibility for it.",
        "ct_trust_button": "Read it on my responsibility",
        "ct_series_button": "Read this series",
        "ct_trust_nothing": "Nothing was said of the scan. Fill in at least one field.",
        "ct_trust_responsible": "Tick the box: what you say of the scan is your responsibility.",
        "ct_trust_pair": "Both ends are needed. Fill in black and white.",
        "ct_trust_number": "A value is no number. Write it in digits, such as -1350.",
        "ct_viewer": "CT viewer",
        "ct_viewer_loading": "The volume is being loaded …",
        "ct_viewer_none": (
            "The viewer needs WebGL 2, which this browser does not offer. The numbers stand below; "
            "the volume and its masks can be downloaded."
        ),
        "ct_viewer_canvas": (
            "Slices of the scan. Arrow keys up and down step through slices, left and right choose "
            "the plane."
        ),
        "ct_viewer_coarse": (
            "This scan is large: the viewer shows means over squares in the plane, {factor} voxels "
            "a side. Numbers are of all voxels."
        ),
        "ct_viewer_how": (
            "Click or drag to move the cross; the wheel steps through slices. The right of the "
            "patient is at the left of the picture."
        ),
        "ct_plane": "View",
        "ct_plane_all": "All",
        "ct_plane_axial": "Axial",
        "ct_plane_coronal": "Coronal",
        "ct_plane_sagittal": "Sagittal",
        "ct_plane_render": "3-D",
        "ct_window": "Window",
        "ct_window_lung": "Lung (−1350 to 150)",
        "ct_window_soft": "Soft tissue (−160 to 240)",
        "ct_window_bone": "Bone (−450 to 1050)",
        "ct_window_wide": "Everything",
        "ct_opacity": "Opacity",
        "ct_label_lung": "Lung",
        "ct_label_ground_glass": "Ground glass",
        "ct_label_consolidation": "Consolidation",
        "ct_numbers": "Numbers",
        "ct_of_mask": "Of: {who}",
        "ct_both": "Both lungs",
        "ct_right": "Right lung",
        "ct_left": "Left lung",
        "ct_volume": "Lung volume",
        "ct_ground_glass": "Ground glass",
        "ct_consolidation": "Consolidation",
        "ct_lesions": "Lesions of {smallest} ml and more",
        "ct_interval": (
            "In brackets the least and the greatest of {count} variants of the same scan, mirrored "
            "and with shifted grey: the network's unrest, not the error."
        ),
        "ct_no_interval": "A reader's mask has no interval.",
        "ct_measuring": "The numbers of the newest mask are being measured.",
        "ct_unknown": "unknown",
        "ct_lower_bound": "at least",
        "ct_assumptions": "Taken on trust",
        "ct_warnings": "What to know of this scan",
        "ct_masks": "Masks",
        "ct_network": "Network",
        "ct_minutes": "{minutes} min",
        "ct_minutes_unknown": "time not measured",
        "ct_parent": "drawn on {who}",
        "ct_show": "Show",
        "ct_shown": "Shown",
        "ct_download_mask": "NIfTI",
        "ct_draw": "Correct the mask",
        "ct_draw_lead": (
            "Draw on any plane. What you save is a new version under your name; nothing is "
            "overwritten. The time you spend drawing is measured and kept with it."
        ),
        "ct_draw_begin": "Draw",
        "ct_draw_tool": "Pen",
        "ct_draw_eraser": "Eraser",
        "ct_draw_size": "Width",
        "ct_draw_fill": "Fill outlines",
        "ct_draw_undo": "Undo",
        "ct_draw_save": "Save as a new version",
        "ct_draw_discard": "Discard",
        "ct_draw_discard_ask": "Discard what was drawn?",
        "ct_draw_time": "Time spent: {minutes} min",
        "ct_draw_saving": "being saved …",
        "ct_draw_failed": "Not saved: {why}",
        "ct_draw_lost": "the server could not be reached. What you drew is still here; try again.",
        "ct_mask_upload": "Drawn elsewhere? Send a NIfTI mask on this scan's grid",
        "ct_mask_file": "Mask",
        "ct_mask_minutes": "Minutes spent (if measured)",
        "ct_mask_send": "Send the mask",
        "ct_download_volume": "Volume (NIfTI)",
        "ct_json": "JSON",
        "ct_pdf": "Report (PDF)",
        "ct_patient": "CT of patient {patient}",
        "ct_course_lead": "All scans of this patient, the oldest first.",
        "ct_course_uploaded": (
            "By the time of sending: study dates are kept only with the setting keep_identifiers."
        ),
        "ct_course_study": "By study date.",
        "ct_course_poi": "Percentage of infection over time",
        "ct_course_caution": (
            "A change smaller than the intervals is no change. Different slice thickness or depth "
            "of breath changes volumes without any change of disease."
        ),
        "ct_course_when": "When",
        "ct_provenance": "Where this comes from",
        "ct_geometry": "Voxels and spacing",
        "ct_delete": "Delete this scan",
        "ct_delete_ask": "The volume, all masks and numbers are removed for good.",
        "ct_delete_button": "Delete for good",
    }
)

JOB_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "queued": "waiting",
        "running": "at work",
        "done": "done",
        "failed": "failed",
        "cancelled": "cancelled",
    }
)
"""What the states of a job are called."""

JOB_STAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "starting …",
        "open": "opening and checking the series …",
        "segment": "drawing lungs and infection …",
        "vary": "asking again with mirrored and shifted grey, and measuring …",
        "measure": "measuring …",
        "scans": "taking the kept scans …",
        "register": "laying the scans over each other …",
        "draw": "drawing what changed …",
        "keep": "writing down …",
    }
)
"""What the stages of a job are called."""
