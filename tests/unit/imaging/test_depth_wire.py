"""What the parent believes of a depth video's header, and what it does not."""

import json
from typing import Any

import pytest

from thoracle.imaging.depth import VALUES_MAX, DepthHeader
from thoracle.imaging.depth_wire import announced_depth, pack_depth_header
from thoracle.imaging.wire import WireError

HEADER = DepthHeader(frames=5, rows=3, columns=4, step=2)


def test_a_header_comes_back_with_room_for_its_frames() -> None:
    header, memory = announced_depth(pack_depth_header(HEADER))
    assert header == HEADER
    assert (memory.shape, memory.dtype.name) == ((5, 3, 4), "float32")


@pytest.mark.parametrize(
    "fields",
    [
        *({"frames": 0}, {"frames": -1}, {"rows": 1.0}, {"columns": True}, {"step": None}),
        *({"more": 1}, {"frames": 40_000}, {"columns": VALUES_MAX}),
    ],
)
def test_a_header_that_lies_is_not_believed(fields: dict[str, Any]) -> None:
    said = {**json.loads(pack_depth_header(HEADER)), **fields}
    with pytest.raises(WireError):
        announced_depth(json.dumps(said).encode())
