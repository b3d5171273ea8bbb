"""A stored result reads back as it was written."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import (
    AnomalyMap,
    FileResult,
    GateDecision,
    GateKind,
    Score,
    Severity,
    Status,
    to_json,
)
from thoracle.store.documents import maps_npz, result_from_json, with_map_values


def _read_back(result: FileResult) -> FileResult:
    document = json.loads(json.dumps(to_json(result)))
    return with_map_values(result_from_json(document), maps_npz(result.drawn_maps))


def test_everything_but_arrays_survives_json(full_result: FileResult) -> None:
    read = _read_back(full_result)
    assert replace(read, maps=()) == replace(full_result, maps=())
    assert to_json(read) == to_json(full_result)


def test_the_values_of_the_maps_survive_to_the_bit(full_result: FileResult) -> None:
    read = _read_back(full_result)
    for one, before in zip(read.maps, full_result.maps, strict=True):
        assert one.values.dtype == np.float32
        np.testing.assert_array_equal(one.values, before.values)
        assert (one.box, one.scale_max, one.label) == (before.box, before.scale_max, before.label)


def test_a_failure_and_a_refusal_survive_too(failed_result: FileResult) -> None:
    assert _read_back(failed_result) == failed_result
    refused = FileResult(
        file="knee.png",
        sha256="d" * 64,
        status=Status.REFUSED,
        gate=GateDecision(
            accepted=False,
            kind=GateKind.OTHER_RADIOGRAPH,
            probability=1.0,
            rotation_degrees=0,
        ),
    )
    assert _read_back(refused) == refused


@pytest.mark.parametrize(
    "change",
    [{"status": "perhaps"}, {"findings": [{"label": "x"}]}, {"gate": {"kind": "moon"}}],
)
def test_a_document_of_another_make_is_refused(
    full_result: FileResult, change: dict[str, Any]
) -> None:
    with pytest.raises(StoreError, match="cannot be read") as caught:
        result_from_json(to_json(full_result) | change)
    assert caught.value.code == "damaged-result"


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_damaged_maps_are_refused(full_result: FileResult, keep: int) -> None:
    content = maps_npz(full_result.maps)[:keep]
    with pytest.raises(StoreError, match="damaged contribution maps"):
        with_map_values(full_result, content)


def test_maps_of_another_result_are_refused(full_result: FileResult) -> None:
    with pytest.raises(StoreError, match="damaged contribution maps"):
        with_map_values(full_result, maps_npz(full_result.maps[:1]))


def test_severity_survives_and_older_documents_without_it_still_open(
    full_result: FileResult,
) -> None:
    scored = replace(
        full_result,
        severity=Severity(
            zones=(0.0, 1.0, 2.0, 3.0, 0.5, 1.5),
            brixia=Score(value=8.0, low=4.0, high=12.0),
            extent=Score(value=3.0, low=1.0, high=5.0),
            opacity=Score(value=2.0, low=1.0, high=3.0),
            coverage=0.9,
            films=199,
            patients=133,
            error=2.6,
            reader_difference=1.84,
        ),
    )
    assert _read_back(scored).severity == scored.severity
    older = to_json(full_result)
    del older["severity"]
    assert result_from_json(older).severity is None
    with pytest.raises(StoreError, match="cannot be read"):
        result_from_json(older | {"severity": {"zones": [1, 2]}})


def test_the_anomaly_map_survives_after_the_maps_of_findings(full_result: FileResult) -> None:
    values = np.random.default_rng(4).random((6, 6), dtype=np.float32)
    anomaly = AnomalyMap(
        values=values, scale_max=4.0, box=(1, -2, 30, 40), lung_share=0.25, lung_mean=1.5
    )
    read = _read_back(replace(full_result, anomaly=anomaly))
    assert read.anomaly is not None
    np.testing.assert_array_equal(read.anomaly.values, values)
    assert replace(read.anomaly, values=values) == anomaly
    np.testing.assert_array_equal(read.maps[1].values, full_result.maps[1].values)


def test_results_of_versions_without_anomaly_maps_still_open(full_result: FileResult) -> None:
    document = json.loads(json.dumps(to_json(full_result)))
    del document["anomaly"]
    read = with_map_values(result_from_json(document), maps_npz(full_result.maps))
    assert read.anomaly is None
    assert read.drawn_maps == read.maps
    np.testing.assert_array_equal(read.maps[0].values, full_result.maps[0].values)


def test_an_anomaly_map_whose_values_are_missing_is_damage(full_result: FileResult) -> None:
    anomaly = AnomalyMap(
        values=np.ones((2, 2), np.float32), scale_max=4.0, box=(0, 0, 2, 2), lung_share=None,
        lung_mean=None,
    )  # fmt: skip
    document = json.loads(json.dumps(to_json(replace(full_result, anomaly=anomaly))))
    with pytest.raises(StoreError, match="damaged contribution maps"):
        with_map_values(result_from_json(document), maps_npz(full_result.maps))
