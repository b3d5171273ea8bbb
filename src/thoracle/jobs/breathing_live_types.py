"""What live breathing streams are asked for with, and what is told of them each second."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from thoracle.core.errors import SignalError
from thoracle.respiration.monitor import Monitor, Status

SIMULATED: Final = "SIMULATED"
"""Begins the name of every stream that no patient breathes; no sender may use it."""
_NAME: Final = re.compile(r"\w[\w .:-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """What a sender says of its stream.

    Attributes
    ----------
    name
        A bed or a pseudonym, of letters, digits, spaces and . : - _, unique among those that are
        on.
    rate_hz
        Samples per second.
    sensor
        One of `SENSORS`.
    sender
        Who sends it; another one cannot go on with it.
    is_simulated
        Whether it comes from the server's own simulator.
    """

    name: str
    rate_hz: float
    sensor: str
    sender: str
    is_simulated: bool = False

    def check(self) -> None:
        """Refuse what cannot be watched; rate and sensor with the monitor's own SignalError.

        Raises
        ------
        SignalError
            The name is none that a stream may have.
        """
        if not _NAME.fullmatch(self.name) or self.name != self.name.strip():
            raise SignalError(
                f"found the stream name {self.name[:70]!r} – expected 1 to 64 letters, digits, "
                "spaces or . : - _. Give it another name.",
                code="stream-name",
            )
        if self.name.upper().startswith(SIMULATED) and not self.is_simulated:
            raise SignalError(
                f"found a stream named {self.name!r} – expected {SIMULATED} only of the server's "
                "own simulator. Give it another name.",
                code="stream-name",
            )
        Monitor(None, rate_hz=self.rate_hz, sensor=self.sensor)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """One stream as pages show it after a second.

    Attributes
    ----------
    name, sensor, rate_hz, is_simulated
        As in its request.
    is_lost
        Whether its connection broke off; it is kept for a while, so that nobody disappears.
    silent_s
        Time since the last sample came.
    trace_hz
        Points of the trace per second.
    trace
        New points, or in a whole view those of the last minute; None where samples are missing.
    trace_span
        Height that the trace is drawn in: that of the last minute or, where this was less, that of
        before, so that the noise of a pause does not look like breathing.
    status
        What is told of it; None before the first second.
    """

    name: str
    sensor: str
    rate_hz: float
    is_simulated: bool
    is_lost: bool
    silent_s: float
    trace_hz: float
    trace: tuple[float | None, ...] = field(repr=False)
    trace_span: float
    status: Status | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that is told after a second.

    Attributes
    ----------
    statuses
        By the key of a stream's connection; of those with a new second.
    views
        Of all streams, by name.
    """

    statuses: Mapping[str, Status] = field(repr=False)
    views: tuple[StreamView, ...] = field(repr=False)
