"""The one mark of a synthetic film, and the one rule by which a film is known to bear it."""

from collections.abc import Mapping

MARK = "SYNTHETIC"
"""What a note of a synthetic film begins with, in letters of either case."""
PNG_KEY, PNG_VALUE = "Synthetic", "Thoracle"
"""Text chunk that every PNG of `thoracle examples make` has beside its description."""
DICOM_KEYWORDS = ("PatientName", "PatientID", "ImageComments")
"""Elements (0010,0010), (0010,0020) and (0020,4000), each of which may bear the mark."""


def bears_mark(notes: Mapping[str, object]) -> bool:
    """Say whether any of a file's notes says that the film is synthetic.

    Parameters
    ----------
    notes
        By their names: a PNG's text chunks, a JPEG's comment, a description, DICOM elements.
        Bytes are read as Latin-1; anything that is no text is written as text first.
    """
    if notes.get(PNG_KEY) == PNG_VALUE:
        return True
    return any(_text(note).lstrip().upper().startswith(MARK) for note in notes.values())


def _text(note: object) -> str:
    return note.decode("latin-1") if isinstance(note, bytes) else str(note)
