"""The BIDMC collection: synthetic files as it writes them, and what its own files hold."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import SignalError, SystemFaultError
from thoracle.datasets.breathing.bidmc import (
    bidmc_numbers,
    patient_of,
    read_bidmc,
    read_bidmc_recording,
    read_named_rate,
)

SIGNALS = [f"{one / 125:.5g},{np.sin(one / 90):.5g}" for one in range(25_001)]


def write(folder: Path, number: int, *, signals: list[str] | None = None) -> None:
    parts = {
        "Signals": ["Time [s],RESP", *(SIGNALS if signals is None else signals)],
        "Numerics": ["Time [s],HR,RESP", *(f"{one},60,{15 + one % 2}" for one in range(200))],
        "Breaths": [
            "breaths ann1 [signal sample no], breaths ann2 [signal sample no]",
            *("126,251", "1001,626", "626,NaN", "626,NaN"),
        ],
    }
    parts["Numerics"][3] = "2,60,NaN"
    for part, lines in parts.items():
        path = folder / f"bidmc_{number:02d}_{part}.csv.gz"
        path.write_bytes(gzip.compress("\n".join(lines).encode()))


def test_a_recording_has_its_rate_its_marks_in_order_and_the_monitor_s_rate(
    tmp_path: Path,
) -> None:
    write(tmp_path, 7)
    (one,) = read_bidmc(tmp_path)
    assert (one.number, one.patient, one.recording.rate_hz) == (7, "bidmc-06", 125.0)
    assert (one.recording.sensor, one.recording.signal.size) == ("impedance", 25_001)
    np.testing.assert_array_equal(one.marks_s[0], [1.0, 5.0, 8.0])  # sample 126 is the second's
    np.testing.assert_array_equal(one.marks_s[1], [2.0, 5.0])
    assert one.monitor_per_minute.size == 200
    np.testing.assert_array_equal(one.monitor_per_minute[:4], [15.0, 16.0, np.nan, 16.0])


def test_recordings_come_by_number_and_other_files_do_no_harm(tmp_path: Path) -> None:
    for number in (22, 1):
        write(tmp_path, number)
    (tmp_path / "bidmc_1_Signals.csv.gz").write_bytes(b"")
    assert bidmc_numbers(tmp_path) == [1, 22]
    assert [one.number for one in read_bidmc(tmp_path)] == [1, 22]


def test_a_folder_without_recordings_or_with_half_of_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match="found no bidmc_NN_Signals"):
        list(read_bidmc(tmp_path))
    write(tmp_path, 3)
    (tmp_path / "bidmc_03_Breaths.csv.gz").unlink()
    with pytest.raises(SystemFaultError, match="bidmc_03_Breaths"):
        list(read_bidmc(tmp_path))


def test_a_rate_in_a_file_s_name_is_read_and_nothing_else_is_assumed(tmp_path: Path) -> None:
    path = tmp_path / "rest_5min_12.5hz.csv"
    path.write_bytes(b"RSP\n1\n2\n3\n")
    recording = read_named_rate(path)
    assert (recording.rate_hz, recording.sensor) == (12.5, "unknown")
    with pytest.raises(SignalError, match="found no rate in the name"):
        read_named_rate(path.rename(tmp_path / "rest.csv"))


def test_recordings_of_one_patient_are_kept_together() -> None:
    patients = [patient_of(number) for number in range(1, 54)]
    assert len(set(patients)) == 46
    assert patient_of(9) == patient_of(6) == "bidmc-06"
    assert patient_of(23) == patient_of(20) != patient_of(24)
    assert patient_of(39) == patient_of(38) != patient_of(40)


def test_the_collection_is_as_its_reader_says(data_folder: Path) -> None:
    found = list(read_bidmc(data_folder / "respiration" / "bidmc"))
    assert len(found) == 36
    assert len({one.patient for one in found}) == 33
    for one in found:
        assert one.recording.rate_hz == 125.0
        assert one.recording.signal.size == 60_001
        assert one.monitor_per_minute.size == 481
        for marks_s in one.marks_s:
            assert 0.0 < marks_s[0] < 40.0
            assert 471.0 < marks_s[-1] < one.recording.duration_s
            assert (np.diff(marks_s) > 0.0).all()


def test_marks_stand_at_the_tops_of_breaths(data_folder: Path) -> None:
    """Within 0.5 s of a mark the signal is higher than 1 s before and after, in most breaths."""
    one = read_bidmc_recording(data_folder / "respiration" / "bidmc", 16)
    smooth = np.convolve(one.recording.signal, np.ones(25) / 25, "same")
    for marks_s in one.marks_s:
        at = np.rint(marks_s[1:-1] * 125).astype(int)
        is_top = (smooth[at] > smooth[at - 125]) & (smooth[at] > smooth[at + 125])
        assert is_top.mean() > 0.9


def test_the_resting_recording_is_of_the_length_that_its_name_says(data_folder: Path) -> None:
    recording = read_named_rate(data_folder / "respiration" / "resting_5min_100hz.csv.gz")
    assert (recording.rate_hz, recording.duration_s) == (100.0, 300.0)
