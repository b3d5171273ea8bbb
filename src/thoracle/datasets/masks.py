"""Lung masks of a manifest, read as films are."""

from pathlib import Path

from thoracle.core.arrays import BoolArray
from thoracle.imaging.decode import decode_trusted_file


def read_mask(path: Path) -> BoolArray:
    """Read a lung mask: what is brighter than middle grey is lung.

    Parameters
    ----------
    path
        A picture of any format that films have, on any grid that covers the film.

    Returns
    -------
    (rows, columns) bool
        A file that cannot be read is an ImageError.
    """
    return decode_trusted_file(path).pixels > 0.5
