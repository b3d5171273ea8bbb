"""Windows to learn from: simulated afresh for every batch, as a sensor would have given them."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray, IntArray
from thoracle.datasets.breathing import physiology, rsm
from thoracle.datasets.breathing.sensor import ORDINARY, Lost, Sensor, measure
from thoracle.datasets.breathing.types import PUBLISHED_RATE_HZ, Sampling, Simulated
from thoracle.respiration.network_input import network_input
from thoracle.respiration.types import WINDOW_S
from thoracle.train.breathing.recipe import WindowRecipe

PARTS: Final = 4
"""Each batch is of so many draws of rate and noise, so that no batch is of one kind only."""

DRIFTS: Final = (0.0, 0.5, 1.5)  # heights of the window
MOTIONS_PER_MINUTE: Final = (0.0, 0.0, 0.5)
LOST_SHARES: Final = (0.0, 0.05, 0.12)
LOST_S: Final = (0.0, 0.5)
"""What sensors of training differ in, each drawn by itself: wider than any test asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Windows as the network sees them, (windows, 600) float32, and their places in `CLASSES`."""

    inputs: FloatArray = field(repr=False)
    kinds: IntArray = field(repr=False)


def draw_windows(recipe: WindowRecipe, count: int, *, rng: np.random.Generator) -> Windows:
    """Simulate windows of all classes, each as often.

    Parameters
    ----------
    recipe
        What they are like.
    count
        How many, at least `PARTS`.
    rng
        Source of randomness.

    Returns
    -------
    Windows
        Brought to the network's rate by the steps that a recording goes through.
    """
    parts = [_part(recipe, len(one), rng) for one in np.array_split(np.arange(count), PARTS)]
    return Windows(
        inputs=np.concatenate([one.inputs for one in parts]),
        kinds=np.concatenate([one.kinds for one in parts]),
    )


def _part(recipe: WindowRecipe, count: int, rng: np.random.Generator) -> Windows:
    sampling = _sampling(recipe, rng)
    made = _simulated(recipe, count, sampling, rng)
    signal = made.signal
    if rng.random() < recipe.sensor:
        signal = measure(signal, sampling.rate_hz, _sensor(rng), rng=rng).signal
    inputs = network_input(signal, rate_hz=sampling.rate_hz)
    return Windows(inputs=inputs, kinds=made.kinds)


def _sensor(rng: np.random.Generator) -> Sensor:
    """Return an ordinary sensor, or one that drifts and loses more."""
    return replace(
        ORDINARY,
        gain=(1.0, 1.0),
        drift=(0.0, float(rng.choice(DRIFTS))),
        motions_per_minute=float(rng.choice(MOTIONS_PER_MINUTE)),
        lost_share=(0.0, float(rng.choice(LOST_SHARES))),
        lost_s=float(rng.choice(LOST_S)),
        lost=Lost(rng.choice([one.value for one in Lost])),
    )


def _sampling(recipe: WindowRecipe, rng: np.random.Generator) -> Sampling:
    is_published = rng.random() < recipe.published_rate
    rate_hz = PUBLISHED_RATE_HZ if is_published else float(rng.choice(recipe.rates_hz))
    low_db, high_db = recipe.snr_db
    snr_db = None if rng.random() < recipe.noise_free else float(rng.uniform(low_db, high_db))
    return Sampling(rate_hz=rate_hz, duration_s=WINDOW_S, snr_db=snr_db)


def _simulated(
    recipe: WindowRecipe, count: int, sampling: Sampling, rng: np.random.Generator
) -> Simulated:
    if rng.random() < recipe.physiological:
        return physiology.simulate(None, count, sampling, rng=rng)
    slips = rng.random() < recipe.authors_slips
    return rsm.simulate(None, count, sampling, rng=rng, has_authors_slips=bool(slips))
