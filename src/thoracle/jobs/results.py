"""Keep results, list them, show them, and look at a kept film again."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import StoreError
from thoracle.core.results import Analysis, AnomalyMap, ContributionMap, FileResult
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.sandbox import Member
from thoracle.imaging.types import Radiograph
from thoracle.radiograph.trust import risk, trust
from thoracle.reporting.analysis_view import shown_maps
from thoracle.reporting.overlay import Backdrop, backdrop, film_png, overlay_png
from thoracle.store.results import ResultStore
from thoracle.store.types import (
    EVERYTHING,
    NewResult,
    Order,
    ResultSummary,
    Search,
    StoredResult,
)

FILM_NAME: Final = "film.png"  # what pages show: 8 bit, at most 1024 px
PIXELS_NAME: Final = "pixels.png"  # the whole film's display pixels, for a second look
WHOLE_NAME: Final = "whole.png"  # also what lies outside the file's window, where something does
LUNGS_NAME: Final = "lungs.png"
EMBEDDING_NAME: Final = "embedding.npz"

THUMBNAIL_SIDE: Final = 112
WINDOW_KEY: Final = "Window"
WHITE: Final = 65535


class AnalyzedLike(Protocol):
    """One analyzed file as it leaves the analyzer."""

    @property
    def result(self) -> FileResult:
        """All that is said about the file."""

    @property
    def radiograph(self) -> Radiograph | None:
        """The film as it was judged, turned back where that was asked; None if not decoded."""

    @property
    def analysis(self) -> Analysis | None:
        """Maps with their values, and the lungs; None where nothing was judged."""


class FilmJudge(Protocol):
    """What `thoracle.jobs.analyze.Analyzer` does for a second look."""

    def analyze_bytes(
        self, content: bytes, *, file: str, override_gate: bool = False, turn_degrees: int = 0
    ) -> AnalyzedLike:
        """Decode, turn back, gate, classify and explain one file; a bad file is a result."""


class AnalyzerLike(FilmJudge, Protocol):
    """What `thoracle.jobs.analyze.Analyzer` does for pages."""

    def unpack(self, content: bytes, folder: Path, *, files_max: int) -> tuple[Member, ...]:
        """Unpack a ZIP archive of films into a folder; one of no use is an ImageError."""

    def decode_recording(
        self, content: bytes, *, name: str, channel: str | None = None
    ) -> RecordingFile:
        """Decode one breathing recording; a file that is none is an ImageError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked for an analysis and what it belongs to; nothing of it changes the result.

    `patient` is a pseudonym, or the patient's own number where the installation keeps those.
    """

    owner: str | None = None
    batch_id: str | None = None
    patient: str | None = None
    override_reason: str | None = None


NOBODY: Final = Asked()


def save_result(
    store: ResultStore,
    analyzed: AnalyzedLike,
    *,
    now: datetime,
    parent_id: str | None = None,
    asked: Asked = NOBODY,
) -> str:
    """Keep one analyzed file with its pictures.

    Parameters
    ----------
    store
        Open.
    analyzed
        Of any status. Only display pixels are kept, never the file's own bytes, which may
        name the patient.
    now
        When the analysis was made, with a time zone.
    parent_id
        The kept result that this one looks at again.
    asked
        By whom, and with what.

    Returns
    -------
    str
        The id of the kept result.
    """
    radiograph, analysis = analyzed.radiograph, analyzed.analysis
    result = analyzed.result
    if analysis is not None:
        result = replace(
            result, maps=_with_paths(analysis, result), anomaly=_anomaly(analysis, result)
        )
    new = NewResult(
        result=result,
        format=None if radiograph is None else radiograph.format,
        parent_id=parent_id,
        owner=asked.owner,
        batch_id=asked.batch_id,
        patient=asked.patient,
        override_reason=asked.override_reason,
        risk=risk(result.findings),
        verdict=str(trust(result).verdict),
        distance=None if analysis is None else analysis.distance_percentile,
        pictures={} if radiograph is None else _files(radiograph, result, analysis),
    )
    return store.save(new, now=now)


def list_results(
    store: ResultStore,
    *,
    limit: int,
    before: str | None = None,
    search: Search = EVERYTHING,
    order: Order = Order.NEWEST,
) -> tuple[ResultSummary, ...]:
    """Return results that a search finds, at most `limit`, older than `before` where given."""
    return store.list_results(limit, before=before, search=search, order=order)


def show_result(store: ResultStore, result_id: str, *, with_values: bool = True) -> StoredResult:
    """Read one kept result again, with the values of its maps where they are wanted."""
    return store.load(result_id, with_values=with_values)


def delete_result(store: ResultStore, result_id: str) -> None:
    """Remove one result and its pictures for good."""
    store.delete(result_id)


def overlay_picture(store: ResultStore, result_id: str, place: int) -> bytes:
    """Return the overlay of one map: the kept one, or one painted now.

    Parameters
    ----------
    store
        Open.
    result_id
        A kept result.
    place
        Which of the result's `drawn_maps`, from 0.

    Returns
    -------
    bytes
        A PNG.

    Raises
    ------
    StoreError
        The result has no such map.
    """
    stored = store.load(result_id)
    maps = stored.result.drawn_maps
    if not 0 <= place < len(maps) or PIXELS_NAME not in stored.picture_names:
        raise StoreError(
            f"found no map {place} of result {result_id} – expected 0 to "
            f"{len(maps) - 1}. Take one from the result's page.",
            code="unknown-picture",
        )
    if overlay_name(place) in stored.picture_names:
        return store.picture(result_id, overlay_name(place))
    mask = None
    if LUNGS_NAME in stored.picture_names:
        mask = _decoded(store.picture(result_id, LUNGS_NAME)) > 0
    film = backdrop(_decoded(store.picture(result_id, PIXELS_NAME)), mask)
    return overlay_png(film, maps[place])


def film_thumbnail(store: ResultStore, result_id: str) -> bytes:
    """Return a kept film as a PNG of at most `THUMBNAIL_SIDE` pixels a side."""
    with Image.open(io.BytesIO(store.picture(result_id, FILM_NAME))) as picture:
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return png_bytes(np.asarray(picture.convert("L")), fast=True)


def overlay_name(place: int) -> str:
    """Return the name of the kept overlay of a result's map."""
    return f"overlay-{place}.png"


