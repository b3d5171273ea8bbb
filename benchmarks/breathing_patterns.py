"""Time telling breathing patterns: the bundle, and PyTorch with the same weights; and many streams.

Run `python benchmarks/breathing_patterns.py RUN` in an installation with the extra `dev`, on an
idle machine. RUN is the folder of a finished `thoracle breathing train`. Both sides of a ratio take
turns in one run, on one thread, by CPU time. It prints a Markdown table; `--out FILE` writes it.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from thoracle.core.arrays import FloatArray
from thoracle.datasets.breathing.rsm import simulate
from thoracle.datasets.breathing.types import PUBLISHED_SNR_DB, Sampling
from thoracle.inference.bundle import open_bundle
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.monitor import Monitor
from thoracle.respiration.network_input import network_input
from thoracle.train.breathing.fit import RECIPE, WEIGHTS
from thoracle.train.breathing.network import PatternNetwork
from thoracle.train.breathing.recipe import read_pattern_recipe
from thoracle.train.weights import read_weights
from timing import Figure, table_of

RATE_HZ = 25.0
FIRST_S = 65  # of each stream, before its seconds are timed: a whole window and a little more.


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="Folder of a finished `thoracle breathing train`.")
    parser.add_argument("--windows", type=int, default=2000)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="Also write the table into this file.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    figures = [*_classified(options), *_watched(options)]
    printed = table_of(figures, "1 thread")
    print(printed)
    if options.out is not None:
        options.out.write_text(printed, encoding="utf-8")


def _classified(options: argparse.Namespace) -> list[Figure]:
    sampling = Sampling(rate_hz=RATE_HZ, duration_s=60.0, snr_db=PUBLISHED_SNR_DB)
    signal = simulate(None, options.windows, sampling, rng=np.random.default_rng(0)).signal
    classifier = PatternClassifier(open_bundle(str(options.run / "bundle")), threads=1)
    network = PatternNetwork(read_pattern_recipe(options.run / RECIPE).network)
    network.load_state_dict(read_weights(options.run / WEIGHTS))
    network.eval()

    def eager() -> FloatArray:
        inputs = torch.from_numpy(network_input(signal, rate_hz=RATE_HZ))
        with torch.inference_mode():
            parts = [network(one) for one in torch.tensor_split(inputs, len(inputs) // 256 + 1)]
        return torch.cat(parts).numpy()

    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(cpu_s(lambda: classifier.classify(signal, rate_hz=RATE_HZ)))
        theirs.append(cpu_s(eager))
    apart = np.abs(classifier.classify(signal, rate_hz=RATE_HZ).logits - eager()).max()
    what = f"{options.windows} windows of 60 s at {RATE_HZ:g} Hz"
    ours_s, theirs_s = statistics.median(ours), statistics.median(theirs)
    return [
        Figure(
            name=f"{what}: bundle, from signal to answer",
            value=f"{options.windows / ours_s:.0f} per second",
        ),
        Figure(
            name=f"{what}: PyTorch eager, the same input and weights, 256 at once",
            value=f"{options.windows / theirs_s:.0f} per second",
        ),
        Figure(name="the first / the second", value=f"{theirs_s / ours_s:.2f}", target="> 1"),
        Figure(name="largest difference of a logit", value=f"{apart:.1e}", target="≤ 1e-4"),
    ]


def _watched(options: argparse.Namespace) -> list[Figure]:
    """Let as many patients breathe for some seconds and time what each second takes."""
    seconds = FIRST_S + 2 * options.rounds
    sampling = Sampling(rate_hz=RATE_HZ, duration_s=seconds, snr_db=PUBLISHED_SNR_DB)
    signal = simulate(None, options.streams, sampling, rng=np.random.default_rng(1)).signal
    classifier = PatternClassifier(open_bundle(str(options.run / "bundle")), threads=1)
    monitor = Monitor(classifier, rate_hz=RATE_HZ, sensor="belt")
    samples = round(RATE_HZ)
    for number, stream in enumerate(signal):
        monitor.push(str(number), stream[: FIRST_S * samples])
    monitor.step()
    taken = []
    for second in range(FIRST_S, seconds):

        def watch(at: int = second * samples) -> None:
            for number, stream in enumerate(signal):
                monitor.push(str(number), stream[at : at + samples])
            monitor.step()

        taken.append(cpu_s(watch))
    return [
        Figure(
            name=f"a second of {options.streams} streams of {RATE_HZ:g} Hz: all that is told",
            value=f"{statistics.median(taken):.2f} s of CPU, {max(taken):.2f} s at most",
            target="< 1 s",
        )
    ]


def cpu_s(act: Callable[[], object]) -> float:
    """Return the CPU time that an act takes."""
    started_s = time.process_time()
    act()
    return time.process_time() - started_s


if __name__ == "__main__":
    main()
