"""What a decoder's child says of a slice or a volume of a CT, and what its parent believes of it.

For SLICE the child answers ERROR, or HEADER (JSON) and PIXELS. For VOLUME it answers ERROR, or
HEADER and then PIXELS again and again until all voxels are there, or an ERROR in place of any.
"""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from thoracle.imaging.ct_slice import SliceHeader, VolumeHeader
from thoracle.imaging.limits import VOXELS_MAX
from thoracle.imaging.wire import WireError, is_number, is_text, is_whole, json_object

SLICE, VOLUME = b"T", b"V"

_SAMPLE_TYPES = ("int16", "float32")
_UNITS = ("mm", "meter", "micron", "unknown")
_WHOLE_MAX = 2**31
_TEXT_MAX = 64
_WORDS_MAX = 12
_FARTHEST_MM = 1e7  # nobody is scanned ten kilometers away
_Check = Callable[[Any], bool]


def pack_scan_header(header: SliceHeader | VolumeHeader, *, sample_type: str) -> bytes:
    """Return the JSON of a HEADER frame.

    A value that the parent would not believe is a WireError already here, so that the child can say
    what is wrong with the file, and lives on.
    """
    payload = json.dumps({"sample_type": sample_type, **asdict(header)}).encode()
    _said(payload, _SLICE_CHECKS if isinstance(header, SliceHeader) else _VOLUME_CHECKS)
    return payload


def unpack_slice_header(payload: bytes, *, pixels_max: int) -> tuple[SliceHeader, str]:
    """Read and check the HEADER frame of a slice.

    Parameters
    ----------
    payload
        At most `wire.JSON_BYTES_MAX` bytes.
    pixels_max
        Most pixels that the parent will take memory for.

    Returns
    -------
    header, sample_type
        Every field of the right type; "int16" or "float32".

    Raises
    ------
    WireError
        A field is missing, superfluous, of another type, or out of range.
    """
    said, sample_type = _said(payload, _SLICE_CHECKS)
    if said["rows"] * said["columns"] > pixels_max:
        raise WireError("found a slice larger than is allowed")
    return SliceHeader(**said), sample_type


def unpack_volume_header(payload: bytes) -> tuple[VolumeHeader, str]:
    """Read and check the HEADER frame of a volume.

    Parameters
    ----------
    payload
        At most `wire.JSON_BYTES_MAX` bytes.

    Returns
    -------
    header, sample_type
        Every field of the right type; "int16" or "float32".

    Raises
    ------
    WireError
        A field is missing, superfluous, of another type, or out of range.
    """
    said, sample_type = _said(payload, _VOLUME_CHECKS)
    if said["slices"] * said["rows"] * said["columns"] > VOXELS_MAX:
        raise WireError("found a volume larger than is allowed")
    return VolumeHeader(**said), sample_type


def empty_values(shape: tuple[int, ...], sample_type: str) -> np.ndarray[Any, np.dtype[Any]]:
    """Return memory for the PIXELS of a slice or a volume."""
    return np.empty(shape, np.dtype(sample_type))


def _said(payload: bytes, checks: dict[str, _Check]) -> tuple[dict[str, Any], str]:
    said = json_object(payload)
    sample_type = said.pop("sample_type", None)
    if sample_type not in _SAMPLE_TYPES or set(said) != set(checks):
        raise WireError("found a header of other fields")
    frozen = {name: _frozen(value) for name, value in said.items()}
    wrong = [name for name, check in checks.items() if not check(frozen[name])]
    if wrong:
        raise WireError(f"found a header whose {wrong[0]} is out of range")
    return frozen, sample_type


def _frozen(value: Any) -> Any:
    """Turn JSON's lists into tuples, two levels deep."""
    if not isinstance(value, list):
        return value
    return tuple(tuple(each) if isinstance(each, list) else each for each in value)


def _side(value: Any) -> bool:
    return is_whole(value) and 0 < value <= _WHOLE_MAX


def _integer(value: Any) -> bool:
    return value is None or (is_whole(value) and abs(value) <= _WHOLE_MAX)


def _number(value: Any) -> bool:
    return is_number(value) and abs(value) <= _FARTHEST_MM


def _maybe_number(value: Any) -> bool:
    return value is None or _number(value)


def _share(value: Any) -> bool:
    return is_number(value) and 0.0 <= value <= 1.0


def _maybe_text(value: Any) -> bool:
    return value is None or is_text(value, _TEXT_MAX)


def _words(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) <= _WORDS_MAX
        and all(is_text(each, _TEXT_MAX) for each in value)
    )


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _numbers(length: int) -> _Check:
    def check(value: Any) -> bool:
        return isinstance(value, tuple) and len(value) == length and all(map(_number, value))

    return check


def _maybe_numbers(length: int) -> _Check:
    return lambda value: value is None or _numbers(length)(value)


def _affine(value: Any) -> bool:
    is_square = isinstance(value, tuple) and len(value) == 4
    return value is None or (is_square and all(_numbers(4)(row) for row in value))


def _code(value: Any) -> bool:
    return is_whole(value) and -math.inf < value <= 10**5


def _checks(kind: type, own: dict[str, _Check], otherwise: _Check) -> dict[str, _Check]:
    return {each.name: own.get(each.name, otherwise) for each in fields(kind)}


_SLICE_CHECKS = _checks(
    SliceHeader,
    {
        "rows": _side,
        "columns": _side,
        "image_type": _words,
        "instance_number": _integer,
        "acquisition_number": _integer,
        "position_mm": _maybe_numbers(3),
        "orientation": _maybe_numbers(6),
        "pixel_spacing_mm": _maybe_numbers(2),
        "has_rescale": _flag,
        "slice_thickness_mm": _maybe_number,
        "slice_spacing_mm": _maybe_number,
        "tilt_degrees": _maybe_number,
        "is_lossy": _flag,
        "padding_share": _share,
        "age_years": _maybe_number,
    },
    _maybe_text,
)
_VOLUME_CHECKS = _checks(
    VolumeHeader,
    {
        "spacing_mm": _numbers(3),
        "unit": lambda value: value in _UNITS,
        "sform": _affine,
        "qform": _affine,
        "sform_code": _code,
        "qform_code": _code,
    },
    _side,
)
