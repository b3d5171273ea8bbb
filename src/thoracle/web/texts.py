"""Every sentence of the web app's own pages, in one place, ready for a catalogue."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WEB: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "Thoracle",
        "tagline": "Reads chest radiographs, says how sure it is and when not to trust it.",
        "nav_upload": "Analyze",
        "nav_results": "Results",
        "language": "Language",
        "skip": "Skip to the content",
        "upload_title": "Analyze chest radiographs",
        "upload_lead": (
            "Choose one or several frontal chest radiographs. Each is checked by the gate, "
            "classified, and kept with its maps."
        ),
        "upload_label": "Image files",
        "upload_kinds": "DICOM, PNG, JPEG, TIFF, WebP or BMP; recognized by content, not by name.",
        "upload_limits": (
            "Up to {files} files and {megabytes} MB in one go. Nothing leaves this server."
        ),
        "upload_kept": (
            "Kept: the film's display pixels, the file name and the result. Not kept: the file "
            "itself, and a DICOM file's patient data. File names are kept as they are, so rename "
            "files that carry a patient's name."
        ),
        "upload_button": "Analyze",
        "upload_busy": "Uploading and analyzing: this takes a few seconds for each film …",
        "upload_none": "No file arrived. Choose at least one image file, then press Analyze.",
        "upload_too_large": (
            "The upload is larger than {megabytes} MB, the most this server takes in one go. "
            "Send fewer or smaller files."
        ),
        "upload_too_many": "More than {files} files arrived. Send at most {files} in one go.",
        "upload_broken": "The upload arrived incomplete or garbled. Send it again.",
        "history_title": "Results",
        "history_empty": "No result has been kept yet.",
        "history_time": "Time",
        "history_file": "File",
        "history_status": "Status",
        "history_says": "Highest probability, or what it is",
        "history_older": "Older results",
        "history_newest": "Newest results",
        "result_parent": "A second look at",
        "result_parent_link": "an earlier result",
        "result_json": "This result as JSON",
        "result_delete": "Delete this result",
        "result_delete_ask": "The result, its film and its maps are removed for good.",
        "result_delete_button": "Delete for good",
        "again_title": "What now?",
        "again_turn": "Turn back by {degrees}° and try again",
        "again_turn_note": "The film seems to be turned clockwise by {degrees}°.",
        "again_override": "Classify anyway",
        "again_override_note": (
            "Only if you are sure that the gate is wrong. The new result will say that the gate "
            "was overridden."
        ),
        "error_title": "This did not work",
        "error_back": "Back to the first page",
        "error_host": (
            "This server answers only to localhost and 127.0.0.1, for it listens on this machine "
            "alone. Open it under one of these names."
        ),
        "error_origin": (
            "This request came from another site and was refused. Open Thoracle's own page and "
            "send it from there."
        ),
        "error_missing": "There is no such page.",
        "error_method": "This address does not take that kind of request.",
        "error_form": "The form held a value that this server does not know. Start again.",
        "error_inside": (
            "Something failed inside Thoracle. The server's log has the details; please try again, "
            "and report it if it happens twice."
        ),
    }
)
