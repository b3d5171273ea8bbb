"""Whether a live stream comes as fast as it said: what is too much, and what never came."""

import math
from typing import Final

TOLERANCE: Final = 0.05
"""So far a sender's clock may differ from the server's. Devices differ by far less; a rate stated
wrongly by more makes every breath rate wrong by as much."""
BURST_S: Final = 5.0  # so many seconds of samples may come at once, after a stutter of the network
LATE_S: Final = 2.0
"""Samples so late are missing: batches of a second or two, a little late, are not."""


class Pace:
    """The pace of one stream, by the server's clock.

    Parameters
    ----------
    rate_hz
        Samples per second, as its sender said.
    now_s
        When it begins, by a clock that never goes back.
    """

    def __init__(self, *, rate_hz: float, now_s: float) -> None:
        self._rate_hz = rate_hz
        self._seen_s = now_s
        self._room = BURST_S * rate_hz  # samples that may come now
        self._ahead = 0.0  # samples that came beyond the clock; below 0 they are late
        self._is_silent = False

    def take(self, samples: int, *, now_s: float) -> bool:
        """Count samples that came; say whether the sender keeps its rate.

        Parameters
        ----------
        samples
            How many came.
        now_s
            When.

        Returns
        -------
        bool
            False where more came than the stated rate, its tolerance and a stutter allow.
        """
        self._pass(now_s)
        self._is_silent = False
        self._room -= samples
        # No more than this counts in advance, so that silence after a rush is soon noticed.
        self._ahead = min(self._ahead + samples, LATE_S / 2 * self._rate_hz)
        return self._room >= 0

    def missing(self, *, now_s: float) -> int:
        """Return how many samples never came; they count as come from then on.

        Parameters
        ----------
        now_s
            By the same clock.
        """
        self._pass(now_s)
        if self._ahead <= -LATE_S * self._rate_hz:
            self._is_silent = True
        if not self._is_silent:
            return 0
        missing = max(0, math.floor(-self._ahead - LATE_S / 2 * self._rate_hz))
        self._ahead += missing
        return missing

    def _pass(self, now_s: float) -> None:
        due = max(0.0, now_s - self._seen_s) * self._rate_hz
        self._seen_s = max(now_s, self._seen_s)
        self._room = min(self._room + due * (1 + TOLERANCE), BURST_S * self._rate_hz)
        self._ahead -= due * (1 - TOLERANCE)
