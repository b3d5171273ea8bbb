"""How quickly breathing is simulated, beside the plain way to do it.

Run `python benchmarks/breathing.py`. Both sides of a ratio take turns in one run, on
one thread, by CPU time.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing import physiology
from thoracle.datasets.breathing.rsm import simulate
from thoracle.datasets.breathing.rsm_ranges import CUTS, RSM, SPIKES, Ranges, RsmPattern
from thoracle.datasets.breathing.sensor import ORDINARY, measure
from thoracle.datasets.breathing.types import PUBLISHED, PUBLISHED_SNR_DB
from thoracle.respiration.types import CLASSES
from timing import Figure, table_of

ROUNDS = 7
TIMES_S = PUBLISHED.times_s
SHARE = 10.0 ** (-PUBLISHED_SNR_DB / 10.0)  # of the noise in power


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=7000, help="Simulated in one go.")
    options = parser.parse_args()
    threads = int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1
    figures = [*simulated(options.windows), *bodies(options.windows)]
    print(table_of(figures, f"{threads} threads"))


def simulated(count: int) -> list[Figure]:
    """Simulate the same windows in one go and one after the other."""
    at_once, one_by_one = best_of(
        lambda: simulate(None, count, PUBLISHED, rng=np.random.default_rng(0)),
        lambda: by_loop(count, np.random.default_rng(0)),
    )
    ours = simulate(None, count, PUBLISHED, rng=np.random.default_rng(0))
    theirs = by_loop(count, np.random.default_rng(0))
    apart = float(np.abs(np.stack([ours.signal, ours.clean]) - theirs).max())
    what = f"{count} windows of 60 s at 10 Hz, seven classes, 20 dB"
    return [
        Figure(
            name=f"{what}: `simulate`, with breaths and pauses",
            value=_rate(count, at_once),
        ),
        Figure(
            name=f"{what}: NumPy, a loop over windows, the same signals without breaths and pauses",
            value=_rate(count, one_by_one),
        ),
        Figure(name="the first / the second", value=f"{one_by_one / at_once:.2f}", target="≥ 3"),
        Figure(name="largest difference between both", value=f"{apart:.1e}", target="≤ 1e-12"),
    ]


def bodies(count: int) -> list[Figure]:
    """Simulate physiological windows, and let a sensor see them."""
    quiet = replace(PUBLISHED, snr_db=None, is_scaled=False)
    made = physiology.simulate(None, count, quiet, rng=np.random.default_rng(0)).signal
    breathed_s, seen_s = best_of(
        lambda: physiology.simulate(None, count, quiet, rng=np.random.default_rng(0)),
        lambda: measure(made, quiet.rate_hz, ORDINARY, rng=np.random.default_rng(0)),
    )
    return [
        Figure(name=f"{count} windows of the physiological model", value=_rate(count, breathed_s)),
        Figure(name="the same windows seen by the sensor `ORDINARY`", value=_rate(count, seen_s)),
    ]


def _rate(count: int, taken_s: float) -> str:
    return f"{count / taken_s:.0f} per second"


def best_of(*acts: Callable[[], object]) -> list[float]:
    """Return the shortest CPU time of each act in seconds; they take turns."""
    taken = [[cpu_seconds(act) for act in acts] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*taken, strict=True)]


def cpu_seconds(act: Callable[[], object]) -> float:
    """Return how long an act keeps the processor, whatever else runs on it."""
    started_s = time.process_time()
    act()
    return time.process_time() - started_s


def by_loop(count: int, rng: np.random.Generator) -> DoubleArray:
    """Simulate as one reads the paper: window after window, segment after segment.

    Returns
    -------
    (2, count, samples) float64
        With noise, and without.
    """
    sources = [np.random.default_rng(seed) for seed in rng.integers(2**63, size=4)]
    signals, cleans = [], []
    for index in range(count):
        pattern = RSM.get(CLASSES[index % len(CLASSES)])
        uniform = sources[0].random(CUTS + 1 + 4 * (CUTS + 2))
        normal = sources[1].standard_normal(TIMES_S.size)
        if pattern is None:
            clean, signal = np.zeros(TIMES_S.size), spiked(sources[2], sources[3])
        else:
            clean = breathed(pattern, uniform)
            power = np.mean(clean**2)
            signal = clean + normal * np.sqrt(power * SHARE)
        low, high = signal.min(), signal.max()
        signals.append((signal - low) / (high - low))
        cleans.append((clean - low) / (high - low))
    return np.array([signals, cleans])


def breathed(pattern: RsmPattern, uniform: DoubleArray) -> DoubleArray:
    """Return one window without noise."""
    low, high = np.array(pattern.cuts_s).T
    cuts = np.sort(low + np.floor(uniform[:CUTS] * (high - low + 1)))
    instants, ranges = [0.0, *cuts], list(pattern.segments)
    if pattern.pause is not None and pattern.pause_until_s is not None:
        spread = pattern.pause_until_s - cuts[-1] + 1
        instants.append(cuts[-1] + np.floor(uniform[CUTS] * spread))
        ranges.append(pattern.pause)
    signal = np.empty(TIMES_S.size)
    parts = zip(pairwise([*instants, PUBLISHED.duration_s]), ranges, strict=True)
    for number, ((start, end), one) in enumerate(parts):
        here = slice(round(start * PUBLISHED.rate_hz), round(end * PUBLISHED.rate_hz))
        drawn = uniform[CUTS + 1 + 4 * number :][:4]
        signal[here] = segment(TIMES_S[here], start, one, drawn)
    return signal


def segment(
    times_s: DoubleArray, start_s: float, ranges: Ranges, drawn: DoubleArray
) -> DoubleArray:
    """Return the sine and the drift of one segment."""
    a, b, c, d = (
        low + part * (high - low) for (low, high), part in zip(ranges.bounds, drawn, strict=True)
    )
    values: DoubleArray = a * np.sin(b * times_s) + c + d * (times_s - start_s)
    return values


def spiked(normal: np.random.Generator, spikes: np.random.Generator) -> DoubleArray:
    """Return one window of the noise class."""
    made = normal.standard_normal(TIMES_S.size)
    places, values = spikes.random((2, SPIKES))
    for place, value in zip(places, values, strict=True):
        made[int(place * TIMES_S.size)] = -10 + np.floor(value * 21)
    return made


if __name__ == "__main__":
    main()
