"""The analyzer: bytes in, one result out, whatever the bytes are."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import thoracle
from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError, ImageError
from thoracle.core.files import sha256_of
from thoracle.core.results import Status, to_json
from thoracle.core.settings import settings
from thoracle.core.version import version
from thoracle.imaging.resample import turn_clockwise
from thoracle.imaging.sandbox import DecoderPool
from thoracle.inference.bundle import open_bundle
from thoracle.inference.session import runtime_name
from thoracle.jobs.analyze import (
    AnalyzedFile,
    Analyzer,
    failed,
    load_models,
    printable,
    read_film_file,
    with_map_paths,
)

Draw = Callable[..., FloatArray]
AsPng = Callable[[FloatArray], bytes]

RESULT_KEYS = [
    "file", "sha256", "status", "gate", "findings", "maps", "warnings", "provenance", "error",
    "severity", "anomaly",
]  # fmt: skip


@pytest.fixture(scope="module")
def analyzer(shared_bundles: Path) -> Iterator[Analyzer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THORACLE_BUNDLES", str(shared_bundles))
        patch.setattr("thoracle.inference.bundle.SHIPPED", shared_bundles / "none")
        patch.setenv("THORACLE_DECODE_WORKERS", "1")
        settings.cache_clear()
        with Analyzer() as opened:
            yield opened
    settings.cache_clear()


def test_a_frontal_film_is_analyzed_with_its_provenance(
    analyzer: Analyzer, draw: Draw, as_png: AsPng
) -> None:
    content = as_png(draw())
    analyzed = analyzer.analyze_bytes(content, file="film.png")
    result = analyzed.result
    assert (result.file, result.status, result.error) == ("film.png", Status.ANALYZED, None)
    assert result.sha256 == sha256_of(content)
    assert len(result.findings) == 3
    assert len(result.maps) == 12
    assert analyzed.radiograph is not None
    np.testing.assert_allclose(analyzed.radiograph.pixels, draw(), atol=1 / 255)
    provenance = result.provenance
    assert provenance is not None
    assert provenance.sha256 == result.sha256
    assert provenance.software_version == version()
    assert [one.name for one in provenance.bundles] == ["gate", "lungs", "radiograph"]
    assert {len(one.digest) for one in provenance.bundles} == {64}
    assert (provenance.runtime, provenance.precision) == (runtime_name(), "fp32")
    assert not provenance.gate_overridden


def test_the_json_has_exactly_the_keys_that_were_promised(
    analyzer: Analyzer, draw: Draw, as_png: AsPng
) -> None:
    document = to_json(analyzer.analyze_bytes(as_png(draw()), file="a.png").result)
    assert list(document) == RESULT_KEYS
    shapes = {
        "gate": {"accepted", "kind", "probability", "rotation_degrees", "reasons"},
        "findings": {"label", "logit", "probability", "threshold", "is_positive"},
        "maps": {"label", "layer", "method", "path", "lung_share"},
    }
    for name, keys in shapes.items():
        value = document[name]
        first = value[0] if isinstance(value, list) else value
        assert isinstance(first, dict)
        assert set(first) == keys
    findings = document["findings"]
    assert isinstance(findings, list)
    labels = [one["label"] for one in findings]
    assert labels == ["No finding", "Other lung opacity", "COVID-19"]
    assert document["status"] == "analyzed"


def test_a_refused_film_is_a_result_with_its_film_and_without_findings(
    analyzer: Analyzer, draw: Draw, as_png: AsPng
) -> None:
    analyzed = analyzer.analyze_bytes(as_png(draw("ct")), file="ct.png")
    document = to_json(analyzed.result)
    assert analyzed.result.status is Status.REFUSED
    assert analyzed.radiograph is not None
    assert (document["findings"], document["maps"], document["error"]) == ([], [], None)
    gate = document["gate"]
    assert isinstance(gate, dict)
    assert gate["kind"] == "ct"
    assert [one["code"] for one in gate["reasons"]] == ["gate-ct"]
    assert set(gate["reasons"][0]) == {"code", "text"}


def test_an_overridden_refusal_is_analyzed_and_provenance_says_so(
    analyzer: Analyzer, draw: Draw, as_png: AsPng
) -> None:
    result = analyzer.analyze_bytes(as_png(draw("ct")), file="a", override_gate=True).result
    assert result.status is Status.ANALYZED
    assert result.provenance is not None
    assert result.provenance.gate_overridden
    accepted = analyzer.analyze_bytes(as_png(draw()), file="a", override_gate=True).result
    assert accepted.provenance is not None
    assert not accepted.provenance.gate_overridden


def test_broken_bytes_are_a_failed_result_and_the_next_film_is_read(
    analyzer: Analyzer, draw: Draw, as_png: AsPng
) -> None:
    content = as_png(draw())[:300]
    analyzed = analyzer.analyze_bytes(content, file="torn.png")
    document = to_json(analyzed.result)
    assert analyzed.result.status is Status.FAILED
    assert (analyzed.radiograph, analyzed.analysis) == (None, None)
    assert list(document) == RESULT_KEYS
    assert document["sha256"] == sha256_of(content)
    assert (document["gate"], document["findings"], document["provenance"]) == (None, [], None)
    error = document["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "text"}
    assert error["code"].startswith("image")
    again = analyzer.analyze_bytes(as_png(draw()), file="a").result
    assert again.status is Status.ANALYZED


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_film_turned_back_gives_what_the_upright_one_gives(
    analyzer: Analyzer, draw: Draw, as_png: AsPng, degrees: int
) -> None:
    content = as_png(turn_clockwise(draw(), degrees=degrees))
    upright = analyzer.analyze_bytes(as_png(draw()), file="a").result
    refused = analyzer.analyze_bytes(content, file="a").result
    assert refused.gate is not None
    assert refused.gate.rotation_degrees == degrees
    turned = analyzer.analyze_bytes(content, file="a", turn_degrees=degrees).result
    assert turned.findings == upright.findings
    assert turned.warnings[:-1] == upright.warnings
    assert turned.warnings[-1].code == "turned-back"
    assert f"{degrees}°" in turned.warnings[-1].text


def test_a_file_is_read_from_disk(
    analyzer: Analyzer, draw: Draw, as_png: AsPng, tmp_path: Path
) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(as_png(draw()))
    result = analyzer.analyze_path(path).result
    assert (result.file, result.status) == (str(path), Status.ANALYZED)


def test_what_is_no_readable_file_is_a_failed_result_without_a_digest(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    found = {
        name: analyzer.analyze_path(tmp_path / name).result
        for name in ("missing.png", "pipe", "folder", "nul\0.png")
    }
    assert {one.status for one in found.values()} == {Status.FAILED}
    assert {one.sha256 for one in found.values()} == {""}
    codes = {name: one.error.code for name, one in found.items() if one.error is not None}
    assert codes == {
        "missing.png": "file-unreadable",
        "pipe": "file-unreadable",
        "folder": "folder-empty",
        "nul\0.png": "file-unreadable",
    }


def test_a_file_above_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_UPLOAD_LIMIT_MB", "0.001")
    settings.cache_clear()
    path = tmp_path / "film.png"
    path.write_bytes(b"x" * 1000)
    assert read_film_file(path) == b"x" * 1000
    path.write_bytes(b"x" * 1001)
    with pytest.raises(ImageError, match=r"more than 0\.001 MB") as caught:
        read_film_file(path)
    assert caught.value.code == "file-too-large"


def test_a_name_that_no_page_can_show_is_made_printable(analyzer: Analyzer) -> None:
    name = os.fsdecode(b"caf\xe9\n\x1b[31m.png")
    assert printable(name) == "caf?\ufffd\ufffd[31m.png"
    assert printable("Tórax 1.png") == "Tórax 1.png"
    result = analyzer.analyze_bytes(b"", file=name).result
    assert result.file == printable(name)


def test_a_failed_result_has_its_code_and_sentence() -> None:
    result = failed("a.png", "ab", code="file-unreadable", text="found nothing.")
    assert result.status is Status.FAILED
    assert result.error is not None
    assert (result.error.code, result.error.text) == ("file-unreadable", "found nothing.")


def test_paths_of_written_maps_are_put_in_their_places(
    analyzer: Analyzer, draw: Draw, as_png: AsPng
) -> None:
    analyzed = analyzer.analyze_bytes(as_png(draw()), file="a")
    maps = with_map_paths(analyzed, {0: "first.png", 11: "last.png"}).result.maps
    assert (maps[0].path, maps[1].path, maps[11].path) == ("first.png", None, "last.png")
    assert (
        with_map_paths(AnalyzedFile(result=failed("a", "", code="x", text="")), {}).result.maps
        == ()
    )


def test_models_are_opened_by_name_or_folder(bundles: Path) -> None:
    models = load_models(str(bundles / "radiograph"))
    assert models.classifier.bundle == open_bundle("radiograph")
    assert (models.gate.bundle.task, models.lungs.bundle.task) == ("gate", "lungs")


def test_the_setting_names_the_bundle_where_nothing_else_does(
    bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bundles / "radiograph").rename(bundles / "radiograph-site")
    monkeypatch.setenv("THORACLE_BUNDLE", "radiograph-site")
    settings.cache_clear()
    assert load_models().classifier.bundle.folder == bundles / "radiograph-site"


def test_a_missing_bundle_leaves_no_decoder_behind(bundles: Path) -> None:
    with (
        mock.patch.object(DecoderPool, "close", autospec=True) as close,
        pytest.raises(BundleError, match="no bundle 'nothing'"),
    ):
        Analyzer("nothing")
    assert close.call_count == 1
    close.side_effect = None
    DecoderPool.close(close.call_args.args[0])


def test_warming_up_and_closing_reach_the_decoder(bundles: Path) -> None:
    with Analyzer(with_maps=False) as analyzer:
        analyzer.warm_up()
        assert len(analyzer._pool.child_pids()) == 1
    assert not analyzer._pool.is_usable


def test_without_maps_there_are_findings_only(bundles: Path, draw: Draw, as_png: AsPng) -> None:
    with Analyzer(with_maps=False) as analyzer:
        result = analyzer.analyze_bytes(as_png(draw()), file="a").result
    assert result.maps == ()
    assert len(result.findings) == 3


def test_the_package_analyzes_a_path_with_the_default_bundle(
    bundles: Path, draw: Draw, as_png: AsPng, tmp_path: Path
) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(as_png(draw("lateral_chest")))
    assert thoracle.analyze(str(path)).status is Status.REFUSED
    assert thoracle.analyze(path, override_gate=True).status is Status.ANALYZED


def test_an_installed_anomaly_bundle_adds_its_map_and_stands_in_the_provenance(
    bundles: Path, tiny: Any, draw: Draw, as_png: AsPng
) -> None:
    tiny.write_bundle(bundles / "anomaly", "anomaly")
    with Analyzer() as opened:
        result = opened.analyze_bytes(as_png(draw()), file="film.png").result
    assert result.anomaly is not None
    assert result.anomaly.values.shape == (tiny.side, tiny.side)
    assert result.anomaly.scale_max == 4.0
    assert result.provenance is not None
    assert [one.name for one in result.provenance.bundles][-1] == "anomaly"


def test_paths_of_overlays_reach_the_anomaly_map_after_the_others(
    bundles: Path, tiny: Any, draw: Draw, as_png: AsPng
) -> None:
    tiny.write_bundle(bundles / "anomaly", "anomaly")
    with Analyzer() as opened:
        analyzed = opened.analyze_bytes(as_png(draw()), file="film.png")
    written = with_map_paths(analyzed, {0: "first.png", 12: "last.png"}).result
    assert written.maps[0].path == "first.png"
    assert written.anomaly is not None
    assert written.anomaly.path == "last.png"
