"""The options that all commands on recordings share."""

from typing import get_args

from thoracle.cli import breathing_options
from thoracle.respiration.types import SENSORS


def test_every_option_says_what_it_is_for_and_every_sensor_is_named() -> None:
    for option in (
        breathing_options.RecordingPath,
        breathing_options.ChannelName,
        breathing_options.RateHz,
        breathing_options.SensorName,
        breathing_options.TimeUnit,
    ):
        (_, about) = get_args(option)
        assert about.help.endswith(".")
    (_, about) = get_args(breathing_options.SensorName)
    assert all(sensor in about.help for sensor in SENSORS)
