"""Severity scores that readers gave to films of the collection of Cohen et al.

Two tables lie beside the collection's metadata.csv: Brixia scores of two readers, six zones each,
and geographic extent and opacity, each the mean of three readers.
"""

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ManifestError
from thoracle.datasets.columns import UnreadableTableError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.cohen import SOURCE

BRIXIA_TABLE = "brixia_public-annotations.csv"
EXTENT_TABLE = "covid-severity-scores.csv"
ZONES = ("A", "B", "C", "D", "E", "F")
"""Upper, middle and lower third of the patient's right lung, then of the left."""
READERS = ("S", "J")
"""How the columns of the Brixia table begin; the collection names the readers no further."""
ZONE_MAX, EXTENT_MAX, OPACITY_MAX = 3.0, 8.0, 6.0
_COMMENT = "##"
_ROWS_ENCODING = "utf-8-sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderScores:
    """What readers say of one film; NaN is unknown.

    Attributes
    ----------
    film
        As the manifest has it.
    zones : (readers, 6) float64
        Brixia, 0 to 3, zones in the order of `ZONES`, readers in that of `READERS`.
    extent
        Geographic extent of both lungs, 0 to 8, the mean of three readers.
    opacity
        Degree of opacity of both lungs, 0 to 6, the mean of three readers.
    """

    film: Film
    zones: DoubleArray
    extent: float
    opacity: float

    @property
    def mean_zones(self) -> DoubleArray:
        """The mean of the two readers, (6,) float64; NaN where one of them gives no score."""
        return np.asarray(self.zones.mean(axis=0), dtype=np.float64)

    @property
    def days(self) -> float:
        """Days since onset or admission, NaN where unknown or before it."""
        offset = self.film.study_offset_days
        return float("nan") if offset is None or offset < 0 else offset


def read_severity(folder: Path, manifest: Manifest) -> tuple[ReaderScores, ...]:
    """Read the scores of a manifest's films; tables and films are matched by file stem.

    Parameters
    ----------
    folder
        Of the collection: the two tables lie there. One of them may be missing.
    manifest
        Films of the collection, of any file type.

    Returns
    -------
    tuple of ReaderScores
        Films with at least one score, in the manifest's order. A score outside its range, or one
        that is no number, is a ManifestError.

    Raises
    ------
    ManifestError
        Neither table is there, or no film of the manifest stands in them.
    """
    brixia, extent = folder / BRIXIA_TABLE, folder / EXTENT_TABLE
    if not brixia.is_file() and not extent.is_file():
        raise ManifestError(
            f"found neither {BRIXIA_TABLE} nor {EXTENT_TABLE} in {folder} – expected readers' "
            "scores beside the collection's metadata.csv. Copy them there.",
            code="severity-scores",
        )
    zones = {stem: _zones(row, brixia) for stem, row in _rows(brixia).items()}
    sums = {stem: _sums(row, extent) for stem, row in _rows(extent).items()}
    nothing = np.full((len(READERS), len(ZONES)), np.nan)
    found = tuple(
        ReaderScores(
            film=film,
            zones=zones.get(stem, nothing),
            extent=sums.get(stem, (math.nan, math.nan))[0],
            opacity=sums.get(stem, (math.nan, math.nan))[1],
        )
        for film in manifest.films
        if film.source == SOURCE and ((stem := Path(film.path).stem) in zones or stem in sums)
    )
    if not found:
        raise ManifestError(
            f"found no film of the manifest in {BRIXIA_TABLE} and {EXTENT_TABLE} – expected films "
            f"of source {SOURCE!r} with the collection's file names. Build the manifest from it.",
            code="severity-scores",
        )
    return found


def severity_folder(manifest: Manifest) -> Path:
    """Return the folder of the manifest's collection, in which the tables of scores lie.

    Parameters
    ----------
    manifest
        With films of the collection.

    Returns
    -------
    Path
        The one above the folder of images.

    Raises
    ------
    ManifestError
        The manifest has no film of the collection.
    """
    for film in manifest.films:
        if film.source == SOURCE:
            return manifest.resolve(film).parent.parent
    raise ManifestError(
        f"found no film of source {SOURCE!r} – expected the collection whose films readers scored. "
        "Build a manifest with it.",
        code="severity-scores",
    )


def _rows(path: Path) -> Mapping[str, dict[str, str]]:
    """Return a table's rows by file stem; lines that begin with ## are left out.

    Raises
    ------
    UnreadableTableError
        The table is not UTF-8.
    """
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding=_ROWS_ENCODING)
    except UnicodeDecodeError as fault:
        raise UnreadableTableError(path, fault) from fault
    lines = (line for line in text.splitlines() if not line.startswith(_COMMENT))
    return {Path(row["filename"]).stem: row for row in csv.DictReader(lines) if row.get("filename")}


def _zones(row: Mapping[str, str], table: Path) -> DoubleArray:
    names = [[f"{reader}-{zone}" for zone in ZONES] for reader in READERS]
    return np.array([_numbers(row, one, ZONE_MAX, table) for one in names], dtype=np.float64)


def _sums(row: Mapping[str, str], table: Path) -> tuple[float, float]:
    (extent,) = _numbers(row, ("geographic_mean",), EXTENT_MAX, table)
    (opacity,) = _numbers(row, ("opacity_mean",), OPACITY_MAX, table)
    return extent, opacity


def _numbers(
    row: Mapping[str, str], names: Iterable[str], highest: float, table: Path
) -> list[float]:
    return [_number(row, name, highest, table) for name in names]


def _number(row: Mapping[str, str], name: str, highest: float, table: Path) -> float:
    """Return a cell's number, NaN for an empty one.

    Raises
    ------
    ManifestError
        The column is missing, or the cell holds no number of its range.
    """
    text = row.get(name)
    if text is not None and not text.strip():
        return math.nan
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= highest:
        raise ManifestError(
            f"found {name} {text!r} for {row['filename']} in {table.name} – expected a number from "
            f"0 to {highest:g}, or an empty cell. Use the collection's original table.",
            code="severity-scores",
        )
    return value
