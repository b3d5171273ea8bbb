"""What a file is, where that takes words: the parts of sentences that are translated."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FORMAT_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "empty",
        "text": "text",
        "json": "text (JSON)",
        "markup": "text (HTML, XML or SVG)",
        "zip": "a ZIP archive (or an Office document)",
        "zip_empty": "an empty ZIP archive",
        "7z": "a 7-Zip archive",
        "rar": "a RAR archive",
        "jpeg2000": "JPEG 2000 outside DICOM",
        "video": "a video (MPEG-4 container)",
        "icon": "a Windows icon",
        "program": "a program",
        "dicom_without_header": "a DICOM data set without its Part 10 header",
        "dicom_without_preamble": "a DICOM data set without its preamble",
        "unknown": "of no known kind",
    }
)
