"""Texture as a CSV table, one row for each file and region, written while it is measured."""

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from thoracle.imaging.texture.definitions import FEATURES
from thoracle.imaging.texture.measure import WAVELET_PREFIX, grey_feature_names
from thoracle.jobs.texture import MeasuredFile, TextureOptions
from thoracle.radiograph.texture import RegionTexture

FACTS: Final = ("file", "region", "pixels", "unit", "error", "notes")
PARTIAL: Final = ".partial"


class TextureTableFile:
    """A CSV file that grows file by file; until it is complete its name ends in `.partial`.

    Parameters
    ----------
    path
        Of the complete table.
    columns
        From `table_columns`.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self._path = path
        self._partial = partial_path(path)
        self._columns = columns
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._partial.open("w", encoding="utf-8", newline="")
        self._write([self._columns])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
        if kind is None:
            self._partial.replace(self._path)

    def add(self, measured: MeasuredFile) -> None:
        """Write the rows of one file, and let other programs see them."""
        self._write(_rows(measured, self._columns))

    def _write(self, rows: Iterable[Iterable[str]]) -> None:
        if self._stream is not None:
            csv.writer(self._stream).writerows(rows)
            self._stream.flush()


def partial_path(path: Path) -> Path:
    """Return where the rows of an incomplete table are."""
    return path.with_name(path.name + PARTIAL)


def table_columns(*, volumes: bool, films: bool, options: TextureOptions) -> tuple[str, ...]:
    """Return the columns that a table of films, of volumes or of both has.

    Parameters
    ----------
    volumes, films
        What is measured.
    options
        With wavelets, each band has the grey features once more.

    Returns
    -------
    tuple of str
        Facts first, then features in the order of `FEATURES`, then those of the bands.
    """
    shapes = {*(["shape"] if films else []), *(["morph"] if volumes else [])}
    plain = [
        name
        for name, one in FEATURES.items()
        if one.family not in {"shape", "morph"} or one.family in shapes
    ]
    bands: list[str] = []
    if options.with_wavelets:
        deep = volumes and not options.aggregation.is_by_slice
        bands += _bands(2) if films or not deep else []
        bands += _bands(3) if deep else []
    grey = grey_feature_names()
    return (
        *FACTS,
        *plain,
        *(f"{WAVELET_PREFIX}{band}_{name}" for band in bands for name in grey),
    )


def _bands(axes: int) -> list[str]:
    found = [""]
    for _ in range(axes):
        found = [name + letter for name in found for letter in "lh"]
    return found


def _rows(measured: MeasuredFile, columns: tuple[str, ...]) -> Iterator[list[str]]:
    error = "" if measured.error is None else f"{measured.error.code}: {measured.error.text}"
    notes = " ".join(dict.fromkeys(one.code for one in measured.notes))
    if not measured.regions:
        yield [measured.file, "", "", "", error, notes, *([""] * (len(columns) - len(FACTS)))]
    for one in measured.regions:
        facts = [measured.file, one.region, str(one.pixels), one.unit, error, notes]
        yield [*facts, *(_told(one, name) for name in columns[len(FACTS) :])]


def _told(region: RegionTexture, name: str) -> str:
    value = region.features.get(name, math.nan)
    return "" if math.isnan(value) else f"{value:.9g}"
