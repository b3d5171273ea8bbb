"""A simulated patient for the monitor: breathes as the server's clock goes, and says what it is."""

import math
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing.physiology import simulate
from thoracle.datasets.breathing.types import Sampling
from thoracle.jobs.breathing_live_types import SIMULATED, StreamRequest

RATE_HZ: Final = 10.0
BREATHES_S: Final = 600.0
_SNR_DB: Final = 30.0
_SENDER: Final = "simulator"


class SimulatedPatient:
    """Ten minutes of breathing of one pattern.

    Parameters
    ----------
    pattern
        One of `PATTERNS`.
    seed
        The same one breathes alike.
    now_s
        When it begins, by a clock that never goes back.
    """

    def __init__(self, pattern: str, *, seed: int, now_s: float) -> None:
        self.asked = StreamRequest(
            name=f"{SIMULATED} {pattern} {seed}",
            rate_hz=RATE_HZ,
            sensor="volume",
            sender=_SENDER,
            is_simulated=True,
        )
        sampling = Sampling(rate_hz=RATE_HZ, duration_s=BREATHES_S, snr_db=_SNR_DB, is_scaled=False)
        made = simulate((pattern,), 1, sampling, rng=np.random.default_rng(seed))
        self._signal: DoubleArray = made.signal[0]
        self._began_s = now_s
        self._given = 0

    def until(self, now_s: float) -> DoubleArray | None:
        """Return the samples since it was asked last, (samples,) float64; None once it is over."""
        if self._given >= self._signal.size:
            return None
        due = math.floor((now_s - self._began_s) * RATE_HZ)
        samples = self._signal[self._given : max(due, self._given)]
        self._given += samples.size
        return samples
