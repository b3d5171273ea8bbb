"""A depth video to a breathing signal: rate, sensor, unit and direction."""

import numpy as np
import pytest

from thoracle.core.errors import SignalError
from thoracle.datasets.breathing.depth_frames import Scene, render_depth
from thoracle.imaging.depth import DepthFrames
from thoracle.imaging.depth_chest import Box
from thoracle.respiration.depth import chest_recording

RATE_HZ = 10.0
RISE_MM = 5.0 * np.sin(2.0 * np.pi * 0.3 * np.arange(300) / RATE_HZ)


@pytest.fixture(scope="module")
def frames() -> DepthFrames:
    scene = Scene(rows=40, columns=48, center=(20.0, 24.0), half_sides=(16.0, 14.0))
    truth = render_depth(RISE_MM, scene, rate_hz=RATE_HZ, rng=np.random.default_rng(2))
    depth_mm = np.where(truth.depth_mm == 0, np.nan, truth.depth_mm).astype(np.float32)
    return DepthFrames(depth_mm=depth_mm, step=1, sha256="cd" * 32, name="a.npy")


def test_the_signal_falls_as_the_chest_rises(frames: DepthFrames) -> None:
    recording, chest = chest_recording(frames, rate_hz=RATE_HZ)
    assert (recording.rate_hz, recording.sensor, recording.unit) == (10.0, "depth_camera", "mm")
    assert recording.sha256 == frames.sha256
    assert np.corrcoef(np.diff(recording.signal), np.diff(RISE_MM))[0, 1] < -0.95
    assert chest.region.any()


@pytest.mark.parametrize("rate_hz", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_without_a_rate_nothing_is_measured(frames: DepthFrames, rate_hz: float | None) -> None:
    with pytest.raises(SignalError, match="--rate-hz") as error:
        chest_recording(frames, rate_hz=rate_hz)
    assert error.value.code == ("signal-no-rate" if rate_hz is None else "signal-rate")


def test_a_region_that_was_never_seen_is_refused(frames: DepthFrames) -> None:
    blind = frames.depth_mm.copy()
    blind[:, :8, :8] = np.nan
    dark = DepthFrames(depth_mm=blind, step=1, sha256="", name="")
    with pytest.raises(SignalError, match="half of the chest was seen"):
        chest_recording(dark, rate_hz=RATE_HZ, box=Box(top=0, left=0, bottom=8, right=8))
