"""The texture of a kept film: which regions it has, and what is drawn on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import (
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Reason,
    Status,
)
from thoracle.imaging.encode import png_bytes
from thoracle.jobs.result_texture import measurable_regions, result_texture
from thoracle.jobs.results import LUNGS_NAME, PIXELS_NAME
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import Mark, MarkKind, NewReading, NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GATE = GateDecision(accepted=True, kind=GateKind.FRONTAL_CHEST, probability=0.9, rotation_degrees=0)
BOX = Mark(kind=MarkKind.BOX, points=((0.75, 0.75), (0.25, 0.25)))
TRIANGLE = Mark(kind=MarkKind.STROKE, points=((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    """An empty store."""
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _keep(store: ResultStore, *, warnings: tuple[Reason, ...] = (), film: bool = True) -> str:
    generator = np.random.default_rng(0)
    pixels = generator.integers(60, 200, size=(101, 101)).astype(np.uint8)
    mask = np.zeros(pixels.shape, bool)
    mask[20:80, 10:40] = mask[20:80, 60:90] = True
    one = ContributionMap(
        label="Opacity",
        layer="last",
        method="gradcam",
        values=np.array([[0.0, 0.0], [0.0, 9.0]], np.float32),
        scale_max=10.0,
        box=(0, 0, 101, 101),
        lung_share=None,
    )
    result = FileResult(
        file="a.png",
        sha256="0" * 64,
        status=Status.ANALYZED,
        gate=GATE,
        findings=(
            Finding(label="Opacity", logit=0.0, probability=0.6, threshold=0.5, is_positive=True),
        ),
        maps=(one,),
        warnings=warnings,
    )
    pictures = {PIXELS_NAME: png_bytes(pixels), LUNGS_NAME: png_bytes(mask)} if film else {}
    return store.save(NewResult(result=result, pictures=pictures), now=NOW)


def test_lungs_sides_thirds_and_the_altered_region_can_be_asked_for(store: ResultStore) -> None:
    kept = _keep(store)

    assert len(measurable_regions(store.load(kept))) == 11
    assert result_texture(store, kept, region="lungs").features["shape_area"] == 2 * 60 * 30
    assert result_texture(store, kept, region="left_lung").features["shape_area"] == 60 * 30
    altered = result_texture(store, kept, region="altered").features
    assert 100 < altered["shape_area"] < 0.3 * 101**2


def test_boxes_are_filled_and_strokes_are_closed(store: ResultStore) -> None:
    kept = _keep(store)

    box = result_texture(store, kept, region="drawn", marks=(BOX,)).features
    triangle = result_texture(store, kept, region="drawn", marks=(TRIANGLE,)).features
    assert box["shape_area"] == 51 * 51
    assert triangle["shape_area"] == pytest.approx(101 * 102 / 2, rel=0.02)


def test_without_a_drawing_the_newest_reading_with_marks_is_taken(store: ResultStore) -> None:
    kept = _keep(store)
    for second, marks in enumerate(((TRIANGLE,), (BOX,), ())):
        reading = NewReading(reader="r", comment="x", marks=marks)
        store.readings.save(kept, reading, now=NOW + timedelta(seconds=second))

    assert result_texture(store, kept, region="drawn").features["shape_area"] == 51 * 51


def test_an_inverted_film_is_measured_as_the_networks_saw_it(store: ResultStore) -> None:
    plain = result_texture(store, _keep(store), region="lungs").features
    turned = Reason(code="inverted-grey", text="x")
    inverted = result_texture(store, _keep(store, warnings=(turned,)), region="lungs").features

    assert inverted["stat_skew"] == pytest.approx(-plain["stat_skew"], abs=1e-3)


def test_a_region_or_film_that_is_missing_is_said(store: ResultStore) -> None:
    kept = _keep(store)

    with pytest.raises(StoreError, match="A drawn region needs a box") as missing:
        result_texture(store, kept, region="drawn")
    assert missing.value.code == "texture-region"
    without = _keep(store, film=False)
    assert measurable_regions(store.load(without)) == ()
    with pytest.raises(StoreError, match="found no film"):
        result_texture(store, without, region="lungs")
