"""What the parent believes of a slice's or a volume's header, and what it does not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.imaging import scan_wire
from thoracle.imaging.ct_slice import SliceHeader, VolumeHeader
from thoracle.imaging.wire import WireError

SLICE = SliceHeader(
    rows=3,
    columns=5,
    image_type=("ORIGINAL", "AXIAL"),
    position_mm=(1.0, 2.0, 3.5),
    orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    pixel_spacing_mm=(0.5, 0.5),
    has_rescale=True,
    instance_number=7,
)
EYE = tuple(tuple(float(i == j) for j in range(4)) for i in range(4))
VOLUME = VolumeHeader(
    slices=2, rows=3, columns=4, spacing_mm=(1.0, 1.0, 2.0), unit="mm", sform=EYE, sform_code=1
)


def slice_said(**fields: Any) -> bytes:
    said = json.loads(scan_wire.pack_scan_header(SLICE, sample_type="int16"))
    return json.dumps({**said, **fields}).encode()


def volume_said(**fields: Any) -> bytes:
    said = json.loads(scan_wire.pack_scan_header(VOLUME, sample_type="float32"))
    return json.dumps({**said, **fields}).encode()


def test_headers_come_back_as_they_were_sent() -> None:
    assert scan_wire.unpack_slice_header(slice_said(), pixels_max=15) == (SLICE, "int16")
    assert scan_wire.unpack_volume_header(volume_said()) == (VOLUME, "float32")
    assert scan_wire.empty_values((2, 3), "int16").nbytes == 12


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": 4},
        {"rows": 0},
        {"columns": True},
        {"sample_type": "object"},
        {"sample_type": None},
        {"modality": "C\nT"},
        {"series_uid": "1" * 65},
        {"image_type": "AXIAL"},
        {"image_type": ["A"] * 13},
        {"image_type": [1]},
        {"position_mm": [1, 2]},
        {"position_mm": [1, 2, float("nan")]},
        {"position_mm": [1, 2, 1e9]},
        {"orientation": [1, 0, 0, 0, 1]},
        {"pixel_spacing_mm": [[1], [1]]},
        {"instance_number": 2**40},
        {"instance_number": 1.0},
        {"has_rescale": 1},
        {"padding_share": 1.5},
        {"slice_thickness_mm": "thin"},
        {"superfluous": 1},
    ],
)
def test_a_slice_s_header_that_lies_is_not_believed(fields: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        scan_wire.unpack_slice_header(slice_said(**fields), pixels_max=15)


@pytest.mark.parametrize(
    "fields",
    [
        {"slices": 2**31, "rows": 2**31},
        {"slices": 1000, "rows": 1000, "columns": 1000},
        {"rows": -1},
        {"unit": "furlong"},
        {"sform": [[1, 0, 0, 0]] * 3},
        {"sform": [1, 2, 3, 4]},
        {"sform": [[float("inf"), 0, 0, 0]] * 4},
        {"qform": "none"},
        {"sform_code": 1.5},
        {"spacing_mm": [1, 1]},
    ],
)
def test_a_volume_s_header_that_lies_is_not_believed(fields: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        scan_wire.unpack_volume_header(volume_said(**fields))


def test_a_child_does_not_send_what_would_not_be_believed() -> None:
    far = replace(SLICE, position_mm=(1e30, 0.0, 0.0))
    with pytest.raises(WireError, match="position_mm is out of range"):
        scan_wire.pack_scan_header(far, sample_type="int16")


def test_a_header_with_a_field_missing_is_not_believed() -> None:
    said = json.loads(slice_said())
    del said["kernel"]
    with pytest.raises(WireError):
        scan_wire.unpack_slice_header(json.dumps(said).encode(), pixels_max=15)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=7),
    max_leaves=12,
)


@given(st.sampled_from(sorted(json.loads(slice_said()))), JSON)
def test_any_value_of_any_field_is_a_header_or_a_wire_error(name: str, value: Any) -> None:
    try:
        header, _ = scan_wire.unpack_slice_header(slice_said(**{name: value}), pixels_max=15)
    except WireError:
        return
    assert header.rows * header.columns <= 15
    hash(header)  # lists would be believed by nobody
