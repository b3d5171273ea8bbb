"""Texture of a kept result's film, measured when somebody asks for it."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import StoreError
from thoracle.core.results import Analysis, GateDecision
from thoracle.jobs.results import LUNGS_NAME, PIXELS_NAME
from thoracle.jobs.texture import film_regions, upright_grey
from thoracle.radiograph.regions import ALTERED, DRAWN, REGIONS
from thoracle.radiograph.texture import RegionTexture, measure_film
from thoracle.store.results import ResultStore
from thoracle.store.types import Mark, MarkKind, StoredResult


def measurable_regions(stored: StoredResult) -> tuple[str, ...]:
    """Return the regions that can be asked for, by name, in the order of `REGIONS`.

    Parameters
    ----------
    stored
        Any kept result.

    Returns
    -------
    tuple of str
        Empty where no film was kept. A drawn region can always be asked for.
    """
    if PIXELS_NAME not in stored.picture_names:
        return ()
    has_lungs = LUNGS_NAME in stored.picture_names
    has_maps = bool(stored.result.maps)
    return tuple(
        name for name in REGIONS if name == DRAWN or (has_maps if name == ALTERED else has_lungs)
    )


def result_texture(
    store: ResultStore,
    result_id: str,
    *,
    region: str,
    marks: Sequence[Mark] = (),
    with_wavelets: bool = False,
) -> RegionTexture:
    """Measure one region of a kept film.

    Parameters
    ----------
    store
        Open.
    result_id
        A kept result.
    region
        One of `REGIONS`.
    marks
        What is drawn; where nothing is, the drawn region is that of the newest reading with marks.
    with_wavelets
        Whether the wavelet bands are measured too.

    Returns
    -------
    RegionTexture
        Lengths in pixels of the kept film: its spacing is not kept.

    Raises
    ------
    StoreError
        No film was kept, or it has no such region.
    """
    stored = store.load(result_id)
    gate = stored.result.gate
    if gate is None or PIXELS_NAME not in stored.picture_names:
        raise StoreError(
            f"found no film kept with result {result_id} – expected one that could be read. "
            "Upload the file again.",
            code="no-film",
        )
    analysis = _kept_analysis(store, stored, gate)
    pixels = upright_grey(_picture(store, result_id, PIXELS_NAME), analysis)
    drawn = _drawn(marks or _newest_marks(store, result_id), pixels.shape)
    regions = film_regions(analysis, pixels.shape, drawn=drawn)
    chosen = {region: _of(regions, region)}
    measured = measure_film(
        pixels,
        chosen,
        lungs=analysis.lung_mask,
        spacing_mm=None,
        with_wavelets=with_wavelets,
    )
    return measured[0]


def _of(regions: Mapping[str, BoolArray], name: str) -> BoolArray:
    if name not in regions:
        found = ", ".join(regions) or "none"
        raise StoreError(
            f"found no region {name!r} of this film – expected one of: {found}. A drawn region "
            "needs a box or a drawing on the film, an altered one a finding with a map.",
            code="texture-region",
        )
    return regions[name]


def _kept_analysis(store: ResultStore, stored: StoredResult, gate: GateDecision) -> Analysis:
    """Return what regions are found from, as it was kept."""
    result = stored.result
    lungs = None
    if LUNGS_NAME in stored.picture_names:
        lungs = _picture(store, stored.summary.id, LUNGS_NAME) > 0.0
    return Analysis(
        gate=gate,
        findings=result.findings,
        maps=result.maps,
        warnings=result.warnings,
        lung_mask=lungs,
    )


def _newest_marks(store: ResultStore, result_id: str) -> Sequence[Mark]:
    kept = [one.marks for one in store.readings.of_results([result_id]) if one.marks]
    return kept[-1] if kept else ()


def _drawn(marks: Sequence[Mark], shape: tuple[int, ...]) -> BoolArray | None:
    """Return what boxes and closed strokes enclose; None where nothing is drawn."""
    if not marks:
        return None
    rows, columns = shape[0], shape[1]
    picture = Image.new("1", (columns, rows))
    pen = ImageDraw.Draw(picture)
    for mark in marks:
        points = [(x * (columns - 1), y * (rows - 1)) for x, y in mark.points]
        if mark.kind is MarkKind.BOX:
            across, down = [x for x, _ in points], [y for _, y in points]
            pen.rectangle((min(across), min(down), max(across), max(down)), fill=1)
        elif len(points) > 1:
            pen.polygon(points, fill=1, outline=1)
    return np.asarray(picture, dtype=bool)


def _picture(store: ResultStore, result_id: str, name: str) -> FloatArray:
    """Decode a PNG that the store has written itself, to 0…1."""
    with Image.open(io.BytesIO(store.picture(result_id, name))) as picture:
        values = np.asarray(picture)
    top = np.iinfo(values.dtype).max if values.dtype != np.bool_ else 1
    return values.astype(np.float32) / np.float32(top)
