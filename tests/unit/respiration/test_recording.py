"""Channel, rate and sensor of a recording: said by the file or by a user, never guessed."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import SignalError
from thoracle.imaging.recording import Channel, Reading, RecordingFile
from thoracle.respiration.recording import Choice, pick_channel, recording_of
from thoracle.respiration.types import SENSORS

VALUES: NDArray[np.float64] = np.array([1.0, 2.0, np.nan, 4.0])


def channel(name: str = "RESP", *, rate_hz: float | None = 25.0, **fields: Any) -> Channel:
    return Channel(**{"name": name, "unit": "pm", "rate_hz": rate_hz, "values": VALUES, **fields})


def file(*channels: Channel, time: Channel | None = None) -> RecordingFile:
    reading = Reading(format="CSV", channels=channels, time=time)
    return RecordingFile(reading=reading, sha256="ab" * 32, name="a.csv")


def stamped(step_s: float = 0.04, unit: str = "s") -> Channel:
    rows = np.array([0.0, 1.0, 2.0, 5.0]) * step_s
    return Channel(name="time", unit=unit, rate_hz=None, values=rows)


def choice(**fields: Any) -> Choice:
    return Choice(**{"sensor": "belt", **fields})


def refused(file: RecordingFile, choice: Choice) -> SignalError:
    with pytest.raises(SignalError) as error:
        recording_of(file, choice)
    assert error.value.text.isprintable()
    return error.value


def test_one_channel_with_its_rate_needs_a_sensor_only() -> None:
    recording = recording_of(file(channel()), choice())
    np.testing.assert_array_equal(recording.signal, VALUES)
    assert (recording.rate_hz, recording.sensor, recording.unit) == (25.0, "belt", "pm")
    assert recording.sha256 == "ab" * 32


@pytest.mark.parametrize("sensor", SENSORS)
def test_every_sensor_may_be_said_and_unknown_too(sensor: str) -> None:
    assert recording_of(file(channel()), choice(sensor=sensor)).sensor == sensor


@pytest.mark.parametrize("sensor", [None, "", "Belt", "thermometer\n"])
def test_without_a_sensor_nothing_is_opened(sensor: str | None) -> None:
    error = refused(file(channel()), choice(sensor=sensor))
    assert error.code == "signal-sensor"
    assert "belt, impedance" in error.text
    assert ("found no sensor" in error.text) == (sensor is None)


def test_among_several_channels_none_is_taken_for_its_name() -> None:
    error = refused(file(channel("II"), channel("RESP"), channel("PLETH")), choice())
    assert error.code == "signal-channel"
    assert "found 3 channels (II, RESP, PLETH)" in error.text
    assert "may be breathing: RESP. Give" in error.text
    assert "may be breathing: –" in refused(file(channel("II"), channel("V")), choice()).text


def test_a_channel_is_named_exactly_or_in_any_case() -> None:
    three = file(channel("II"), channel("RESP", unit="a"), channel("resp", unit="b"))
    assert recording_of(three, choice(channel="resp")).unit == "b"
    assert recording_of(three, choice(channel="ii")).unit == "pm"
    assert "2 channels called Resp" in refused(three, choice(channel="Resp")).text
    with pytest.raises(SignalError, match="0 channels called V"):
        pick_channel(three.reading, "V")


def test_a_rate_comes_from_the_file_or_from_the_user() -> None:
    silent = file(channel(rate_hz=None))
    assert recording_of(silent, choice(rate_hz=100)).rate_hz == 100
    error = refused(silent, choice())
    assert (error.code, "--rate-hz" in error.text) == ("signal-no-rate", True)


def test_two_rates_must_agree() -> None:
    assert recording_of(file(channel()), choice(rate_hz=25.01)).rate_hz == 25.0
    error = refused(file(channel()), choice(rate_hz=26))
    assert error.code == "signal-rate-contradicted"
    assert "25 samples per second in the file and 26 given" in error.text


@pytest.mark.parametrize("rate_hz", [0.0, -25.0, float("nan"), float("inf")])
def test_a_rate_that_cannot_be_is_refused(rate_hz: float) -> None:
    assert refused(file(channel(rate_hz=None)), choice(rate_hz=rate_hz)).code == "signal-rate"


def test_a_column_of_time_gives_the_rate_and_its_gaps() -> None:
    timed = file(channel(rate_hz=None), time=stamped())
    recording = recording_of(timed, choice())
    assert recording.rate_hz == pytest.approx(25.0)
    np.testing.assert_array_equal(recording.signal, [1.0, 2.0, np.nan, np.nan, np.nan, 4.0])
    assert refused(timed, choice(rate_hz=50)).code == "signal-rate-contradicted"


def test_time_in_other_units_is_time() -> None:
    for unit, step in (("ms", 40.0), ("us", 40_000.0), ("min", 0.04 / 60)):
        timed = file(channel(rate_hz=None), time=stamped(step, unit))
        assert recording_of(timed, choice()).rate_hz == pytest.approx(25.0)
        asked = file(channel(rate_hz=None), time=stamped(step, ""))
        assert recording_of(asked, choice(time_unit=unit)).rate_hz == pytest.approx(25.0)


@pytest.mark.parametrize(("said", "given"), [("", None), ("s", "ms"), ("samples", None), ("", "h")])
def test_time_of_an_unknown_unit_is_refused(said: str, given: str | None) -> None:
    timed = file(channel(rate_hz=None), time=stamped(unit=said))
    assert refused(timed, choice(time_unit=given)).code == "signal-time-unit"


@pytest.mark.parametrize("values", [np.zeros(0), np.full(9, np.nan)])
def test_a_channel_without_a_sample_is_refused(values: NDArray[np.float64]) -> None:
    assert refused(file(channel(values=values)), choice()).code == "signal-empty"
