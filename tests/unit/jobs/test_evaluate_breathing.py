import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.breathing.bidmc import BidmcRecording
from thoracle.jobs import evaluate_breathing
from thoracle.jobs.breathing_peers import Peer
from thoracle.jobs.evaluate_breathing import MONITOR, OURS, SECOND, judge_breathing
from thoracle.respiration.types import Recording


def annotated(number: int, *, per_minute: float = 15.0, patient: str = "") -> BidmcRecording:
    times_s = np.arange(3000) / 25
    wave_hz = per_minute / 60
    rng = np.random.default_rng(number)
    signal = np.sin(2 * np.pi * wave_hz * times_s) + rng.normal(0, 0.05, times_s.size)
    peaks_s = np.arange(0.25 / wave_hz, 120, 1 / wave_hz)
    return BidmcRecording(
        number=number,
        patient=patient or f"bidmc-{number:02d}",
        recording=Recording(
            signal=signal, rate_hz=25, sensor="impedance", unit="", sha256="0" * 64
        ),
        marks_s=(peaks_s, peaks_s[1:] + 0.1),
        monitor_per_minute=np.append(np.full(100, per_minute + 1), np.full(20, np.nan)),
    )


@pytest.fixture(autouse=True)
def _one_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for NeuroKit2, which takes seconds to load."""
    peer = Peer(name="peer", peaks_s=lambda _signal, _rate_hz: np.array([1.0, 7.0]))
    monkeypatch.setattr(evaluate_breathing, "peers", lambda: (peer,))


def test_everybody_tells_a_rate_of_each_window() -> None:
    judged = judge_breathing([annotated(1), annotated(2, per_minute=24)])
    assert judged.methods == (OURS, "peer")
    assert [(one.recording, one.start_s) for one in judged.windows] == [
        ("bidmc-01", 0), ("bidmc-01", 60), ("bidmc-02", 0), ("bidmc-02", 60),
    ]  # fmt: skip
    one = judged.windows[2]
    assert one.rates[OURS] == pytest.approx(24, abs=0.5)
    assert one.rates["peer"] == pytest.approx(10)
    assert one.rates[SECOND] == pytest.approx(24)
    assert one.rates[MONITOR] == pytest.approx(25)
    assert one.annotated == pytest.approx((24, 24))
    assert one.quality > 0.8


def test_each_window_is_measured_by_itself() -> None:
    known = annotated(1)
    ruined = known.recording.signal.copy()
    ruined[1500:] = np.random.default_rng(0).normal(0, 5, 1500)
    recording = Recording(signal=ruined, rate_hz=25, sensor="impedance", unit="", sha256="0" * 64)
    judged = judge_breathing(
        [
            BidmcRecording(
                number=1,
                patient="bidmc-01",
                recording=recording,
                marks_s=known.marks_s,
                monitor_per_minute=known.monitor_per_minute,
            )
        ]
    )
    before, after = judged.windows
    assert before.rates[OURS] == judge_breathing([known]).windows[0].rates[OURS]
    assert after.quality < 0.4 < before.quality


def test_a_monitor_that_shows_nothing_tells_no_rate() -> None:
    judged = judge_breathing([annotated(1)], window_s=20)
    assert np.isnan(judged.windows[-1].rates[MONITOR])


def test_all_recordings_of_a_patient_are_of_one_half() -> None:
    several = [
        annotated(1),
        annotated(2, patient="bidmc-01"),
        annotated(4),
        annotated(5, patient="bidmc-05"),
        annotated(7, patient="bidmc-05"),
        annotated(8),
    ]
    judged = judge_breathing(list(reversed(several)))
    halves = {one.recording: one.is_tuning for one in judged.recordings}
    assert [name for name, is_tuning in halves.items() if is_tuning] == [
        "bidmc-01", "bidmc-02", "bidmc-04", "bidmc-05", "bidmc-07",
    ]  # fmt: skip
    assert all(one.is_tuning == halves[one.recording] for one in judged.windows)


def test_breaths_of_a_recording_are_searched_in_all_of_it() -> None:
    (one,) = judge_breathing([annotated(1)]).recordings
    assert np.allclose(one.peaks_s[OURS][1:-1], one.marks_s[0][1:-1], atol=0.3)
    assert one.peaks_s["peer"].size == 2


def test_without_a_recording_there_is_nothing_to_judge() -> None:
    with pytest.raises(EvaluationError, match="found no recording with marked breaths"):
        judge_breathing([])
