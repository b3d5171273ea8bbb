"""Thoracle reads chest radiographs and says what it sees, how sure it is, why, and when not to."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from thoracle.core.results import FileResult

__all__ = ["analyze"]


def analyze(
    path: "Path | str", *, bundle: str | None = None, override_gate: bool = False
) -> "FileResult":
    """Decode, gate, classify and explain one file; nothing is stored.

    Parameters
    ----------
    path
        A raster or DICOM file with one chest radiograph.
    bundle
        Name or folder of a classifier bundle; None means the setting `bundle`.
    override_gate
        Classify even when the gate refuses; the result says so.

    Returns
    -------
    FileResult
        Its `status` says analyzed, refused or failed; a broken file is a result, not an exception.
    """
    from thoracle.jobs.analyze import analyze_file

    return analyze_file(path, bundle=bundle, override_gate=override_gate)
