"""What a decoder's child and its parent say to each other: length-prefixed frames, never pickle.

A frame is one byte for its kind, eight bytes for its length (big-endian), then its payload.
The parent sends DECODE (a film), UNPACK (an archive), WARM (nothing), or what `scan_wire` adds.
The child answers READY once, and to each request STARTED; then, for DECODE, either ERROR (JSON) or
HEADER (JSON) and PIXELS (raw bytes in the machine's order); for UNPACK a NAME (UTF-8) and a CONTENT
for each file, then END, or ERROR in place of any NAME. The parent trusts none of it: a hostile file
may have taken the child.
"""

import json
import math
import struct
from dataclasses import asdict, dataclass
from typing import Any, TypeGuard

import numpy as np

from thoracle.core.errors import ImageError
from thoracle.imaging.limits import NAME_LIMIT
from thoracle.imaging.sniff import FORMATS
from thoracle.imaging.types import Decoded, FilmFacts

DECODE, UNPACK, WARM = b"D", b"U", b"W"
READY, STARTED, ERROR, HEADER, PIXELS = b"R", b"S", b"E", b"H", b"P"
NAME, CONTENT, END = b"N", b"C", b"Z"

_HEAD = struct.Struct(">cQ")
HEAD_BYTES = _HEAD.size
JSON_BYTES_MAX = 16 * 1024

_SAMPLE_TYPES = ("uint8", "uint16", "float32")
_TEXT_MAX = 600
_CODE_MAX = 60


class WireError(Exception):
    """The other side said something that the protocol does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesHeader:
    """What HEADER announces about the PIXELS that follow."""

    rows: int
    columns: int
    sample_type: str
    peak: float
    facts: FilmFacts


def pack_head(kind: bytes, length: int) -> bytes:
    """Return the nine bytes that stand before a payload."""
    return _HEAD.pack(kind, length)


def unpack_head(head: bytes) -> tuple[bytes, int]:
    """Return a frame's kind and its payload's length in bytes."""
    kind, length = _HEAD.unpack(head)
    return kind, length


def pack_header(decoded: Decoded) -> bytes:
    """Return the JSON of a HEADER frame."""
    rows, columns = decoded.samples.shape
    announced = {
        "rows": rows,
        "columns": columns,
        "sample_type": decoded.samples.dtype.name,
        "peak": decoded.peak,
        "facts": asdict(decoded.facts),
    }
    return json.dumps(announced).encode()


def unpack_header(payload: bytes, *, pixels_max: int) -> SamplesHeader:
    """Read and check a HEADER frame.

    Parameters
    ----------
    payload
        At most `JSON_BYTES_MAX` bytes.
    pixels_max
        Most pixels that the parent will take memory for.

    Returns
    -------
    SamplesHeader
        Every field of the right type and in range.

    Raises
    ------
    WireError
        A field is missing, superfluous, of another type, or out of range.
    """
    said = json_object(payload)
    try:
        facts = _checked_facts(said.pop("facts"))
        header = SamplesHeader(**said, facts=facts)
    except (KeyError, TypeError, ValueError) as fault:
        raise WireError(f"found a header of other fields ({fault})") from fault
    size_fits = (
        is_whole(header.rows)
        and is_whole(header.columns)
        and min(header.rows, header.columns) > 0
        and header.rows * header.columns <= pixels_max
    )
    peak_fits = is_number(header.peak) and 0 < header.peak <= 65535
    if not size_fits or not peak_fits or header.sample_type not in _SAMPLE_TYPES:
        raise WireError("found a header whose size, type or peak is out of range")
    return header


def pack_error(error: ImageError) -> bytes:
    """Return the JSON of an ERROR frame, its text on one printable line, whatever a file says."""
    text = "".join(sign if sign.isprintable() else "?" for sign in error.text[:_TEXT_MAX])
    said = {"code": error.code[:_CODE_MAX], "text": text}
    return json.dumps(said).encode()


def unpack_error(payload: bytes) -> ImageError:
    """Read and check an ERROR frame.

    Parameters
    ----------
    payload
        At most `JSON_BYTES_MAX` bytes.

    Returns
    -------
    ImageError
        One printable line and its code.

    Raises
    ------
    WireError
        The frame does not hold a code and a text.
    """
    said = json_object(payload)
    code, text = said.get("code"), said.get("text")
    if not is_text(code, _CODE_MAX) or not is_text(text, _TEXT_MAX):
        raise WireError("found an error without a code or a printable text")
    return ImageError(str(text), code=str(code))


def unpack_name(payload: bytes) -> str:
    """Read and check a NAME frame.

    Parameters
    ----------
    payload
        At most `JSON_BYTES_MAX` bytes.

    Raises
    ------
    WireError
        It is not one short printable line.
    """
    name = payload.decode("utf-8", "replace")
    if not is_text(name, NAME_LIMIT):
        raise WireError("found a file without a short printable name")
    return name


def empty_samples(header: SamplesHeader) -> np.ndarray[Any, np.dtype[Any]]:
    """Return (rows, columns) memory for the PIXELS frame of `header`."""
    return np.empty((header.rows, header.columns), np.dtype(header.sample_type))


def json_object(payload: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    WireError
        It is something else.
    """
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise WireError("found something other than a JSON object")
    return said


def _checked_facts(said: Any) -> FilmFacts:
    spacing = said["pixel_spacing_mm"]
    facts = FilmFacts(**{**said, "pixel_spacing_mm": None if spacing is None else tuple(spacing)})
    words = (
        *(facts.modality, facts.view, facts.laterality, facts.sex),
        *(facts.patient_id, facts.study_date),
    )
    numbers = (facts.color_share, *(facts.pixel_spacing_mm or ()))
    checks = (
        facts.format in FORMATS,
        is_whole(facts.bits) and 1 <= facts.bits <= 16,
        isinstance(facts.is_color, bool) and isinstance(facts.is_synthetic, bool),
        all(is_number(number) for number in numbers),
        facts.age_years is None or is_number(facts.age_years),
        all(word is None or is_text(word, 64) for word in words),
        len(facts.pixel_spacing_mm or (0, 0)) == 2,
    )
    if not all(checks):
        raise ValueError(f"facts fail check {checks.index(False)}")
    return facts


def is_whole(said: object) -> TypeGuard[int]:
    """Say whether a value is an int, and no bool."""
    return isinstance(said, int) and not isinstance(said, bool)


def is_number(said: object) -> TypeGuard[float]:
    """Say whether a value is a finite number, and no bool."""
    return isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)


def is_text(said: object, longest: int) -> bool:
    """Say whether a value is one printable line of 1 to `longest` signs."""
    return isinstance(said, str) and 0 < len(said) <= longest and said.isprintable()
