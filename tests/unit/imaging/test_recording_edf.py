"""EDF and EDF+, written by edfio or byte by byte: units, rates, gaps, and headers that lie."""

import io
from typing import Any

import edfio
import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.recording_edf import read_edf, read_layout


def sine(seconds: float, rate_hz: float, scale: float = 1.0) -> NDArray[np.float64]:
    time_s = np.arange(round(seconds * rate_hz), dtype=np.float64) / rate_hz
    return np.asarray(scale * np.sin(2 * np.pi * 0.25 * time_s), np.float64)


def written(*signals: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    edfio.Edf(list(signals), **options).write(stream)
    return stream.getvalue()


def belt(**options: Any) -> Any:
    about = {"label": "Thor", "physical_dimension": "mV", **options}
    return edfio.EdfSignal(sine(30, 25, 3.0), 25, **about)


def with_field(content: bytes, first: int, said: str, length: int = 8) -> bytes:
    return content[:first] + said.encode().ljust(length) + content[first + length :]


def discontinuous(starts_s: list[str], *, samples: int = 4) -> bytes:
    """Return EDF+D by the specification: records of 1 s of one signal, and their times."""
    note_bytes = 30
    fields = [
        *(["0".ljust(8)], ["X X X X".ljust(80)], ["Startdate X X X X".ljust(80)]),
        *([f"{'01.01.01':8}{'00.00.00':8}"], [f"{256 * 3:<8}"], ["EDF+D".ljust(44)]),
        *([f"{len(starts_s):<8}"], [f"{1:<8}"], [f"{2:<4}"]),
        ["Flow".ljust(16), "EDF Annotations".ljust(16)],
        *([" " * 80] * 2, ["L/s".ljust(8), " " * 8], ["-2".ljust(8), "-1".ljust(8)]),
        *(["2".ljust(8), "1".ljust(8)], ["-32768".ljust(8)] * 2, ["32767".ljust(8)] * 2),
        *([" " * 80] * 2, [f"{samples:<8}", f"{note_bytes // 2:<8}"], [" " * 32] * 2),
    ]
    content = "".join("".join(one) for one in fields).encode()
    for number, start in enumerate(starts_s):
        values = np.arange(samples, dtype="<i2") + number * samples
        content += values.tobytes() + f"+{start}\x14\x14\0".encode().ljust(note_bytes, b"\0")
    return content


def refused(content: bytes, **options: Any) -> ImageError:
    with pytest.raises(ImageError) as error:
        read_edf(content, **options)
    assert error.value.text.isprintable()
    return error.value


def test_signals_of_several_rates_come_in_their_physical_units() -> None:
    content = written(belt(), edfio.EdfSignal(sine(30, 4), 4, label="SpO2", physical_dimension="%"))
    thor, spo2 = (reading := read_edf(content)).channels
    assert (reading.format, thor.name, thor.unit, thor.rate_hz) == ("EDF", "Thor", "mV", 25.0)
    assert (spo2.name, spo2.unit, spo2.rate_hz) == ("SpO2", "%", 4.0)
    np.testing.assert_allclose(thor.values, sine(30, 25, 3.0), atol=6 / 65535)
    np.testing.assert_allclose(spo2.values, sine(30, 4), atol=2 / 65535)
    assert reading.time is None


def test_annotations_are_no_channel_and_edf_plus_is_said() -> None:
    content = written(belt(), annotations=[edfio.EdfAnnotation(3.0, None, "apnea")])
    reading = read_edf(content)
    assert [one.name for one in reading.channels] == ["Thor"]
    assert reading.format == "EDF+"
    assert not np.isnan(reading.channels[0].values).any()


def test_two_signals_of_one_name_can_be_told_apart() -> None:
    reading = read_edf(written(belt(), belt()))
    assert [one.name for one in reading.channels] == ["Thor", "Thor (2)"]
    (second,) = read_edf(written(belt(), belt()), wanted="thor (2)").channels
    assert second.name == "Thor (2)"
    assert refused(written(belt()), wanted="Flow").code == "recording-no-channel"


def test_gaps_of_a_discontinuous_file_are_nan_where_its_times_say() -> None:
    (flow,) = (reading := read_edf(discontinuous(["10", "11", "14.5", "15.5"]))).channels
    step = 4 / 65535
    expected = np.full(26, np.nan)
    for number, place in enumerate((0, 4, 18, 22)):
        expected[place : place + 4] = (np.arange(4) + number * 4 + 32768) * step - 2.0
    np.testing.assert_allclose(flow.values, expected, atol=1e-12)
    assert (reading.format, flow.rate_hz, flow.unit) == ("EDF+", 4.0, "L/s")


@pytest.mark.parametrize("starts_s", [["0", "0.5"], ["5", "4"], ["0", "x"], ["0", "nan"]])
def test_records_that_overlap_or_say_no_time_are_refused(starts_s: list[str]) -> None:
    assert refused(discontinuous(starts_s)).code == "recording-corrupt"


def test_a_discontinuous_file_without_times_is_refused() -> None:
    content = discontinuous(["0", "1"])
    assert refused(content.replace(b"+1\x14\x14", b"+1\0\0")).code == "recording-corrupt"
    assert "no record says" in refused(content.replace(b"EDF Annotations", b"Notes          ")).text


def test_a_gap_of_years_costs_no_memory() -> None:
    assert refused(discontinuous(["0", "99999999"])).code == "recording-too-long"
    assert refused(discontinuous(["0", "600000"], samples=30_000)).code == "recording-too-long"


def test_a_file_that_is_cut_short_or_longer_than_it_says_is_refused() -> None:
    content = written(belt())
    for length in (8, 255, 300, 511, 600, len(content) - 1):
        assert refused(content[:length]).code == "recording-truncated"
    assert refused(content + b"\0\0").code == "recording-corrupt"


def test_a_recorder_that_was_cut_off_did_not_count_its_records() -> None:
    content = written(belt())
    (thor,) = read_edf(with_field(content, 236, "-1")).channels
    assert thor.values.size == 750


@pytest.mark.parametrize(
    ("first", "said", "length", "code"),
    [
        (252, "9999", 4, "recording-channels"),
        (252, "0", 4, "recording-channels"),
        (252, "one", 4, "recording-corrupt"),
        (184, "256", 8, "recording-corrupt"),
        (236, "0", 8, "recording-corrupt"),
        (236, "99999999", 8, "recording-truncated"),
        (244, "0", 8, "recording-corrupt"),
        (244, "nan", 8, "recording-corrupt"),
        (244, "-1", 8, "recording-corrupt"),
        (244, "1e-9", 8, "recording-rate"),
        (244, "9999999", 8, "recording-too-long"),
        (256 + 216, "99999999", 8, "recording-truncated"),
        (256 + 216, "0", 8, "recording-corrupt"),
        (256 + 216, "-5", 8, "recording-corrupt"),
        (256 + 104, "9", 8, "recording-scale"),  # physical minimum, the same as the maximum
        (256 + 120, "32767", 8, "recording-scale"),
        (256 + 120, "99999", 8, "recording-scale"),
    ],
)
def test_a_header_that_lies_is_refused(first: int, said: str, length: int, code: str) -> None:
    content = with_field(written(belt(physical_range=(-9, 9))), first, said, length)
    assert refused(content).code == code


def test_a_file_of_annotations_alone_is_refused() -> None:
    content = written(annotations=[edfio.EdfAnnotation(3.0, None, "apnea")])
    assert refused(content).code in {"recording-empty", "recording-corrupt"}


def test_a_physical_range_that_is_upside_down_turns_the_signal() -> None:
    content = written(belt(physical_range=(-9, 9)))
    turned = with_field(with_field(content, 256 + 104, "9"), 256 + 112, "-9")
    np.testing.assert_allclose(
        read_edf(turned).channels[0].values, -read_edf(content).channels[0].values, atol=1e-3
    )


def test_too_many_samples_are_refused_unless_one_channel_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = written(belt(), belt(label="Abdo"))
    monkeypatch.setattr("thoracle.imaging.recording.SAMPLES_MAX", 1000)
    error = refused(content)
    assert (error.code, "(Thor, Abdo)" in error.text) == ("recording-too-long", True)
    assert read_edf(content, wanted="Abdo").channels[0].values.size == 750


def test_the_layout_is_told_before_any_sample_is_read() -> None:
    layout = read_layout(discontinuous(["0", "1"]))
    assert (layout.records, layout.record_s, layout.counts) == (2, 1.0, (4, 15))
    assert (layout.has_gaps, layout.is_plus, layout.annotations) == (True, True, (1,))
