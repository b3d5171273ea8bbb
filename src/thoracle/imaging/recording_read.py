"""Bytes of any recording to its channels, by what they begin with; runs in a decoder's child."""

from typing import Final

from thoracle.core.errors import ImageError
from thoracle.imaging.archive import is_archive
from thoracle.imaging.format_texts import FORMAT_WORDS
from thoracle.imaging.recording import Reading, check_size
from thoracle.imaging.recording_csv import GZIP, read_csv
from thoracle.imaging.recording_edf import MAGIC as EDF
from thoracle.imaging.recording_edf import read_edf
from thoracle.imaging.recording_wfdb import load_library, read_wfdb
from thoracle.imaging.sniff import HEAD_BYTES, kind_of

_BDF: Final = b"\xffBIOSEMI"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BINARY_BELOW: Final = 9  # no text has these control signs


def format_of(content: bytes) -> str:
    """Say which of the readable formats bytes are.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    str
        "EDF", "WFDB" (a ZIP archive) or "CSV" (text, also gzipped).

    Raises
    ------
    ImageError
        recording-empty, or recording-unknown-format.
    """
    if not content:
        raise ImageError(
            "The file is empty – expected a recording: CSV, EDF or a ZIP archive of a WFDB record. "
            "Copy or download it again.",
            code="recording-empty",
        )
    if content.startswith(EDF):
        return "EDF"
    if is_archive(content):
        return "WFDB"
    is_bdf = content.startswith(_BDF)
    if content.startswith(GZIP) or (not is_bdf and _is_text(content[:HEAD_BYTES])):
        return "CSV"
    kind = "BDF" if is_bdf else kind_of(content[:HEAD_BYTES])
    raise ImageError(
        f"The file is {kind} – expected a recording: CSV, EDF or a ZIP archive of a WFDB record. "
        "Export it as one of these.",
        code="recording-unknown-format",
    )


def prepare_for(format_name: str) -> None:
    """Import the library that a format needs, before a file's time is counted."""
    if format_name == "WFDB":
        load_library()
    if format_name == "EDF":
        import edfio  # noqa: F401


def read_recording(content: bytes, *, wanted: str | None = None) -> Reading:
    """Read a recording of any format.

    Parameters
    ----------
    content
        The whole file; anything at all.
    wanted
        The channel that is handed over; None for all.

    Returns
    -------
    Reading
        As the file holds it. A file that is not one readable recording is an ImageError whose code
        says why, or whatever a library raised over it.
    """
    check_size(len(content))
    reader = {"EDF": read_edf, "WFDB": read_wfdb, "CSV": read_csv}[format_of(content)]
    return reader(content, wanted=wanted)


def _is_text(head: bytes) -> bool:
    if head.startswith(_UTF16):
        return True
    may_be = kind_of(head) in {FORMAT_WORDS["text"], FORMAT_WORDS["unknown"]}
    return may_be and not any(byte < _BINARY_BELOW for byte in head)
