"""The page of live breathing: streams, alarms, and what it is not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MONITOR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "monitor_title": "Live breathing",
        "monitor_no_bedside": "No alarm here replaces a bedside monitor's.",
        "monitor_memory": "Nothing of a stream is kept: it is gone when it ends.",
        "monitor_no_script": "This page needs JavaScript to show live streams.",
        "monitor_now": "Alarms now",
        "monitor_none": "No alarm.",
        "monitor_empty": (
            "No stream is on. A device or gateway begins one, or a simulated patient below."
        ),
        "monitor_connecting": "Connecting …",
        "monitor_live": "Live",
        "monitor_stale": (
            "STALE: the connection to the server is lost since {time}. What is shown is old; "
            "trying again."
        ),
        "monitor_stale_mark": "STALE",
        "monitor_lost": "Connection to the sensor lost",
        "monitor_silent": "No samples for {seconds} s",
        "monitor_ended": "Ended at {time}",
        "monitor_remove": "Remove from the page",
        "monitor_simulated": "SIMULATED – no patient",
        "monitor_rate": "Breaths per minute",
        "monitor_since": "Since the last breath",
        "monitor_pattern": "Pattern",
        "monitor_quality": "Signal quality",
        "monitor_sensor": "Sensor",
        "monitor_trace": "Trace of the last 60 seconds of {name}",
        "monitor_large": "Show {name} large",
        "monitor_back": "Back to all streams",
        "monitor_alarm_since": "{alarm}, for {seconds} s",
        "monitor_begins": "Alarm of {name}: {alarms}",
        "monitor_ends": "No more alarm of {name}",
        "monitor_limits": "Alarm limits",
        "monitor_limits_for": "For adults at rest; the same for every stream.",
        "monitor_try": "Try it with a simulated patient",
        "monitor_try_lead": (
            "Breathes for ten minutes, synthetic and marked as such, for everybody who looks at "
            "this page."
        ),
        "monitor_begin": "Begin",
        "monitor_end": "End all simulated patients",
    }
)

ALARM_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "apnea": "No breath (apnea)",
        "slow": "Too slow",
        "fast": "Too fast",
        "pattern": "Abnormal pattern",
        "signal": "No usable signal",
    }
)

ALARM_LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "apnea": "{seconds} s after the last breath",
        "slow": ("At most {rate} breaths per minute for {seconds} s (3 points in NEWS2)"),
        "fast": ("At least {rate} breaths per minute for {seconds} s (3 points in NEWS2)"),
        "pattern": (
            "Biot's or Cheyne–Stokes breathing or central apnea, told for {seconds} s; only where "
            "a network for patterns is installed. In patients these are untested."
        ),
        "signal": "For {seconds} s nothing could be told of the signal",
    }
)
