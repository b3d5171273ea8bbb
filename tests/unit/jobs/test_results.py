"""Keeping results and looking again: what is kept is enough, and never more than display pixels."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import StoreError
from thoracle.core.results import (
    Analysis,
    AnomalyMap,
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
    to_json,
)
from thoracle.imaging.types import Radiograph
from thoracle.jobs.documents import result_document, summary_document
from thoracle.jobs.results import (
    FILM_NAME,
    LUNGS_NAME,
    PIXELS_NAME,
    delete_result,
    list_results,
    overlay_picture,
    save_result,
    show_result,
)
from thoracle.jobs.second_look import SecondLook, second_look
from thoracle.reporting.overlay import backdrop, overlay_png
from thoracle.store.results import ResultStore, open_store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS, COLUMNS = 40, 30
ORIGINAL_SHA256 = "e" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyzed:
    result: FileResult
    radiograph: Radiograph | None
    analysis: Analysis | None


def _pixels() -> FloatArray:
    return np.linspace(0, 1, ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)


def _analyzed(
    *, radiograph: Radiograph, accepted: bool = True, warnings: tuple[Reason, ...] = ()
) -> Analyzed:
    gate = GateDecision(
        accepted=accepted,
        kind=GateKind.FRONTAL_CHEST if accepted else GateKind.ROTATED_CHEST,
        probability=0.9,
        rotation_degrees=0 if accepted else 180,
    )
    maps = tuple(
        ContributionMap(
            label="COVID-19",
            layer=layer,
            method="Grad-CAM",
            values=np.full((3, 4), value, np.float32),
            scale_max=2.0,
            box=(2, -3, 45, 28),
            lung_share=0.5,
        )
        for layer, value in (("features", 1.0), ("denseblock3", 2.0))
    )
    findings = (
        Finding(label="COVID-19", logit=1.0, probability=1.0, threshold=0.5, is_positive=True),
    )
    mask = np.zeros(radiograph.pixels.shape, bool)
    mask[5:20, 5:20] = True
    analysis = Analysis(
        gate=gate,
        findings=findings if accepted else (),
        maps=maps if accepted else (),
        warnings=warnings,
        lung_mask=mask if accepted else None,
    )
    result = FileResult(
        file="film.dcm",
        sha256=radiograph.sha256,
        status=Status.ANALYZED if accepted else Status.REFUSED,
        gate=gate,
        findings=analysis.findings,
        maps=analysis.maps,
        warnings=warnings,
        provenance=Provenance(
            sha256=radiograph.sha256,
            software_version="0.1.0",
            bundles=(),
            runtime="fake",
            precision="fp32",
        ),
    )
    return Analyzed(result=result, radiograph=radiograph, analysis=analysis)


def _radiograph(bits: int = 8, *, is_color: bool = False) -> Radiograph:
    return Radiograph(
        pixels=_pixels(),
        sha256=ORIGINAL_SHA256,
        format="DICOM",
        bits=bits,
        is_color=is_color,
        age_years=12.0,
    )


class Echo:
    """Decodes the kept pixels and accepts them, remembering what it was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[FloatArray, str, bool, int]] = []

    def analyze_bytes(
        self, content: bytes, *, file: str, override_gate: bool = False, turn_degrees: int = 0
    ) -> Analyzed:
        with Image.open(io.BytesIO(content)) as picture:
            values = np.asarray(picture)
        pixels = values.astype(np.float32) / np.float32(np.iinfo(values.dtype).max)
        self.seen.append((pixels, file, override_gate, turn_degrees))
        film = Radiograph(
            pixels=np.rot90(pixels, turn_degrees // 90).copy(),
            sha256="f" * 64,
            format="PNG",
            bits=values.dtype.itemsize * 8,
        )
        return _analyzed(radiograph=film, warnings=(Reason(code="too-dark", text="Dark."),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _array(content: bytes) -> FloatArray:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture).astype(np.float32)


def test_an_analyzed_film_is_kept_with_film_pixels_lungs_and_one_overlay_a_finding(
    store: ResultStore,
) -> None:
    analyzed = _analyzed(radiograph=_radiograph())
    saved = save_result(store, analyzed, now=NOW)
    stored = show_result(store, saved)
    assert stored.picture_names == (FILM_NAME, LUNGS_NAME, "overlay-0.png", PIXELS_NAME)
    assert to_json(stored.result) == to_json(analyzed.result)
    assert stored.summary.format == "DICOM"
    np.testing.assert_array_equal(
        _array(store.picture(saved, FILM_NAME)), np.round(_pixels() * 255)
    )
    np.testing.assert_array_equal(stored.result.maps[1].values, np.full((3, 4), 2.0))


def test_a_failure_is_kept_without_pictures(store: ResultStore) -> None:
    failed = FileResult(
        file="torn.png",
        sha256="a" * 64,
        status=Status.FAILED,
        error=Reason(code="image", text="torn"),
    )
    analyzed = Analyzed(result=failed, radiograph=None, analysis=None)
    stored = show_result(store, save_result(store, analyzed, now=NOW))
    assert stored.result == failed
    assert stored.picture_names == ()
    assert stored.summary.format is None


@pytest.mark.parametrize(
    ("bits", "is_color", "levels"), [(8, False, 255), (12, False, 65535), (8, True, 65535)]
)
def test_kept_pixels_lose_no_step_of_the_file(
    store: ResultStore, bits: int, is_color: bool, levels: int
) -> None:
    analyzed = _analyzed(radiograph=_radiograph(bits, is_color=is_color))
    kept = _array(store.picture(save_result(store, analyzed, now=NOW), PIXELS_NAME))
    np.testing.assert_allclose(kept / levels, _pixels(), atol=0.51 / levels)
    assert kept.max() == levels


def test_paths_that_the_command_line_wrote_are_kept_with_the_values(store: ResultStore) -> None:
    analyzed = _analyzed(radiograph=_radiograph())
    named = replace(
        analyzed,
        result=replace(
            analyzed.result,
            maps=tuple(replace(one, path=f"out/{one.layer}.png") for one in analyzed.result.maps),
        ),
    )
    stored = show_result(store, save_result(store, named, now=NOW))
    assert [one.path for one in stored.result.maps] == ["out/features.png", "out/denseblock3.png"]


def test_a_kept_overlay_equals_one_painted_from_what_is_kept(store: ResultStore) -> None:
    analyzed = _analyzed(radiograph=_radiograph())
    saved = save_result(store, analyzed, now=NOW)
    assert analyzed.analysis is not None
    for place, one in enumerate(analyzed.analysis.maps):
        expected = overlay_png(backdrop(_pixels(), analyzed.analysis.lung_mask), one)
        np.testing.assert_allclose(
            _array(overlay_picture(store, saved, place)), _array(expected), atol=1
        )


def test_an_overlay_is_painted_without_an_outline_where_no_lungs_were_found(
    store: ResultStore,
) -> None:
    analyzed = _analyzed(radiograph=_radiograph())
    assert analyzed.analysis is not None
    without = replace(analyzed, analysis=replace(analyzed.analysis, lung_mask=None))
    saved = save_result(store, without, now=NOW)
    expected = overlay_png(_pixels(), analyzed.analysis.maps[1])
    np.testing.assert_allclose(_array(overlay_picture(store, saved, 1)), _array(expected), atol=1)


@pytest.mark.parametrize("place", [-1, 2])
def test_a_map_that_a_result_does_not_have_is_an_error(store: ResultStore, place: int) -> None:
    saved = save_result(store, _analyzed(radiograph=_radiograph()), now=NOW)
    with pytest.raises(StoreError, match=r"found no map .* expected 0 to 1"):
        overlay_picture(store, saved, place)


def _look(turn_degrees: int, *, override: bool) -> SecondLook:
    return SecondLook(turn_degrees=turn_degrees, override_gate=override)


def test_a_second_look_judges_the_kept_pixels_and_tells_where_they_come_from(
    store: ResultStore,
) -> None:
    first = save_result(store, _analyzed(radiograph=_radiograph(), accepted=False), now=NOW)
    echo = Echo()
    second = second_look(echo, store, first, look=_look(180, override=True), now=NOW)
    pixels, file, override_gate, turn_degrees = echo.seen[0]
    np.testing.assert_allclose(pixels, _pixels(), atol=0.51 / 255)
    assert (file, override_gate, turn_degrees) == ("film.dcm", True, 180)
    stored = show_result(store, second)
    assert stored.summary.parent_id == first
    assert stored.summary.format == "DICOM"
    assert stored.result.sha256 == ORIGINAL_SHA256
    assert stored.result.provenance is not None
    assert stored.result.provenance.sha256 == "f" * 64
    assert stored.result.warnings[0].code == "second-look"
    assert "turned back by 180°" in stored.result.warnings[0].text
    np.testing.assert_allclose(
        _array(store.picture(second, PIXELS_NAME)) / 255, _pixels()[::-1, ::-1], atol=0.51 / 255
    )


def test_a_second_look_keeps_the_warnings_that_only_the_file_could_give(
    store: ResultStore,
) -> None:
    warnings = tuple(
        Reason(code=code, text=code)
        for code in ("under-18", "color-photograph", "out-of-distribution", "too-dark")
    )
    first = save_result(store, _analyzed(radiograph=_radiograph(), warnings=warnings), now=NOW)
    second = second_look(Echo(), store, first, look=_look(0, override=True), now=NOW)
    stored = show_result(store, second).result
    assert [one.code for one in stored.warnings] == [
        "second-look",
        "too-dark",
        "under-18",
        "color-photograph",
    ]
    assert "turned" not in stored.warnings[0].text


def test_a_third_look_does_not_repeat_warnings(store: ResultStore) -> None:
    warnings = (Reason(code="under-18", text="young"),)
    look = save_result(store, _analyzed(radiograph=_radiograph(), warnings=warnings), now=NOW)
    for _ in range(2):
        look = second_look(Echo(), store, look, look=_look(0, override=False), now=NOW)
    codes = [one.code for one in show_result(store, look).result.warnings]
    assert codes == ["second-look", "too-dark", "under-18"]


def test_a_second_look_at_a_file_that_was_never_read_is_an_error(store: ResultStore) -> None:
    failed = FileResult(file="torn.png", sha256="a" * 64, status=Status.FAILED)
    first = save_result(store, Analyzed(result=failed, radiograph=None, analysis=None), now=NOW)
    with pytest.raises(StoreError, match="found no film kept") as caught:
        second_look(Echo(), store, first, look=_look(90, override=False), now=NOW)
    assert caught.value.code == "no-film"


def test_a_second_look_that_fails_to_decode_is_kept_as_it_is(store: ResultStore) -> None:
    class Broken(Echo):
        def analyze_bytes(
            self, content: bytes, *, file: str, override_gate: bool = False, turn_degrees: int = 0
        ) -> Analyzed:
            super().analyze_bytes(
                content, file=file, override_gate=override_gate, turn_degrees=turn_degrees
            )
            result = FileResult(file=file, sha256="f" * 64, status=Status.FAILED)
            return Analyzed(result=result, radiograph=None, analysis=None)

    first = save_result(store, _analyzed(radiograph=_radiograph(), accepted=False), now=NOW)
    second = second_look(Broken(), store, first, look=_look(90, override=False), now=NOW)
    stored = show_result(store, second)
    assert stored.result.status is Status.FAILED
    assert stored.summary.format is None


def test_documents_and_lines_say_the_same_and_deleting_ends_both(store: ResultStore) -> None:
    saved = save_result(store, _analyzed(radiograph=_radiograph()), now=NOW)
    (line,) = list_results(store, limit=5)
    document = result_document(show_result(store, saved))
    summary = summary_document(line)
    for name in ("id", "created_at", "file", "sha256", "status", "format", "parent_id"):
        assert document[name] == summary[name]
    assert summary["gate_kind"] == "frontal_chest"
    assert summary["top_label"] == "COVID-19"
    delete_result(store, saved)
    assert list_results(store, limit=5) == ()


def test_a_line_without_a_gate_has_no_kind(store: ResultStore) -> None:
    failed = FileResult(file="torn.png", sha256="a" * 64, status=Status.FAILED)
    save_result(store, Analyzed(result=failed, radiograph=None, analysis=None), now=NOW)
    (line,) = list_results(store, limit=5)
    assert summary_document(line)["gate_kind"] is None


def test_the_anomaly_map_is_kept_with_its_values_and_painted_when_asked_for(
    store: ResultStore,
) -> None:
    plain = _analyzed(radiograph=_radiograph())
    anomaly = AnomalyMap(
        values=np.full((5, 5), 3.0, np.float32), scale_max=4.0, box=(2, -3, 45, 28),
        lung_share=0.25, lung_mean=3.0,
    )  # fmt: skip
    assert plain.analysis is not None
    analyzed = replace(
        plain,
        analysis=replace(plain.analysis, anomaly=anomaly),
        result=replace(plain.result, anomaly=replace(anomaly, path="out/anomaly.png")),
    )
    kept = save_result(store, analyzed, now=NOW)
    read = show_result(store, kept).result
    assert read.anomaly is not None
    np.testing.assert_array_equal(read.anomaly.values, anomaly.values)
    assert (read.anomaly.scale_max, read.anomaly.path) == (4.0, "out/anomaly.png")
    assert overlay_picture(store, kept, 2) != overlay_picture(store, kept, 1)
    assert result_document(show_result(store, kept))["anomaly"] == {
        "path": "out/anomaly.png", "lung_share": 0.25, "lung_mean": 3.0,
    }  # fmt: skip


def test_of_a_result_with_nothing_but_an_anomaly_map_its_values_are_kept(
    store: ResultStore,
) -> None:
    plain = _analyzed(radiograph=_radiograph(), accepted=False)
    anomaly = AnomalyMap(
        values=np.eye(4, dtype=np.float32), scale_max=4.0, box=(0, 0, 40, 30), lung_share=None,
        lung_mean=None,
    )  # fmt: skip
    assert plain.analysis is not None
    analyzed = replace(
        plain,
        analysis=replace(plain.analysis, anomaly=anomaly),
        result=replace(plain.result, anomaly=anomaly),
    )
    read = show_result(store, save_result(store, analyzed, now=NOW)).result
    assert read.anomaly is not None
    np.testing.assert_array_equal(read.anomaly.values, anomaly.values)
