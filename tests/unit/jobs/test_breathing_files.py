"""Recordings on disk, of every format, to one breathing signal with its digest."""

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import edfio
import numpy as np
import pytest

from thoracle.core.errors import ImageError, SignalError, SystemFaultError
from thoracle.imaging.sandbox import DecoderPool
from thoracle.jobs.breathing_files import (
    Choice,
    open_recording,
    recording_facts,
    recording_from_bytes,
)

HEADER = b"a 2 10 3\na.dat 16 10/L 16 0 0 0 0 Flow\nb.dat 16 1 16 0 0 0 0 Other\n"
FLOW = np.array([10, 20, -32768], "<i2").tobytes()


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool.from_settings(workers=1) as one:
        yield one


@pytest.fixture
def record(tmp_path: Path) -> Path:
    (tmp_path / "a.hea").write_bytes(HEADER)
    (tmp_path / "a.dat").write_bytes(FLOW)
    (tmp_path / "b.dat").write_bytes(FLOW)
    return tmp_path / "a.hea"


def test_a_table_becomes_a_recording_with_the_digest_of_the_file(
    tmp_path: Path, pool: DecoderPool
) -> None:
    content = b"time_s,belt [mV],x\n0,1,9\n0.1,2,9\n0.3,3,9\n"
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    said = Choice(channel="belt", sensor="belt")
    for recording in (
        open_recording(path, said, pool),
        recording_from_bytes(content, said, pool, name="a.csv"),
    ):
        np.testing.assert_array_equal(recording.signal, [1.0, 2.0, np.nan, 3.0])
        assert (recording.rate_hz, recording.unit, recording.sensor) == (10.0, "mV", "belt")
        assert recording.sha256 == hashlib.sha256(content).hexdigest()


def test_edf_is_opened_without_being_asked_for_a_rate(tmp_path: Path, pool: DecoderPool) -> None:
    values = np.sin(np.arange(100) / 5.0)
    stream = io.BytesIO()
    edfio.Edf([edfio.EdfSignal(values, 25, label="Thor")]).write(stream)
    path = tmp_path / "night.edf"
    path.write_bytes(stream.getvalue())
    recording = open_recording(path, Choice(sensor="belt"), pool)
    np.testing.assert_allclose(recording.signal, values, atol=1e-4)
    assert recording.rate_hz == 25.0


def test_a_record_is_opened_by_its_header_beside_its_files(record: Path, pool: DecoderPool) -> None:
    pytest.importorskip("wfdb", reason="the extra wfdb is not installed")
    recording = open_recording(record, Choice(channel="Flow", sensor="flow"), pool)
    np.testing.assert_array_equal(recording.signal, [1.0, 2.0, np.nan])
    assert (recording.rate_hz, recording.unit) == (10.0, "L")
    assert recording.sha256 == hashlib.sha256(HEADER + FLOW + FLOW).hexdigest()


def test_a_header_cannot_reach_out_of_its_folder(record: Path, pool: DecoderPool) -> None:
    secret = record.parent.parent / "secret.dat"
    secret.write_bytes(FLOW)
    record.write_bytes(HEADER.replace(b"b.dat", b"../secret.dat"))
    with pytest.raises(ImageError, match=r"names the file '\.\./secret\.dat'"):
        open_recording(record, Choice(sensor="flow"), pool)


def test_a_header_whose_file_is_missing_is_refused(record: Path, pool: DecoderPool) -> None:
    (record.parent / "b.dat").unlink()
    with pytest.raises(ImageError, match=r"b\.dat, which is not beside it"):
        open_recording(record, Choice(sensor="flow"), pool)


def test_a_record_larger_than_allowed_is_not_read(
    record: Path, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.imaging.recording.FILE_BYTES_MAX", len(HEADER) + 7)
    with pytest.raises(ImageError, match=f"expected at most {len(HEADER) + 7}"):
        open_recording(record, Choice(sensor="flow"), pool)


def test_a_path_that_cannot_be_read_is_told(tmp_path: Path, pool: DecoderPool) -> None:
    for path in (tmp_path, tmp_path / "nothing.csv", tmp_path / "nothing.hea"):
        with pytest.raises(SystemFaultError):
            open_recording(path, Choice(sensor="belt"), pool)


def test_facts_are_told_without_a_choice(tmp_path: Path, pool: DecoderPool) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"t_s,a [L],b\n0,1,\n0.1,-2,\n0.4,,\n0.5,3,\n")
    format_name, (one, two), trouble = recording_facts(path, pool)
    assert (format_name, trouble) == ("CSV", None)
    assert (one.name, one.unit, one.rate_hz, one.samples) == ("a", "L", 10.0, 6)
    assert (one.missing, one.gaps, one.longest_gap, one.low, one.high) == (3, 1, 3, -2.0, 3.0)
    assert (two.missing, np.isnan(two.low), np.isnan(two.high)) == (6, True, True)


def test_time_that_cannot_be_used_is_told_and_the_channels_too(
    tmp_path: Path, pool: DecoderPool
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"time,a\n0,1\n1,2\n2,3\n")
    _, (one,), trouble = recording_facts(path, pool)
    assert one.rate_hz is None
    assert trouble is not None
    assert "[signal-time-unit]" in trouble
    _, (one,), trouble = recording_facts(path, pool, time_unit="ms")
    assert (one.rate_hz, trouble) == (1000.0, None)


def test_the_bidmc_collection_is_read_at_125_hz(data_folder: Path, pool: DecoderPool) -> None:
    path = data_folder / "respiration" / "bidmc" / "bidmc_01_Signals.csv.gz"
    recording = open_recording(path, Choice(sensor="impedance"), pool)
    assert (recording.rate_hz, recording.signal.size, recording.duration_s) == (
        125,
        60_001,
        480.008,
    )
    with pytest.raises(SignalError, match="125 samples per second in the file and 100 given"):
        open_recording(path, Choice(sensor="impedance", rate_hz=100), pool)


def test_a_rate_that_only_a_file_s_name_says_must_be_given(
    data_folder: Path, pool: DecoderPool
) -> None:
    path = data_folder / "respiration" / "resting_5min_100hz.csv.gz"
    with pytest.raises(SignalError, match="found no sampling rate"):
        open_recording(path, Choice(sensor="belt"), pool)
    assert open_recording(path, Choice(sensor="belt", rate_hz=100), pool).duration_s == 300.0


def test_the_same_record_in_an_archive_is_the_same_signal(
    record: Path, pool: DecoderPool, pack: Callable[..., bytes]
) -> None:
    pytest.importorskip("wfdb", reason="the extra wfdb is not installed")
    content = pack({one.name: one.read_bytes() for one in record.parent.iterdir()})
    said = Choice(channel="Flow", sensor="flow")
    packed = recording_from_bytes(content, said, pool, name="a.zip")
    np.testing.assert_array_equal(packed.signal, open_recording(record, said, pool).signal)
