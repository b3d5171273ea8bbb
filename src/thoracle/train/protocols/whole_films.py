"""Whole films as the papers' networks see them: squeezed to a square, neither cut nor toned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.arrays import ByteArray, IntArray
from thoracle.datasets.counterfactuals import border_only, on_film_grid
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.resample import resize, to_bytes
from thoracle.jobs.film_lungs import FindLungs
from thoracle.train.films import FilmArrays, cached_arrays
from thoracle.train.table import FilmTable

FORM = "whole film squeezed to a square, triangle filter, grey as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFilms:
    """Films of one size on disk, and the row of each name."""

    arrays: FilmArrays
    row_of: Mapping[str, int]

    def table(self, names: Sequence[str], targets: IntArray) -> FilmTable:
        """Return some films, (n,) names and (n,) targets, as a training table."""
        rows = np.array([self.row_of[name] for name in names], dtype=np.int64)
        return FilmTable(
            arrays=self.arrays, rows=rows, targets=targets, sources=np.zeros_like(rows)
        )


def whole_films(files: Mapping[str, Path], *, size: int, cache: Path) -> WholeFilms:
    """Make or reopen films of one size.

    Parameters
    ----------
    files
        Name to file, in a fixed order; one that cannot be read is an ImageError.
    size
        Side of the square, in pixels.
    cache
        Folder for the arrays.
    """
    paths = list(files.values())

    def make(index: int) -> tuple[ByteArray, ByteArray]:
        pixels = decode_trusted_film(paths[index]).pixels
        shown = to_bytes(resize(pixels, rows=size, columns=size))
        return shown, np.zeros_like(shown)

    arrays = cached_arrays(paths, make, side=size, folder=cache, kind="whole", form=FORM)
    return WholeFilms(arrays=arrays, row_of={name: row for row, name in enumerate(files)})


def without_lungs(file: Path, find_lungs: FindLungs, *, size: int) -> ByteArray | None:
    """Return a whole film with a black rectangle over its lungs, (size, size) uint8.

    Parameters
    ----------
    file
        One that cannot be read is an ImageError.
    find_lungs
        What the rectangle is put over.
    size
        Side of the square, in pixels.

    Returns
    -------
    (size, size) uint8 or None
        None where no lungs are found.
    """
    pixels = decode_trusted_film(file).pixels
    mask = find_lungs(pixels)
    if not mask.any():
        return None
    rows, columns = pixels.shape
    hidden = border_only(pixels, on_film_grid(mask, rows=rows, columns=columns))
    return to_bytes(resize(hidden, rows=size, columns=size))
