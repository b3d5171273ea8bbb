"""What of a recording is accepted, and how its channels are named."""

import numpy as np
import pytest

from thoracle.core.errors import ImageError
from thoracle.imaging import recording
from thoracle.imaging.recording import (
    check_channels,
    check_samples,
    check_size,
    check_time,
    distinct,
    listed,
    missing_runs,
    printable,
    wanted_of,
)


def test_what_is_within_the_limits_passes() -> None:
    check_size(recording.FILE_BYTES_MAX)
    check_channels(recording.CHANNELS_MAX, format_name="EDF")
    check_samples(recording.SAMPLES_MAX, names=())
    check_time(rate_hz=recording.RATE_MAX_HZ, duration_s=recording.DURATION_MAX_S)


def test_what_is_beyond_the_limits_is_refused_with_numbers() -> None:
    with pytest.raises(ImageError, match="268435457 bytes – expected at most 268435456"):
        check_size(recording.FILE_BYTES_MAX + 1)
    for count in (0, 257, 65_535):
        with pytest.raises(ImageError, match=f"{count} channels – expected 1 to 256"):
            check_channels(count, format_name="EDF")
    with pytest.raises(ImageError, match=r"Name one channel \(A, B\), or export a shorter time"):
        check_samples(recording.SAMPLES_MAX + 1, names=("A", "B"))
    with pytest.raises(ImageError, match=r"22118400\. Export a shorter time"):
        check_samples(recording.SAMPLES_MAX + 1, names=())


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, 1e6, float("nan"), float("inf")])
def test_a_rate_that_no_sensor_has_is_refused(rate_hz: float) -> None:
    with pytest.raises(ImageError, match="samples per second – expected") as error:
        check_time(rate_hz=rate_hz, duration_s=1.0)
    assert error.value.code == "recording-rate"


@pytest.mark.parametrize("duration_s", [-1.0, 8 * 86400.0, float("nan")])
def test_a_length_that_no_recording_has_is_refused(duration_s: float) -> None:
    with pytest.raises(ImageError, match="seven days"):
        check_time(rate_hz=1.0, duration_s=duration_s)


def test_names_are_printable_and_no_two_are_the_same() -> None:
    told = distinct(["RESP", "", "RESP", "a\x00b \n c", "x" * 99])
    assert told == ["RESP", "column 2", "RESP (2)", "a?b c", "x" * 58]
    assert distinct(["RESP (2)", "RESP", "RESP"]) == ["RESP (2)", "RESP", "RESP (3)"]
    assert printable("  much  space ", longest=6) == "much s"


def test_one_channel_is_chosen_by_its_exact_name_first() -> None:
    assert wanted_of(["resp", "RESP", "II"], None) == [0, 1, 2]
    assert wanted_of(["resp", "RESP", "II"], "RESP") == [1]
    assert wanted_of(["resp", "RESP", "II"], "ii") == [2]
    assert wanted_of(["resp", "RESP", "II"], "Resp") == [0, 1]
    with pytest.raises(ImageError, match="found no channel PLETH – expected one of: resp, II"):
        wanted_of(["resp", "II"], "PLETH")


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    assert listed([str(one) for one in range(14)]).endswith("10, 11 and 2 more")
    assert listed(["a"]) == "a"


def test_runs_of_missing_samples_are_found_with_their_lengths() -> None:
    missing = np.nan
    values = np.array([missing, 1.0, missing, missing, 2.0, missing])
    assert missing_runs(values) == [(0, 1), (2, 2), (5, 1)]
    assert missing_runs(np.zeros(3)) == []
    assert missing_runs(np.zeros(0)) == []
