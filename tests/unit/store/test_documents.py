"""A stored result reads back as it was written."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, GateDecision, GateKind, Status, to_json
from thoracle.store.documents import maps_npz, result_from_json, with_map_values


def _read_back(result: FileResult) -> FileResult:
    document = json.loads(json.dumps(to_json(result)))
    return with_map_values(result_from_json(document), maps_npz(result.maps))


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
