"""When a monitor raises an alarm and when it takes it back: limits, delays and hysteresis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

APNEA, SLOW, FAST, PATTERN, SIGNAL = "apnea", "slow", "fast", "pattern", "signal"
ALARMS: Final = (APNEA, SLOW, FAST, PATTERN, SIGNAL)
"""In the order of urgency: nobody breathes, too slowly, too fast, an abnormal pattern, and no
signal that anything could be told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimits:
    """Limits for adults at rest, and how long they must be passed.

    Attributes
    ----------
    apnea_s
        Time since the last breath; bedside monitors ask for 20 s by default.
    slow_per_minute, fast_per_minute
        At most and at least: 3 points each in NEWS2 (Royal College of Physicians, 2017).
    margin_per_minute
        An alarm of the rate ends so far inside of its limit.
    raise_s, clear_s
        A state must hold so long before its alarm comes, and be gone so long before it ends. An
        apnea is told at once: its limit is a time already.
    pattern_s
        Windows must name another pattern so long, one after the other, before it is believed.
    """

    apnea_s: float = 20.0
    slow_per_minute: float = 8.0
    fast_per_minute: float = 25.0
    margin_per_minute: float = 1.0
    raise_s: float = 10.0
    clear_s: float = 5.0
    pattern_s: float = 5.0


ADULTS: Final = AlarmLimits()


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is on: which, and since when, s from the start of the stream."""

    code: str
    since_s: float


class Switch:
    """On after a state held long enough, off after it was gone long enough.

    Parameters
    ----------
    raise_s, clear_s
        How long.
    """

    def __init__(self, *, raise_s: float, clear_s: float) -> None:
        self._raise_s, self._clear_s = raise_s, clear_s
        self._since_s: float | None = None
        self._changing_s: float | None = None

    @property
    def since_s(self) -> float | None:
        """When the state began for which it is on; None where it is off."""
        return self._since_s

    def tell(self, holds: bool, *, now_s: float) -> None:
        """Tell whether the state holds now.

        Parameters
        ----------
        holds
            Whether it does.
        now_s
            Of the stream; later than when it was told before.
        """
        if holds == (self._since_s is not None):
            self._changing_s = None
            return
        if self._changing_s is None:
            self._changing_s = now_s
        wait_s = self._raise_s if holds else self._clear_s
        if now_s - self._changing_s >= wait_s:
            self._since_s = self._changing_s if holds else None
            self._changing_s = None


class Steady:
    """A name that changes only once another one was told long enough, without a break.

    Parameters
    ----------
    hold_s
        How long. None as a name, which stands for none, is believed as slowly.
    """

    def __init__(self, *, hold_s: float) -> None:
        self._hold_s = hold_s
        self._next: str | None = None
        self._next_since_s = 0.0
        self.name: str | None = None
        self.since_s = 0.0

    def tell(self, name: str | None, *, now_s: float) -> None:
        """Tell which name came up now."""
        if name == self.name:
            self._next, self._next_since_s = name, now_s
            return
        if name != self._next:
            self._next, self._next_since_s = name, now_s
        if now_s - self._next_since_s >= self._hold_s:
            self.name, self.since_s = name, self._next_since_s


class AlarmPanel:
    """The alarms of one patient.

    Parameters
    ----------
    limits
        When they come and go.
    """

    def __init__(self, limits: AlarmLimits) -> None:
        self.limits = limits
        slow = {"raise_s": limits.raise_s, "clear_s": limits.clear_s}
        at_once = {"raise_s": 0.0, "clear_s": 0.0}
        self._switches = {
            code: Switch(**(at_once if code in (APNEA, PATTERN) else slow)) for code in ALARMS
        }

    def tell(self, states: Mapping[str, bool], *, now_s: float) -> tuple[Alarm, ...]:
        """Tell what holds now, and return the alarms that are on.

        Parameters
        ----------
        states
            By alarm; what is not in it is unknown and changes nothing.
        now_s
            Of the stream.

        Returns
        -------
        tuple of Alarm
            By urgency.
        """
        for code, holds in states.items():
            self._switches[code].tell(holds, now_s=now_s)
        return tuple(
            Alarm(code, switch.since_s)
            for code, switch in self._switches.items()
            if switch.since_s is not None
        )

    def is_on(self, code: str) -> bool:
        """Return whether an alarm is on."""
        return self._switches[code].since_s is not None
