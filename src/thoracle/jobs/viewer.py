"""What the viewer shows of a kept result: its film, its maps and the rim of its lungs."""

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import StoreError
from thoracle.core.results import FilmMap
from thoracle.imaging.nifti import flat_nifti
from thoracle.imaging.resample import resize, shrink
from thoracle.jobs.results import LUNGS_NAME, PIXELS_NAME, WHOLE_NAME, WINDOW_KEY
from thoracle.reporting.viewer_view import FilmSize
from thoracle.store.results import ResultStore
from thoracle.store.types import StoredResult

SIDE_MAX: Final = 2048
"""Longest side of the viewer's film: the smallest limit of three-dimensional textures in use."""

RIM_SIDE_MAX: Final = 768
MAP_SIDE: Final = 112


def film_size(store: ResultStore, stored: StoredResult) -> FilmSize | None:
    """Return the size of a kept film; None where none was kept."""
    names = stored.picture_names
    if PIXELS_NAME not in names:
        return None
    name = WHOLE_NAME if WHOLE_NAME in names else PIXELS_NAME
    with Image.open(io.BytesIO(store.picture(stored.summary.id, name))) as picture:
        bits = 8 if picture.mode == "L" else 16
        low, _, high = str(picture.info.get(WINDOW_KEY, f"0 {2**bits - 1}")).partition(" ")
        return FilmSize(
            rows=picture.height,
            columns=picture.width,
            bits=bits,
            window=(float(low), float(high)),
        )


def film_nifti(store: ResultStore, result_id: str) -> bytes:
    """Return a kept film for the viewer, in the depth and range that it was kept in.

    Parameters
    ----------
    store
        Open.
    result_id
        Of a result whose file could be read; any other is a StoreError.

    Returns
    -------
    bytes
        A NIfTI-1 file of at most `SIDE_MAX` pixels a side.
    """
    names = store.load(result_id, with_values=False).picture_names
    name = WHOLE_NAME if WHOLE_NAME in names else PIXELS_NAME
    with Image.open(io.BytesIO(store.picture(result_id, name))) as picture:
        values = np.asarray(picture)
    return _on_film(_shrunk(values, SIDE_MAX), values.shape[:2])


def map_nifti(store: ResultStore, result_id: str, place: int) -> bytes:
    """Return one map for the viewer, where it lies on the film.

    Parameters
    ----------
    store
        Open.
    result_id
        A kept result.
    place
        Which of its `drawn_maps`, from 0.

    Returns
    -------
    bytes
        A NIfTI-1 file in the map's own unit: the logit's, or spreads of normal films.

    Raises
    ------
    StoreError
        There is no such result or map.
    """
    maps = store.load(result_id).result.drawn_maps
    if not 0 <= place < len(maps):
        raise StoreError(
            f"found no map {place} of result {result_id} – expected 0 to {len(maps) - 1}. Take "
            "one from the result's page.",
            code="unknown-picture",
        )
    return _map_on_film(maps[place])


def rim_nifti(store: ResultStore, result_id: str) -> bytes:
    """Return the rim of the lungs for the viewer, 1 on the line and 0 elsewhere."""
    from scipy import ndimage

    with Image.open(io.BytesIO(store.picture(result_id, LUNGS_NAME))) as picture:
        lungs = np.asarray(picture.convert("L")) > 0
    shape = lungs.shape
    small = _shrunk(lungs.astype(np.uint8) * 255, RIM_SIDE_MAX) > 127
    rim = ndimage.binary_dilation(small) & ~ndimage.binary_erosion(small)
    return _on_film(rim.astype(np.uint8), shape)


def _shrunk(values: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """Return a picture that is at most `longest` pixels a side, in its own type."""
    if max(values.shape) <= longest:
        return values
    return np.round(shrink(values.astype(np.float32), longest=longest)).astype(values.dtype)


def _on_film(values: NDArray[np.uint8], shape: tuple[int, ...]) -> bytes:
    """Lay a picture over the whole film of a shape, in the film's own pixels."""
    spacing = (shape[0] / values.shape[0], shape[1] / values.shape[1])
    return flat_nifti(values, left_mm=spacing[1] / 2, top_mm=spacing[0] / 2, spacing_mm=spacing)


def _map_on_film(one: FilmMap) -> bytes:
    top, left, bottom, right = one.box
    rows, columns = (MAP_SIDE, MAP_SIDE)  # the viewer draws cells, printed maps are smooth
    spacing = ((bottom - top) / rows, (right - left) / columns)
    return flat_nifti(
        resize(one.values, rows=rows, columns=columns),
        left_mm=left + spacing[1] / 2,
        top_mm=top + spacing[0] / 2,
        spacing_mm=spacing,
    )
