"""What a decoder's child says of a depth video, and what its parent believes of it.

For DEPTH the child answers ERROR, or HEADER (JSON) and then PIXELS for each frame (float32 in the
machine's order), or an ERROR in place of any.
"""

import json
from dataclasses import asdict, fields
from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.imaging.depth import FRAMES_MAX, VALUES_MAX, DepthHeader
from thoracle.imaging.wire import WireError, is_whole, json_object

DEPTH: Final = b"F"


def pack_depth_header(header: DepthHeader) -> bytes:
    """Return the JSON of a HEADER frame."""
    return json.dumps(asdict(header)).encode()


def announced_depth(payload: bytes) -> tuple[DepthHeader, FloatArray]:
    """Read and check a HEADER frame, and make room for what it announces.

    Parameters
    ----------
    payload
        At most `wire.JSON_BYTES_MAX` bytes.

    Returns
    -------
    header, memory
        The latter (frames, rows, columns) float32.

    Raises
    ------
    WireError
        A field is missing, superfluous, of another type, or out of range.
    """
    said = json_object(payload)
    is_named = set(said) == {one.name for one in fields(DepthHeader)}
    if not is_named or not all(is_whole(one) and one > 0 for one in said.values()):
        raise WireError("found a depth video's header of other fields")
    header = DepthHeader(**said)
    values = header.frames * header.rows * header.columns
    if header.frames > FRAMES_MAX or values > VALUES_MAX:
        raise WireError("found a depth video larger than is allowed")
    return header, np.empty((header.frames, header.rows, header.columns), np.float32)
