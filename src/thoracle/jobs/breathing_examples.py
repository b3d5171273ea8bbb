"""Recordings to try in the web app: simulated ones, drawn when they are asked for."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import StoreError
from thoracle.datasets.breathing import physiology
from thoracle.datasets.breathing.sensor import Sensor, measure
from thoracle.datasets.breathing.types import Sampling
from thoracle.respiration.recording import Choice

RATE_HZ: Final = 20.0  # the time column of a file says it
_QUIET: Final = Sensor(ripple=(0.02, 0.04), drift=(0.1, 0.2), white_snr_db=(25.0, 30.0))
_FALLS: Final = Sensor(gain=(-1.0, -1.0), drift=(0.0, 0.1), white_snr_db=(25.0, 30.0))
_RESTLESS: Final = Sensor(
    ripple=(0.03, 0.06),
    drift=(0.2, 0.4),
    motions_per_minute=0.6,
    white_snr_db=(15.0, 20.0),
    clipped=(0.25, 0.3),
    lost_share=(0.05, 0.06),
    lost_s=6.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleRecording:
    """How a recording to try is simulated: patterns one after the other, in minutes each."""

    parts: tuple[tuple[str, float], ...]
    sensor: str
    seed: int
    made_by: Sensor = field(default=_QUIET, repr=False)


EXAMPLES: Final[Mapping[str, ExampleRecording]] = MappingProxyType(
    {
        "synthetic-quiet.csv.gz": ExampleRecording(parts=(("eupnea", 5.0),), sensor="belt", seed=1),
        "synthetic-waxing-and-waning.csv.gz": ExampleRecording(
            parts=(("cheyne_stokes", 8.0),), sensor="impedance", seed=2
        ),
        "synthetic-changing.csv.gz": ExampleRecording(
            parts=(("eupnea", 3.0), ("tachypnea", 3.0), ("central_apnea", 4.0)),
            sensor="depth_camera",
            seed=3,
            made_by=_FALLS,
        ),
        "synthetic-restless.csv.gz": ExampleRecording(
            parts=(("bradypnea", 3.0), ("biot", 4.0)), sensor="belt", seed=4, made_by=_RESTLESS
        ),
    }
)


def example_recording(name: str) -> tuple[bytes, Choice]:
    """Simulate one of the recordings to try.

    Parameters
    ----------
    name
        One of `EXAMPLES`.

    Returns
    -------
    content, choice
        A compressed table with its time, and what its sender would say of it.

    Raises
    ------
    StoreError
        There is no such example.
    """
    made = EXAMPLES.get(name)
    if made is None:
        raise StoreError(
            f"found no example {name[:200]!r} – expected one from the page of recordings. Choose "
            "another.",
            code="unknown-example",
        )
    rng = np.random.default_rng(made.seed)
    whole = np.concatenate([_breathed(*part, rng=rng) for part in made.parts])
    seen = measure(whole[np.newaxis], RATE_HZ, made.made_by, rng=rng).signal[0]
    rows = ["time_s,breathing", *(_row(place, value) for place, value in enumerate(seen))]
    content = ("\n".join(rows) + "\n").encode("utf-8")
    return gzip.compress(content, mtime=0), Choice(sensor=made.sensor)


def _breathed(pattern: str, minutes: float, *, rng: np.random.Generator) -> DoubleArray:
    sampling = Sampling(rate_hz=RATE_HZ, duration_s=60.0 * minutes, snr_db=None, is_scaled=False)
    signal: DoubleArray = physiology.simulate([pattern], 1, sampling, rng=rng).signal[0]
    return signal


def _row(place: int, value: float) -> str:
    return f"{place / RATE_HZ:.2f}," + ("" if np.isnan(value) else f"{value:.4f}")
