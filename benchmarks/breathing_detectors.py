"""Ways to find breaths, side by side: on the tuning half of BIDMC, and on simulated bodies.

Run `python benchmarks/breathing_detectors.py --bidmc FOLDER`. It tells why the one in
`thoracle.respiration.breaths` was chosen, and how well it finds simulated breaths, pauses and
inspirations. Everything is seeded: the tables repeat.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import signal as dsp

from thoracle.core.arrays import DoubleArray
from thoracle.core.version import version
from thoracle.datasets.breathing.bidmc import BidmcRecording, read_bidmc
from thoracle.datasets.breathing.physiology import simulate
from thoracle.datasets.breathing.sensor import ORDINARY, Sensor, measure
from thoracle.datasets.breathing.types import PUBLISHED, Simulated
from thoracle.evaluation.breathing import BreathCounts, match_breaths, rate_of_marks
from thoracle.jobs.breathing_peers import peers
from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.filters import orient
from thoracle.respiration.measures import find_apneas
from thoracle.respiration.quality import find_faults
from thoracle.respiration.types import PATTERNS, Apnea, Breath

Detector = Callable[[DoubleArray, float], DoubleArray]
WINDOW_S = 60.0
EDGE_S = 2.0  # of a simulated window: breaths cut there belong to nobody
SAMPLING = replace(PUBLISHED, rate_hz=25.0, snr_db=None, is_scaled=False)
HARD = replace(ORDINARY, ripple=(0.15, 0.4), drift=(0.5, 1.5), white_snr_db=(5.0, 15.0))
_ON_BIDMC = (
    "BIDMC, tuning half, {recordings} recordings: F1 within 1 s, and mean absolute error of the "
    "rate over windows of {window_s:g} s, each by itself.\n"
)
_ON_BODIES = (
    "Simulated bodies, {count} windows of 60 s at 25 Hz of each pattern, seen by an ordinary "
    "sensor and, second, by a bad one (ripple, drift, noise): F1 within a third of the window's "
    "median breath, at most 1 s.\n"
)
_ON_TIMING = (
    "Ours on the same windows ({count} of each pattern, ordinary sensor): onset less true onset "
    "and share of inspiration less true share (median, 5th to 95th percentile over windows), "
    "apneas of 10 s and more.\n"
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bidmc", type=Path, help="Folder of the collection; left out without.")
    parser.add_argument("--windows", type=int, default=50, help="Simulated of each pattern.")
    options = parser.parse_args()
    ways = detectors()
    print(f"Thoracle {version()}.\n")
    if options.bidmc is not None:
        ordered = list(read_bidmc(options.bidmc))
        tuning = {one.patient for one in ordered[::2]}
        print(on_bidmc(ways, [one for one in ordered if one.patient in tuning]))
    print(on_bodies(ways, options.windows))
    print(timing_of_bodies(options.windows))


def detectors() -> dict[str, Detector]:
    """Return every way: from a signal, inspiration up, and its rate to ends of inspiration, s."""
    fixed = {
        f"turns of a quarter of the range, low-pass {cutoff_hz:g} Hz": _turns_below(cutoff_hz)
        for cutoff_hz in (0.5, 1.0, 1.5)
    }
    return {
        "ours: low-pass by how fast one breathes, turns by the breaths around": _ours,
        **fixed,
        "count-orig (Schäfer and Kratky 2008)": count_orig,
        **{way.name: way.peaks_s for way in peers()},
    }


def _ours(signal: DoubleArray, rate_hz: float) -> DoubleArray:
    return find_breaths(signal, rate_hz=rate_hz).peaks_s


def _turns_below(cutoff_hz: float) -> Detector:
    def peaks_s(signal: DoubleArray, rate_hz: float) -> DoubleArray:
        passed = _band(signal, rate_hz, 0.05, cutoff_hz)
        low, high = np.percentile(passed, [10, 90])
        found, _ = dsp.find_peaks(passed, prominence=0.25 * (high - low))
        return np.asarray(found / rate_hz, np.float64)

    return peaks_s


def count_orig(signal: DoubleArray, rate_hz: float) -> DoubleArray:
    """Find peaks above 0.2 of the third quartile, with one trough below zero in between.

    References
    ----------
    Schäfer and Kratky 2008, Estimation of breathing rate from respiratory sinus arrhythmia, Annals
    of Biomedical Engineering 36:476–485.
    """
    passed = _band(signal, rate_hz, 0.1, 0.5)
    peaks, _ = dsp.find_peaks(passed)
    troughs, _ = dsp.find_peaks(-passed)
    if not peaks.size:
        return np.empty(0)
    high = peaks[passed[peaks] > 0.2 * np.percentile(passed[peaks], 75)]
    kept: set[int] = set()
    for one, two in zip(high[:-1].tolist(), high[1:].tolist(), strict=True):
        between = troughs[(troughs > one) & (troughs < two)]
        if between.size == 1 and passed[between[0]] < 0:
            kept |= {one, two}
    return np.array(sorted(kept), np.float64) / rate_hz


def on_bidmc(ways: dict[str, Detector], recordings: Sequence[BidmcRecording]) -> str:
    """Compare them with the first annotator, the second beside them."""
    lines = [
        _ON_BIDMC.format(recordings=len(recordings), window_s=WINDOW_S),
        "| way | precision | recall | F1 | error, 1/min | windows without a rate |",
        "|---|---|---|---|---|---|",
    ]
    for name, way in ways.items():
        counts, errors = [], []
        for one in recordings:
            rate_hz = one.recording.rate_hz
            signal = orient(one.recording.signal, sensor="impedance", rate_hz=rate_hz)
            counts.append(match_breaths(way(signal, rate_hz), one.marks_s[0]))
            errors += _errors(one, way, signal)
        lines.append(_row(name, counts, errors))
    second = [match_breaths(one.marks_s[1], one.marks_s[0]) for one in recordings]
    both = [_rates(one.marks_s[1]) - _rates(one.marks_s[0]) for one in recordings]
    lines.append(_row("second annotator", second, np.concatenate(both).tolist()))
    return "\n".join([*lines, ""])


def _errors(one: BidmcRecording, way: Detector, signal: DoubleArray) -> list[float]:
    rate_hz, reference = one.recording.rate_hz, _rates(one.marks_s[0])
    samples = round(WINDOW_S * rate_hz)
    found = [
        rate_of_marks(way(part, rate_hz), start_s=0, end_s=WINDOW_S)
        for part in np.split(signal[: samples * reference.size], reference.size)
    ]
    return [one - true for one, true in zip(found, reference.tolist(), strict=True)]


def _rates(marks_s: DoubleArray) -> DoubleArray:
    starts = np.arange(8) * WINDOW_S
    return np.array(
        [rate_of_marks(marks_s, start_s=start, end_s=start + WINDOW_S) for start in starts]
    )


def _row(name: str, counts: Sequence[BreathCounts], errors: Sequence[float]) -> str:
    precision, recall, f1 = _shares(counts)
    missed = int(np.isnan(errors).sum())
    error = float(np.nanmean(np.abs(errors)))
    return f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {error:.2f} | {missed} |"


def _shares(counts: Sequence[BreathCounts]) -> tuple[float, float, float]:
    matched, found, marked = (
        sum(getattr(one, name) for one in counts) for name in ("matched", "found", "reference")
    )
    return matched / max(found, 1), matched / max(marked, 1), 2 * matched / max(found + marked, 1)


def on_bodies(ways: dict[str, Detector], count: int) -> str:
    """Compare them with what is true of simulated windows, by pattern."""
    lines = [
        _ON_BODIES.format(count=count),
        f"| way | {' | '.join(PATTERNS)} |",
        f"|---|{'---|' * len(PATTERNS)}",
    ]
    seen = {pattern: [_seen(pattern, count, one) for one in (ORDINARY, HARD)]
            for pattern in PATTERNS}  # fmt: skip
    for name, way in ways.items():
        cells = [
            " / ".join(f"{_f1(way, truth, signals):.3f}" for truth, signals in seen[pattern])
            for pattern in PATTERNS
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _seen(pattern: str, count: int, sensor: Sensor) -> tuple[Simulated, DoubleArray]:
    rng = np.random.default_rng(PATTERNS.index(pattern))
    truth = simulate([pattern], count, SAMPLING, rng=rng)
    seen = measure(truth.clean, SAMPLING.rate_hz, sensor, rng=rng).signal
    return truth, seen


def _f1(way: Detector, truth: Simulated, signals: DoubleArray) -> float:
    counts = []
    for signal, peaks_s in zip(signals, truth.peaks_s, strict=True):
        inner = _inner(peaks_s[~np.isnan(peaks_s)])
        steps_s = np.diff(inner)
        tolerance_s = min(1.0, float(np.median(steps_s)) / 3) if steps_s.size else 1.0
        found = _inner(way(_filled(signal), SAMPLING.rate_hz))
        counts.append(match_breaths(found, inner, tolerance_s=tolerance_s))
    return _shares(counts)[2]


def _inner(moments_s: DoubleArray) -> DoubleArray:
    return moments_s[(moments_s > EDGE_S) & (moments_s < WINDOW_S - EDGE_S)]


def _filled(signal: DoubleArray) -> DoubleArray:
    """Bridge lost samples for everybody, since only ours knows how to do without them."""
    places, known = np.arange(signal.size), ~np.isnan(signal)
    return np.interp(places, places[known], signal[known])


def timing_of_bodies(count: int) -> str:
    """Tell how far inspirations and apneas of ours are from the truth."""
    lines = [
        _ON_TIMING.format(count=count),
        "| pattern | onset, s | share of inspiration | apneas | too many | start, s | length, s |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_timing_row(pattern, count) for pattern in PATTERNS), ""])


def _timing_row(pattern: str, count: int) -> str:
    truth, signals = _seen(pattern, count, ORDINARY)
    onsets, shares, pairs = [], [], []
    true_apneas = found_apneas = 0
    for row, signal in enumerate(signals):
        breathing = find_breaths(signal, rate_hz=SAMPLING.rate_hz)
        found = find_apneas(breathing, find_faults(signal, rate_hz=SAMPLING.rate_hz))
        pauses = truth.pauses_s[row][~np.isnan(truth.pauses_s[row][:, 0])]
        real = [pause for pause in pauses.tolist() if pause[1] - pause[0] >= 10]
        matched = _paired(found, real)
        true_apneas, found_apneas = true_apneas + len(real), found_apneas + len(found)
        pairs += matched
        known = truth.onsets_s[row][~np.isnan(truth.onsets_s[row])]
        ours = np.array([one.onset_s for one in breathing.breaths])
        if ours.size and known.size:
            near = known[np.abs(ours[:, None] - known).argmin(axis=1)]
            onsets.append(float(np.median(ours - near)))
            shares.append(_share_error(truth, row, breathing.breaths))
    starts = [one.start_s - real[0] for one, real in pairs]
    lengths = [one.length_s - (real[1] - real[0]) for one, real in pairs]
    return (
        f"| {pattern} | {_spread(onsets)} | {_spread(shares)} | {len(pairs)} of {true_apneas} "
        f"| {found_apneas - len(pairs)} | {_spread(starts)} | {_spread(lengths)} |"
    )


def _share_error(truth: Simulated, row: int, breaths: Sequence[Breath]) -> float:
    onsets = truth.onsets_s[row][~np.isnan(truth.onsets_s[row])]
    peaks = truth.peaks_s[row][~np.isnan(truth.peaks_s[row])]
    true = []
    for start, end in pairwise(onsets.tolist()):
        inside = peaks[(peaks > start) & (peaks < end)]
        if inside.size and end - start < 10:
            true.append((inside[0] - start) / (end - start))
    ours = [(one.peak_s - one.onset_s) / (one.end_s - one.onset_s) for one in breaths]
    return float(np.median(ours) - np.median(true)) if true and ours else float("nan")


def _paired(found: Sequence[Apnea], real: list[list[float]]) -> list[tuple[Apnea, list[float]]]:
    """Pair each true apnea with a found one that covers half of it."""
    pairs = []
    for start_s, end_s in real:
        for one in found:
            shared = min(end_s, one.start_s + one.length_s) - max(start_s, one.start_s)
            if shared >= (end_s - start_s) / 2:
                pairs.append((one, [start_s, end_s]))
                break
    return pairs


def _spread(values: Sequence[float]) -> str:
    known = np.array([one for one in values if np.isfinite(one)])
    if not known.size:
        return "–"
    low, middle, high = np.percentile(known, [5, 50, 95])
    return f"{middle:+.2f} ({low:+.2f} to {high:+.2f})"


def _band(signal: DoubleArray, rate_hz: float, low_hz: float, high_hz: float) -> DoubleArray:
    sections = dsp.butter(2, [low_hz, high_hz], "bandpass", fs=rate_hz, output="sos")
    return np.asarray(dsp.sosfiltfilt(sections, signal), np.float64)


if __name__ == "__main__":
    main()