def _with_paths(analysis: Analysis, result: FileResult) -> tuple[ContributionMap, ...]:
    """Return the maps that have values, with the paths that the result names for them."""
    paths = {(one.label, one.layer, one.method): one.path for one in result.maps}
    return tuple(
        replace(one, path=paths.get((one.label, one.layer, one.method))) for one in analysis.maps
    )


def _anomaly(analysis: Analysis, result: FileResult) -> AnomalyMap | None:
    """Return the anomaly map that has values, with the path that the result names for it."""
    path = None if result.anomaly is None else result.anomaly.path
    return None if analysis.anomaly is None else replace(analysis.anomaly, path=path)


def _files(
    radiograph: Radiograph, result: FileResult, analysis: Analysis | None
) -> Mapping[str, bytes]:
    mask = None if analysis is None else analysis.lung_mask
    film = backdrop(radiograph.pixels, mask)
    files = {
        FILM_NAME: film_png(film),
        PIXELS_NAME: png_bytes(_whole_numbers(radiograph), fast=True),
    }
    if radiograph.beyond is not None:
        files[WHOLE_NAME] = _whole_png(radiograph.beyond)
    if mask is not None:
        files[LUNGS_NAME] = png_bytes(mask)
    if analysis is not None and analysis.embedding is not None:
        files[EMBEDDING_NAME] = _embedding_npz(analysis.embedding)
    return files | _overlays(film, result)


def _whole_png(beyond: FloatArray) -> bytes:
    """Spread a film over 16 bits; the text Window says which of its values are black and white."""
    low, high = float(beyond.min()), float(beyond.max())
    share = WHITE / (high - low)
    values = np.round((beyond - np.float32(low)) * np.float32(share)).astype(np.uint16)
    window = f"{-low * share:.3f} {(1.0 - low) * share:.3f}"
    return png_bytes(values, fast=True, text={WINDOW_KEY: window})


def _embedding_npz(embedding: FloatArray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, embedding=embedding)
    return stream.getvalue()


def _overlays(film: Backdrop, result: FileResult) -> dict[str, bytes]:
    return {
        overlay_name(place): overlay_png(film, result.maps[place])
        for place in shown_maps(result.maps)
    }


def _whole_numbers(radiograph: Radiograph) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Round display grey to as many bits as the file had, 8 or 16, so that no step is lost."""
    pixels = np.clip(radiograph.pixels, 0.0, 1.0)
    if radiograph.bits <= 8 and not radiograph.is_color:
        return np.round(pixels * np.float32(255)).astype(np.uint8)
    return np.round(pixels * np.float32(65535)).astype(np.uint16)


def _decoded(png: bytes) -> FloatArray:
    """Decode a PNG that this store has written itself."""
    with Image.open(io.BytesIO(png)) as picture:
        values = np.asarray(picture)
    top = np.iinfo(values.dtype).max if values.dtype != np.bool_ else 1
    return values.astype(np.float32) / np.float32(top)
