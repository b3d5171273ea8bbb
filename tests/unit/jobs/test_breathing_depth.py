"""A depth video on disk to a signal, and that to a table that can be opened again."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ImageError, SystemFaultError
from thoracle.datasets.breathing.depth_frames import Scene, render_depth
from thoracle.imaging.sandbox import DecoderPool
from thoracle.jobs.breathing_depth import Box, open_depth, recording_csv
from thoracle.jobs.breathing_files import Choice, recording_from_bytes

RATE_HZ = 12.0
RISE_MM = 5.0 * np.sin(2.0 * np.pi * 0.3 * np.arange(300) / RATE_HZ)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool.from_settings(workers=1) as one:
        yield one


@pytest.fixture
def video(tmp_path: Path) -> Path:
    scene = Scene(rows=40, columns=48, center=(20.0, 24.0), half_sides=(16.0, 14.0))
    truth = render_depth(RISE_MM, scene, rate_hz=RATE_HZ, rng=np.random.default_rng(2))
    stream = io.BytesIO()
    np.savez_compressed(stream, depth=truth.depth_mm)
    path = tmp_path / "frames.npz"
    path.write_bytes(stream.getvalue())
    return path


def test_a_video_becomes_a_recording_with_the_digest_of_the_file(
    video: Path, pool: DecoderPool
) -> None:
    recording, chest = open_depth(video, pool, rate_hz=RATE_HZ)
    assert recording.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()
    assert np.corrcoef(np.diff(recording.signal), np.diff(RISE_MM))[0, 1] < -0.95
    assert chest.box.bottom <= 40
    box = Box(top=16, left=20, bottom=24, right=28)
    assert open_depth(video, pool, rate_hz=RATE_HZ, box=box)[1].box == box


def test_what_is_written_is_opened_again_with_its_rate_and_its_gaps(
    video: Path, pool: DecoderPool
) -> None:
    recording, _ = open_depth(video, pool, rate_hz=RATE_HZ)
    signal = recording.signal.copy()
    signal[40:44] = np.nan
    content = recording_csv(replace(recording, signal=signal), name="chest")
    again = recording_from_bytes(content, Choice(sensor="depth_camera"), pool, name="a.csv")
    np.testing.assert_allclose(again.signal, signal, atol=1e-4)
    assert (again.rate_hz, again.unit) == (RATE_HZ, "mm")
    assert recording_csv(replace(recording, unit=""), name="x").startswith(b"time_s,x\n0.000000,")


def test_a_file_that_is_missing_or_no_video_is_told(tmp_path: Path, pool: DecoderPool) -> None:
    with pytest.raises(SystemFaultError):
        open_depth(tmp_path / "nothing.npy", pool, rate_hz=RATE_HZ)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42")
    with pytest.raises(ImageError, match="no depth video"):
        open_depth(path, pool, rate_hz=RATE_HZ)
