"""Trace and attention come back bit by bit; damaged ones are told of."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import Provenance
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.quality import Faults
from thoracle.respiration.result import BreathingResult
from thoracle.respiration.trace import Trace
from thoracle.store.traces import traces_npz, with_traces


def _told(attention: list[float]) -> PatternWindow:
    return PatternWindow(
        start_s=0.0,
        pattern="eupnea",
        likeliest="eupnea",
        probabilities=(1.0, 0, 0, 0, 0, 0, 0),
        reason="",
        attention=np.array(attention, np.float32),
    )


def _result(patterns: tuple[PatternWindow, ...]) -> BreathingResult:
    signal = np.array([1.5, np.nan, -2.25], np.float32)
    return BreathingResult(
        sensor="belt",
        unit="",
        rate_hz=20.0,
        duration_s=0.15,
        channel="c",
        breaths=(),
        apneas=(),
        faults=Faults(clipped=(), disconnected=(), gaps=()),
        windows=(),
        patterns=patterns,
        untold=None,
        colors=(),
        provenance=Provenance(
            sha256="a", software_version="1", bundles=(), runtime="", precision=""
        ),
        trace=Trace(signal=signal, rate_hz=20.0),
    )


@pytest.mark.parametrize("weights", [[], [[0.25, 0.75], [0.5, 0.5]]])
def test_arrays_come_back(weights: list[list[float]]) -> None:
    made = _result(tuple(_told(one) for one in weights))
    bare = replace(made, trace=None, patterns=tuple(_told([]) for _ in weights))
    again = with_traces(bare, traces_npz(made))
    assert again.trace is not None
    assert made.trace is not None
    assert again.trace.rate_hz == made.trace.rate_hz
    np.testing.assert_array_equal(again.trace.signal, made.trace.signal)
    assert [one.attention.tolist() for one in again.patterns] == weights


def test_damaged_or_foreign_traces_are_refused() -> None:
    content = traces_npz(_result(()))
    for wrong, result in (
        (b"nothing", _result(())),
        (content[:-30], _result(())),
        (content, _result((_told([1.0]),))),
    ):
        with pytest.raises(StoreError, match="found damaged traces") as caught:
            with_traces(result, wrong)
        assert caught.value.code == "damaged-result"


def test_a_result_without_its_trace_is_not_written() -> None:
    with pytest.raises(ValueError, match="found no trace"):
        traces_npz(replace(_result(()), trace=None))
