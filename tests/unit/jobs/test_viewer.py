"""What the viewer loads: the film in its own depth, maps where they lie, the rim of the lungs."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image
from numpy.typing import NDArray

from thoracle.core.errors import StoreError
from thoracle.core.results import ContributionMap, FileResult, Status
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.types import Radiograph
from thoracle.jobs.analyze import AnalyzedFile
from thoracle.jobs.results import LUNGS_NAME, PIXELS_NAME, save_result
from thoracle.jobs.viewer import MAP_SIDE, film_nifti, film_size, map_nifti, rim_nifti
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _kept(store: ResultStore, pixels: NDArray[Any]) -> str:
    mask = np.zeros(pixels.shape, bool)
    mask[10:30, 10:20] = True
    one = ContributionMap(
        label="x",
        layer="last",
        method="gradcam",
        values=np.array([[0.0, 1.0], [2.0, 3.0]], np.float32),
        scale_max=3.0,
        box=(4, -6, 24, 14),
        lung_share=None,
    )
    result = FileResult(file="a", sha256="0" * 64, status=Status.ANALYZED, maps=(one,))
    pictures = {PIXELS_NAME: png_bytes(pixels), LUNGS_NAME: png_bytes(mask)}
    return store.save(NewResult(result=result, pictures=pictures), now=NOW)


def _volume(content: bytes) -> tuple[NDArray[Any], NDArray[Any]]:
    image = Nifti1Image.from_stream(io.BytesIO(content))
    return np.asarray(image.dataobj)[:, ::-1, 0].T, image.affine


@pytest.mark.parametrize(("kind", "bits"), [("uint8", 8), ("uint16", 16)])
def test_a_film_keeps_every_grey_that_it_was_kept_with(
    store: ResultStore, kind: str, bits: int
) -> None:
    pixels = np.random.default_rng(0).integers(0, 2**bits, (40, 50)).astype(kind)
    kept = _kept(store, pixels)
    seen, affine = _volume(film_nifti(store, kept))
    np.testing.assert_array_equal(seen, pixels)
    assert seen.dtype == kind
    assert affine[0, 3] == 0.5
    size = film_size(store, store.load(kept))
    assert size is not None
    assert (size.rows, size.columns, size.bits) == (40, 50, bits)


def test_a_large_film_is_sent_smaller_and_keeps_its_size_in_space(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.jobs.viewer.SIDE_MAX", 25)
    ramp = np.tile(np.linspace(0, 60000, 50), (40, 1)).astype(np.uint16)
    seen, affine = _volume(film_nifti(store, _kept(store, ramp)))
    assert seen.shape == (20, 25)
    assert seen.dtype == np.uint16
    assert affine[0, 0] == affine[1, 1] == 2.0
    np.testing.assert_allclose(seen[0, 5:20], ramp[0, 10:40:2] + 600, atol=700)


def test_a_map_lies_on_its_box_even_past_the_film(store: ResultStore) -> None:
    values, affine = _volume(map_nifti(store, _kept(store, np.zeros((40, 50), np.uint8)), 0))
    assert values.shape == (MAP_SIDE, MAP_SIDE)
    assert values[0, 0] == 0.0
    assert values[-1, -1] == 3.0
    step = 20 / MAP_SIDE
    assert affine[0, 3] == pytest.approx(-6 + step / 2)  # left end of the box
    assert affine[1, 3] + (MAP_SIDE - 1) * step == pytest.approx(-4 - step / 2)  # its top


def test_the_rim_is_a_line_around_the_lungs(store: ResultStore) -> None:
    rim, _ = _volume(rim_nifti(store, _kept(store, np.zeros((40, 50), np.uint8))))
    assert rim[20, 10] == 1
    assert rim[20, 15] == 0
    assert rim[35, 40] == 0


def test_a_map_that_is_not_there_is_an_error(store: ResultStore) -> None:
    kept = _kept(store, np.zeros((40, 50), np.uint8))
    for place in (-1, 1):
        with pytest.raises(StoreError, match="found no map") as caught:
            map_nifti(store, kept, place)
        assert caught.value.code == "unknown-picture"


def test_a_result_without_a_film_has_no_size(store: ResultStore) -> None:
    result = FileResult(file="a", sha256="", status=Status.FAILED)
    kept = store.save(NewResult(result=result), now=NOW)
    assert film_size(store, store.load(kept)) is None


def test_a_film_is_seen_beyond_its_window_and_opens_at_it(store: ResultStore) -> None:
    beyond = np.linspace(-0.5, 2.0, 40 * 50, dtype=np.float32).reshape(40, 50)
    film = Radiograph(
        pixels=np.clip(beyond, 0, 1), beyond=beyond, sha256="0" * 64, format="DICOM", bits=12
    )
    result = FileResult(file="a", sha256="0" * 64, status=Status.REFUSED)
    kept = save_result(store, AnalyzedFile(result=result, radiograph=film, analysis=None), now=NOW)
    size = film_size(store, store.load(kept))
    assert size is not None
    assert size.bits == 16
    black, white = size.window
    assert (black, white) == pytest.approx((0.5 / 2.5 * 65535, 1.5 / 2.5 * 65535), abs=0.01)
    seen, _ = _volume(film_nifti(store, kept))
    found = (seen.astype(float) - black) / (white - black)
    np.testing.assert_allclose(found, beyond, atol=2.5 / 65535)
