"""Simulate breathing, and write the windows with what is true of them."""

import csv
import io
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.core.files import write_atomically
from thoracle.core.version import version
from thoracle.datasets.breathing import physiology, rsm
from thoracle.datasets.breathing.types import Sampling, Simulated
from thoracle.respiration.types import CLASSES

TRUTH_COLUMNS: Final = (
    "file", "window", "pattern", "rate_hz", "duration_s", "breaths", "onsets_s", "peaks_s",
    "pauses_s",
)  # fmt: skip
TRUTH: Final = "truth.csv"
VALUES_MAX: Final = 10**8  # samples of one simulation: 1.6 GB in memory
FILES_MAX: Final = 10_000  # of one folder: a typing error should not fill a disk


class Model(StrEnum):
    """Which simulator."""

    RSM = "rsm"
    PHYSIOLOGICAL = "physiological"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRequest:
    """What to simulate: `patterns` that the windows take in turn, None for all seven classes."""

    model: Model
    patterns: tuple[str, ...] | None
    count: int
    sampling: Sampling
    seed: int
    has_authors_slips: bool = False


def check_request(request: SimulationRequest, out: Path) -> None:
    """Say before the work that a request asks for too much, or for what its model has not.

    Parameters
    ----------
    request, out
        As for `write_simulation`.

    Raises
    ------
    SignalError
        There are too many windows for memory or for what is written, or the authors' slips are
        asked of another model.
    """
    if request.has_authors_slips and request.model is not Model.RSM:
        raise SignalError(
            f"found the authors' slips asked of the model {request.model} – expected that of the "
            f"authors, {Model.RSM}. Leave one of both out.",
            code="breathing-model",
        )
    if request.count * request.sampling.samples > VALUES_MAX:
        raise SignalError(
            f"found {request.count} windows of {request.sampling.samples} samples – expected at "
            f"most {VALUES_MAX:.0e} samples altogether. Simulate in parts, with a seed each.",
            code="breathing-too-many",
        )
    limit = {".npz": request.count, ".csv": 1}.get(out.suffix, FILES_MAX)
    if request.count > limit:
        raise SignalError(
            f"found {request.count} windows – expected at most {limit} in "
            f"{out.name}. Write a file that ends in .npz.",
            code="breathing-too-many",
        )


def simulate_breathing(request: SimulationRequest) -> Simulated:
    """Draw the windows of a request.

    Parameters
    ----------
    request
        The same request gives the same windows.

    Returns
    -------
    Simulated
        Signals and truth.
    """
    rng = np.random.default_rng(request.seed)
    if request.model is Model.PHYSIOLOGICAL:
        return physiology.simulate(request.patterns, request.count, request.sampling, rng=rng)
    return rsm.simulate(
        request.patterns,
        request.count,
        request.sampling,
        rng=rng,
        has_authors_slips=request.has_authors_slips,
    )


def write_simulation(made: Simulated, request: SimulationRequest, out: Path) -> tuple[Path, ...]:
    """Write windows and truth; each file is whole or not there, and the truth comes last.

    Parameters
    ----------
    made
        Of `simulate_breathing`.
    request
        What it was made from; it is kept with the truth.
    out
        A file .npz with all arrays, a file .csv with the one window that there is, or a folder of
        such CSV files.

    Returns
    -------
    tuple of Path
        The signals, then their truth: NAME.truth.csv beside a file, truth.csv in a folder, and
        unless the arrays hold it all the same with segments as JSON.
    """
    if out.suffix == ".npz":
        write_atomically(out, _npz(made, request))
        truth = out.with_suffix(f".{TRUTH}")
        write_atomically(truth, _truth_csv(made, [out.name] * request.count))
        return out, truth
    if out.suffix == ".csv":
        names, folder, truth = [out.name], out.parent, out.with_suffix(f".{TRUTH}")
    else:
        names = [f"window-{number:05d}.csv" for number in range(request.count)]
        folder, truth = out, out / TRUTH
    for window, name in enumerate(names):
        write_atomically(folder / name, _csv(made, window))
    write_atomically(truth, _truth_csv(made, names))
    write_atomically(truth.with_suffix(".json"), _truth_json(made, request, names))
    return (*(folder / name for name in names), truth, truth.with_suffix(".json"))


