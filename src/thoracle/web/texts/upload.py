"""The first page: choose, preview and send films."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

UPLOAD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "upload_title": "Analyze chest radiographs",
        "upload_lead": (
            "Drop frontal chest radiographs of adults here. Each is checked by the gate and judged "
            "for three things alone: no lung opacity, another lung opacity, COVID-19. Nothing else "
            "is looked for."
        ),
        "upload_drop": "Drop films here",
        "upload_or": "or paste a picture, or",
        "upload_choose": "Choose files",
        "upload_label": "Image files",
        "upload_kinds": (
            "DICOM, PNG, JPEG, TIFF, WebP or BMP, or a ZIP of a study; recognized by content, not "
            "by name."
        ),
        "upload_limits": (
            "Up to {files} files and {megabytes} MB in one go. Nothing leaves this server."
        ),
        "upload_kept": (
            "Kept: the film's display pixels, the file name and the result. Not kept: the "
            "file itself, and a DICOM file's patient data. File names are kept as they are, "
            "so rename files that carry a patient's name."
        ),
        "upload_button": "Analyze",
        "upload_cancel": "Cancel",
        "upload_remove": "Remove",
        "upload_clear": "Clear the list",
        "upload_list": "Files to analyze",
        "upload_no_preview": "No preview before sending",
        "upload_waiting": "waiting",
        "upload_sending": "sending {percent} %",
        "upload_judging": "being analyzed …",
        "upload_retry": "The server is busy; trying again in {seconds} s.",
        "upload_cancelled": "cancelled; what had already arrived may stand among the results",
        "upload_done": "done",
        "upload_open": "Open the result",
        "upload_all": "Open these results as a worklist",
        "upload_too_large_file": (
            "This file has {size} MB, more than the {megabytes} MB that this server takes in "
            "one go."
        ),
        "upload_empty_file": "This file is empty.",
        "upload_lost": "The server could not be reached. Check that it is running, then try again.",
        "upload_examples": "No film at hand? Try one of these",
        "upload_example": "Analyze {name}",
        "upload_credits": "Where the real films come from",
        "upload_credits_note": (
            "Findings are those of the collection they come from. The classifier may have learned "
            "from some of these films, so how it judges them is no measure of it."
        ),
        "upload_none": "No file arrived. Choose at least one image file, then press Analyze.",
        "upload_too_large": (
            "The upload is larger than {megabytes} MB, the most this server takes in one go. "
            "Send fewer or smaller files."
        ),
        "upload_too_many": "More than {files} files arrived. Send at most {files} in one go.",
        "upload_broken": "The upload arrived incomplete or garbled. Send it again.",
    }
)
