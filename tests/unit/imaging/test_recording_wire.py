"""What the parent believes of a recording that a child describes, and what it does not."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.imaging import recording_wire
from thoracle.imaging.recording import Channel, Reading
from thoracle.imaging.recording_wire import (
    pack_reading,
    pack_wanted,
    receive_reading,
    unpack_wanted,
)
from thoracle.imaging.wire import WireError


def channel(name: str = "RESP", **fields: Any) -> Channel:
    about = {"unit": "mV", "rate_hz": 25.0, "values": np.array([1.0, np.nan, 2.5]), **fields}
    return Channel(name=name, **about)


READING = Reading(format="CSV", channels=(channel(), channel("II", rate_hz=None, unit="")))
TIMED = Reading(format="CSV", channels=(channel(),), time=channel("Time", unit="s"))


def said(reading: Reading) -> list[tuple[bytes, NDArray[np.float64] | None]]:
    return list(pack_reading(reading))


def received(frames: list[tuple[bytes, NDArray[np.float64] | None]]) -> Reading:
    headers = iter(frames)
    waiting: list[NDArray[np.float64]] = []

    def read_header() -> bytes:
        header, values = next(headers)
        if values is not None:
            waiting.append(values)
        return header

    def fill(values: NDArray[Any]) -> None:
        values[:] = waiting.pop(0)

    return receive_reading(read_header, fill)


def changed(reading: Reading, frame: int, **fields: Any) -> Callable[[], Reading]:
    frames = said(reading)
    header, values = frames[frame]
    frames[frame] = (json.dumps({**json.loads(header), **fields}).encode(), values)
    return lambda: received(frames)


@pytest.mark.parametrize("reading", [READING, TIMED])
def test_a_recording_comes_back_as_it_was_sent(reading: Reading) -> None:
    back = received(said(reading))
    assert back == Reading(format=back.format, channels=back.channels, time=back.time)
    sent_all, back_all = ((one.time, *one.channels) for one in (reading, back))
    for sent, got in zip(sent_all, back_all, strict=True):
        if sent is None or got is None:
            assert sent is got
            continue
        assert (got.name, got.unit, got.rate_hz) == (sent.name, sent.unit, sent.rate_hz)
        np.testing.assert_array_equal(got.values, sent.values)


@pytest.mark.parametrize(
    "fields",
    [
        *({"format": "XML"}, {"channels": 0}, {"channels": 257}, {"channels": True}),
        *({"has_time": 1}, {"superfluous": 1}, {"channels": 1.0}),
    ],
)
def test_a_file_s_header_that_lies_is_not_believed(fields: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        changed(READING, 0, **fields)()


@pytest.mark.parametrize(
    "fields",
    [
        *({"name": ""}, {"name": "a\nb"}, {"name": "x" * 65}, {"unit": 5}, {"unit": "x" * 25}),
        *({"rate_hz": 0}, {"rate_hz": 1e6}, {"rate_hz": float("nan")}, {"rate_hz": "25"}),
        *({"samples": -1}, {"samples": 2**40}, {"samples": 3.0}, {"superfluous": 1}),
    ],
)
def test_a_channel_s_header_that_lies_is_not_believed(fields: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        changed(READING, 1, **fields)()


def test_samples_are_counted_over_all_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = said(READING)
    monkeypatch.setattr(recording_wire, "SAMPLES_MAX", 5)
    with pytest.raises(WireError, match="check 3"):
        received(frames)


def test_a_sample_that_is_not_finite_is_not_believed() -> None:
    with pytest.raises(WireError, match="not finite"):
        received(said(Reading(format="CSV", channels=(channel(values=np.array([np.inf])),))))


def test_a_child_does_not_say_what_would_not_be_believed() -> None:
    for wrong in (channel(name="x" * 65), channel(rate_hz=0.0)):
        with pytest.raises(WireError):
            said(Reading(format="CSV", channels=(wrong,)))
    with pytest.raises(WireError):
        said(Reading(format="odd", channels=(channel(),)))


@pytest.mark.parametrize("wanted", [None, "RESP", "débit"])
def test_the_wanted_channel_stands_before_the_file(wanted: str | None) -> None:
    assert unpack_wanted(pack_wanted(wanted) + b"\0file") == (wanted, b"\0file")