def facts_of(request: SimulationRequest) -> dict[str, object]:
    """Return what windows were made from, as JSON can hold it."""
    return {
        "synthetic": True,
        "made_by": f"Thoracle {version()}",
        "model": request.model.value,
        "patterns": list(request.patterns or CLASSES),
        "count": request.count,
        "seed": request.seed,
        "rate_hz": request.sampling.rate_hz,
        "duration_s": request.sampling.duration_s,
        "snr_db": request.sampling.snr_db,
        "is_scaled": request.sampling.is_scaled,
        "has_authors_slips": request.has_authors_slips,
    }


def _npz(made: Simulated, request: SimulationRequest) -> bytes:
    arrays = {
        "signal": made.signal,
        "clean": made.clean,
        "low": made.low,
        "high": made.high,
        "kinds": made.kinds,
        "classes": np.array(CLASSES),
        "onsets_s": made.onsets_s,
        "peaks_s": made.peaks_s,
        "pauses_s": made.pauses_s,
        "facts": np.array(json.dumps(facts_of(request))),
    }
    if made.segments is not None:
        arrays["segment_start_s"] = made.segments.start_s
        arrays["segment_parameters"] = made.segments.parameters
        arrays["segment_is_pause"] = made.segments.is_pause
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _csv(made: Simulated, window: int) -> bytes:
    text = io.StringIO()
    text.write("time (s),breathing\n")
    times = made.sampling.times_s.tolist()
    for time_s, value in zip(times, made.signal[window].tolist(), strict=True):
        text.write(f"{time_s:.9g},{value:.7g}\n")
    return text.getvalue().encode()


def _truth_csv(made: Simulated, names: list[str]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(TRUTH_COLUMNS)
    sampling = made.sampling
    for window, (name, pattern) in enumerate(zip(names, made.patterns, strict=True)):
        onsets, peaks = (_listed(each[window]) for each in (made.onsets_s, made.peaks_s))
        pauses = [f"{start:.4f}-{end:.4f}" for start, end in _listed(made.pauses_s[window])]
        lists = [" ".join(f"{one:.4f}" for one in times) for times in (onsets, peaks)]
        facts = [name, window, pattern, sampling.rate_hz, sampling.duration_s, len(onsets)]
        table.writerow([*facts, *lists, " ".join(pauses)])
    return text.getvalue().encode()


def _truth_json(made: Simulated, request: SimulationRequest, names: list[str]) -> bytes:
    windows = [
        {
            "file": name,
            "window": window,
            "pattern": pattern,
            "low": made.low[window],
            "high": made.high[window],
            "onsets_s": _listed(made.onsets_s[window]),
            "peaks_s": _listed(made.peaks_s[window]),
            "pauses_s": _listed(made.pauses_s[window]),
            **_details(made, window),
        }
        for window, (name, pattern) in enumerate(zip(names, made.patterns, strict=True))
    ]
    return (json.dumps({**facts_of(request), "windows": windows}, indent=1) + "\n").encode()


def _details(made: Simulated, window: int) -> dict[str, object]:
    if made.segments is None:
        return {}
    starts = _listed(made.segments.start_s[window])
    rows = zip(
        starts,
        made.segments.parameters[window].tolist(),
        made.segments.is_pause[window].tolist(),
        strict=False,  # padded
    )
    return {
        "segments": [
            {"start_s": start, **dict(zip("abcd", row, strict=True)), "is_pause": is_pause}
            for start, row, is_pause in rows
        ]
    }


def _listed(values: DoubleArray) -> list:  # type: ignore[type-arg]  # of numbers or of pairs
    """Return what stands before the padding."""
    is_there = ~np.isnan(values if values.ndim == 1 else values[:, 0])
    found: list = values[is_there].tolist()  # type: ignore[type-arg]
    return found
