"""The texture of a manifest's films as a table, measured side by side and resumed."""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.core.files import write_atomically
from thoracle.core.progress import Progress, no_progress
from thoracle.core.version import version
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.faults import SyntheticFilmError
from thoracle.imaging.resample import resize
from thoracle.imaging.texture.flat_shape import LENGTHS
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.regions import LUNGS, lung_regions
from thoracle.radiograph.texture import measure_film

TABLE_NAME: Final = "texture.npz"
_SAVED_EVERY: Final = 100  # films; an interrupted run loses at most these


@dataclass(frozen=True, slots=True, kw_only=True)
class TextureTable:
    """One row of features for each film.

    Attributes
    ----------
    paths
        Of the films, as the manifest names them.
    names
        Of the features: region, a dot, and the feature.
    values : (films, features) float32
        NaN where unknown.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    values: FloatArray = field(repr=False)

    def of(self, films: Sequence[Film]) -> FloatArray:
        """Return the rows of films, in their order."""
        place = {path: row for row, path in enumerate(self.paths)}
        return self.values[[place[film.path] for film in films]]


def texture_table(
    manifest: Manifest,
    films: Sequence[Film],
    *,
    folder: Path,
    workers: int,
    on_progress: Progress = no_progress,
) -> TextureTable:
    """Measure films side by side; those measured before are taken from the folder.

    Lengths in pixels are left out: they tell how finely a film was scanned, and so where it comes
    from. Films that cannot be read, and those without lungs, have unknown features.

    Parameters
    ----------
    manifest
        Where the films lie.
    films
        Those to measure.
    folder
        Keeps the table while it grows; one of another version begins anew.
    workers
        Threads, at least 1.
    on_progress
        Told of each film.

    Returns
    -------
    TextureTable
        Of the films, in their order. A synthetic film is a SyntheticFilmError.
    """
    known = _read(folder / TABLE_NAME)
    missing = [film for film in films if film.path not in known]
    done = len(films) - len(missing)
    names = feature_names()
    paths = [manifest.resolve(film) for film in missing]
    for number, (film, row) in enumerate(
        zip(missing, _measured(paths, workers), strict=True), start=1
    ):
        known[film.path] = row
        on_progress("texture", done + number, len(films))
        if number % _SAVED_EVERY == 0 or number == len(missing):
            _write(folder / TABLE_NAME, known)
    return TextureTable(
        paths=tuple(film.path for film in films),
        names=names,
        values=np.stack([known[film.path] for film in films]),
    )


def film_features(pixels: FloatArray, lungs: BoolArray) -> dict[str, float]:
    """Return the features of one film: both lungs with wavelets, each lung and third without.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On the film; empty gives nothing.

    Returns
    -------
    dict
        By region, a dot, and the feature's name.
    """
    regions = lung_regions(lungs)
    if not regions:
        return {}
    both = measure_film(
        pixels, {LUNGS: regions.pop(LUNGS)}, lungs=lungs, spacing_mm=None, with_wavelets=True
    )
    parts = measure_film(pixels, regions, lungs=lungs, spacing_mm=None, with_wavelets=False)
    return {
        f"{one.region}.{name}": value
        for one in (*both, *parts)
        for name, value in one.features.items()
        if name not in LENGTHS
    }


@lru_cache(maxsize=1)
def feature_names() -> tuple[str, ...]:
    """Return the columns of every table, read off a film made for that."""
    rows, columns = np.mgrid[:96, :96]
    lungs = ((rows - 48) / 40) ** 2 + ((np.abs(columns - 48) - 24) / 18) ** 2 < 1.0
    grey = ((rows * 7 + columns * 3) % 11 / 11.0).astype(np.float32)
    return tuple(film_features(grey, lungs))


def _measured(paths: Sequence[Path], workers: int) -> Iterator[FloatArray]:
    with ThreadPoolExecutor(workers) as pool:  # networks and arrays let other threads run
        yield from pool.map(_row, paths)


def _row(path: Path) -> FloatArray:
    names = feature_names()
    found: dict[str, float] = {}
    try:
        pixels = decode_trusted_film(path).pixels
        mask = _finder().find(pixels).astype(np.float32)
        lungs = resize(mask, rows=pixels.shape[0], columns=pixels.shape[1]) > 0.5
        found = film_features(pixels, lungs)
    except SyntheticFilmError:
        raise
    except ImageError:
        pass  # its row stays unknown, and the trees take it as that
    return np.array([found.get(name, np.nan) for name in names], np.float32)


@lru_cache(maxsize=1)
def _finder() -> LungFinder:
    return LungFinder(open_bundle(LUNG_BUNDLE), threads=1)


def _read(path: Path) -> dict[str, FloatArray]:
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as kept:
        if tuple(kept["names"].tolist()) != feature_names() or str(kept["version"]) != version():
            return {}
        return dict(zip(kept["paths"].tolist(), kept["values"], strict=True))


def _write(path: Path, known: dict[str, FloatArray]) -> None:
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        version=np.array(version()),
        paths=np.array(list(known), dtype=np.str_),
        names=np.array(feature_names(), dtype=np.str_),
        values=np.stack(list(known.values())),
    )
    write_atomically(path, stream.getvalue())
