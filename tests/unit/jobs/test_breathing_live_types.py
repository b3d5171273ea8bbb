"""A stream says who it is, its rate and its sensor; what cannot be watched is refused."""

import pytest

from thoracle.core.errors import SignalError
from thoracle.jobs.breathing_live_types import StreamRequest


def _asked(name: str = "bed 1", rate_hz: float = 10.0, sensor: str = "belt") -> StreamRequest:
    return StreamRequest(name=name, rate_hz=rate_hz, sensor=sensor, sender="ana")


@pytest.mark.parametrize("name", ["bed 1", "Leito-7", "A.3:2", "ção_1", "x" * 64])
def test_names_of_beds_are_taken(name: str) -> None:
    _asked(name).check()


@pytest.mark.parametrize("name", ["", " bed", "bed ", "a\nb", "<b>", "x" * 65, "-1"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(SignalError, match="expected 1 to 64 letters") as refused:
        _asked(name).check()
    assert refused.value.code == "stream-name"


@pytest.mark.parametrize("name", ["SIMULATED eupnea 1", "simulated bed"])
def test_nobody_passes_for_a_simulated_patient(name: str) -> None:
    with pytest.raises(SignalError, match="only of the server's own simulator"):
        _asked(name).check()


def test_rate_and_sensor_are_checked_as_the_monitor_does() -> None:
    for wrong, code in (
        (_asked(rate_hz=0.1), "signal-rate"),
        (_asked(rate_hz=float("nan")), "signal-rate"),
        (_asked(sensor="ear"), "signal-sensor"),
    ):
        with pytest.raises(SignalError) as refused:
            wrong.check()
        assert refused.value.code == code
