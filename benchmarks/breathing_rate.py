"""What rate and quality of a window cost, and how they compare with NeuroKit2 on the same windows.

Run `python benchmarks/breathing_rate.py --bidmc FOLDER`, on one thread. Times are CPU times of one
window, the least of several rounds in turns; without a folder, of simulated breathing alone. The
errors of both on all windows are printed by `thoracle breathing evaluate`.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing.bidmc import read_bidmc
from thoracle.datasets.breathing.physiology import simulate
from thoracle.datasets.breathing.sensor import ORDINARY
from thoracle.datasets.breathing.sensor import measure as seen_by
from thoracle.datasets.breathing.types import PUBLISHED
from thoracle.jobs.breathing_peers import peers
from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.measures import Told, find_apneas, measure
from thoracle.respiration.quality import Stretch, find_faults, window_quality
from thoracle.respiration.rule import classify_by_rule
from timing import Figure, table_of

WINDOW = Stretch(start_s=0.0, length_s=60.0)
TOLD = Told(timing=True, depth=True)


def main() -> None:
    """Print the table."""
    from breathing import best_of

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bidmc", type=Path, help="Folder of the collection; left out without.")
    parser.add_argument("--windows", type=int, default=70, help="Of each kind.")
    options = parser.parse_args()
    figures: list[Figure] = []
    for name, windows, rate_hz in _sources(options.bidmc, options.windows):
        acts = _acts(windows, rate_hz)
        for act in acts.values():
            act()  # filters are designed once
        taken_s = best_of(*acts.values())
        figures += [
            Figure(name=f"{name}: {what}", value=f"{1000 * one / len(windows):.3f} ms",
                   target="< 1 ms" if what == RATE else "")
            for what, one in zip(acts, taken_s, strict=True)
        ]  # fmt: skip
        ours = dict(zip(acts, taken_s, strict=True))[RATE]
        figures += [
            Figure(name=f"{name}: {what} / ours", value=f"{one / ours:.1f}")
            for what, one in zip(acts, taken_s, strict=True)
            if what.startswith("NeuroKit2")
        ]
    threads = int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1
    print(table_of(figures, f"{threads} threads, windows of 60 s, CPU time each"))


RATE = "breaths, apneas, rate and quality"


def _sources(bidmc: Path | None, count: int) -> list[tuple[str, Sequence[DoubleArray], float]]:
    sources: list[tuple[str, Sequence[DoubleArray], float]] = []
    for rate_hz in (10.0, 25.0):
        sampling = replace(PUBLISHED, rate_hz=rate_hz, snr_db=None, is_scaled=False)
        rng = np.random.default_rng(0)
        made = simulate(None, count, sampling, rng=rng).clean
        seen = seen_by(made, rate_hz, ORDINARY, rng=rng).signal
        sources.append((f"simulated, {rate_hz:g} Hz", list(seen), rate_hz))
    if bidmc is not None:
        recordings = [one.recording for one in islice(read_bidmc(bidmc), -(-count // 8))]
        parts = [part for one in recordings for part in np.split(one.signal[:60000], 8)]
        sources.append(("BIDMC, 125 Hz", parts[:count], 125.0))
    return sources


def _acts(windows: Sequence[DoubleArray], rate_hz: float) -> dict[str, Callable[[], object]]:
    bridged = [_bridged(one) for one in windows]
    acts: dict[str, Callable[[], object]] = {
        RATE: lambda: [_rate(one, rate_hz) for one in windows],
        "breaths alone": lambda: [find_breaths(one, rate_hz=rate_hz) for one in windows],
        "pattern by rule": lambda: [classify_by_rule(one, rate_hz=rate_hz) for one in windows],
    }
    for way in peers():
        acts[way.name] = lambda way=way: [  # type: ignore[misc]
            way.peaks_s(one, rate_hz) for one in bridged
        ]
    return acts


def _rate(signal: DoubleArray, rate_hz: float) -> object:
    breathing = find_breaths(signal, rate_hz=rate_hz)
    faults = find_faults(signal, rate_hz=rate_hz)
    quality = window_quality(breathing, faults, WINDOW)
    apneas = find_apneas(breathing, faults)
    return quality, measure(breathing.breaths, apneas, WINDOW, told=TOLD)


def _bridged(signal: DoubleArray) -> DoubleArray:
    """Bridge lost samples for NeuroKit2, outside of its time."""
    places, known = np.arange(signal.size), ~np.isnan(signal)
    return np.interp(places, places[known], signal[known])


if __name__ == "__main__":
    main()
