"""How quickly breathing is simulated, beside the plain way to do it.

Run `python benchmarks/breathing.py`. Both sides of a ratio take turns in one run, on one thread.
"""

import argparse
import os
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing.rsm import simulate
from thoracle.datasets.breathing.rsm_ranges import CUTS, RSM, SPIKES, Ranges, RsmPattern
from thoracle.datasets.breathing.types import PUBLISHED, PUBLISHED_SNR_DB
from thoracle.respiration.types import CLASSES
from timing import Figure, seconds, table_of

ROUNDS = 7
TIMES_S = PUBLISHED.times_s
SHARE = 10.0 ** (-PUBLISHED_SNR_DB / 10.0)  # of the noise in power


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=7000, help="Simulated in one go.")
    options = parser.parse_args()
    threads = int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1
    print(table_of([*simulated(options.windows)], f"{threads} threads"))


def simulated(count: int) -> list[Figure]:
    """Simulate the same windows in one go and one after the other."""
    at_once, one_by_one = best_of(
        lambda: simulate(None, count, PUBLISHED, rng=np.random.default_rng(0)),
        lambda: by_loop(count, np.random.default_rng(0)),
    )
    ours = simulate(None, count, PUBLISHED, rng=np.random.default_rng(0)).signal
    apart = float(np.abs(ours - by_loop(count, np.random.default_rng(0))).max())
    what = f"{count} windows of 60 s at 10 Hz, seven classes, 20 dB"
    return [
        Figure(
            name=f"{what}: `simulate`, with breaths and pauses",
            value=f"{count / at_once:.0f} per second",
        ),
        Figure(
            name=f"{what}: NumPy, a loop over windows, signals alone",
            value=f"{count / one_by_one:.0f} per second",
        ),
        Figure(name="the first / the second", value=f"{one_by_one / at_once:.2f}", target="≥ 3"),
        Figure(name="largest difference between both", value=f"{apart:.1e}", target="≤ 1e-12"),
    ]


def best_of(*acts: Callable[[], object]) -> list[float]:
    """Return the shortest time of each act in seconds; they take turns."""
    taken = [[seconds(act) for act in acts] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*taken, strict=True)]


def by_loop(count: int, rng: np.random.Generator) -> DoubleArray:
    """Simulate as one reads the paper: window after window, segment after segment."""
    sources = [np.random.default_rng(seed) for seed in rng.integers(2**63, size=4)]
    windows = []
    for index in range(count):
        pattern = RSM.get(CLASSES[index % len(CLASSES)])
        uniform = sources[0].random(CUTS + 1 + 4 * (CUTS + 2))
        normal = sources[1].standard_normal(TIMES_S.size)
        if pattern is None:
            signal = spiked(sources[2], sources[3])
        else:
            clean = breathed(pattern, uniform)
            power = np.mean(clean**2)
            signal = clean + normal * np.sqrt(power * SHARE)
        low, high = signal.min(), signal.max()
        windows.append((signal - low) / (high - low))
    return np.array(windows)


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
