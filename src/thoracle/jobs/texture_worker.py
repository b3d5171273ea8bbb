"""Processes that measure texture file by file and answer in lines of JSON."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from thoracle.core.results import Reason
from thoracle.core.settings import settings
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.measure import Binning
from thoracle.jobs.analyze import printable
from thoracle.jobs.texture import MeasuredFile, TextureOptions, measure_file
from thoracle.radiograph.texture import RegionTexture


class Worker:
    """A process that measures one file at a time; it is started anew when it has died.

    Parameters
    ----------
    options
        What is measured of each file.
    """

    def __init__(self, options: TextureOptions) -> None:
        self._options = json.dumps(_options_json(options))
        self._process: subprocess.Popen[str] | None = None

    def measure(self, path: Path) -> MeasuredFile:
        """Measure one file; a process that dies over it is the file's error."""
        try:
            answer = self._ask(json.dumps(str(path)))
        except OSError:
            answer = ""
        if not answer:
            self.close()
            return _died(path)
        return measured_of(json.loads(answer))

    def close(self) -> None:
        """End the process, if one runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ask(self, question: str) -> str:
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            return ""
        process.stdin.write(f"{question}\n")
        process.stdin.flush()
        return process.stdout.readline()

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "thoracle.jobs.texture_worker", self._options]
        self._process = subprocess.Popen(  # noqa: S603  (our own module, no shell)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            process_group=0,  # Ctrl+C is for the process that reads the answers; it ends this one
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return self._process


def measure_files(
    paths: Sequence[Path], options: TextureOptions, *, workers: int | None = None
) -> Iterator[MeasuredFile]:
    """Measure files in worker processes and yield one result each, in their order.

    A worker that dies, for want of memory, say, costs the file that killed it and no other.

    Parameters
    ----------
    paths
        Films and NIfTI volumes.
    options
        What is measured.
    workers
        Processes; None means one for each core (setting `threads`). One works in this process.

    Yields
    ------
    MeasuredFile
        With an error where a file could not be measured.
    """
    count = min(workers or settings().threads or os.cpu_count() or 1, len(paths))
    if count <= 1:
        for path in paths:
            yield measure_file(path, options)
        return
    yield from measured_in_processes(paths, options, workers=count)


def measured_in_processes(
    paths: Sequence[Path], options: TextureOptions, *, workers: int
) -> Iterator[MeasuredFile]:
    """Measure files in processes and yield one result each, in their order.

    Parameters
    ----------
    paths
        Films and NIfTI volumes.
    options
        What is measured.
    workers
        How many processes.

    Yields
    ------
    MeasuredFile
        A file over which a process died has an error; the others are measured.
    """
    team = [Worker(options) for _ in range(workers)]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for one in team:
        idle.put(one)

    def measure(path: Path) -> MeasuredFile:
        worker = idle.get()
        try:
            return worker.measure(path)
        finally:
            idle.put(worker)

    try:
        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(measure, paths)
    finally:
        for one in team:
            one.close()


def serve(options: TextureOptions) -> None:
    """Answer one line of JSON, a path, with another, what was measured, until there is none."""
    for line in sys.stdin:
        measured = measure_file(Path(json.loads(line)), options)
        sys.stdout.write(f"{json.dumps(measured_json(measured))}\n")
        sys.stdout.flush()


def measured_json(measured: MeasuredFile) -> dict[str, Any]:
    """Return what was measured as JSON takes it: null for unknown."""
    return {
        "file": measured.file,
        "regions": [
            {
                "region": one.region,
                "pixels": one.pixels,
                "unit": one.unit,
                "features": {
                    name: None if math.isnan(value) else value
                    for name, value in one.features.items()
                },
            }
            for one in measured.regions
        ],
        "notes": [[one.code, one.text] for one in measured.notes],
        "error": None if measured.error is None else [measured.error.code, measured.error.text],
    }


def measured_of(said: dict[str, Any]) -> MeasuredFile:
    """Return what `measured_json` made JSON of."""
    regions = tuple(
        RegionTexture(
            region=one["region"],
            pixels=one["pixels"],
            unit=one["unit"],
            features={
                name: math.nan if value is None else value
                for name, value in one["features"].items()
            },
        )
        for one in said["regions"]
    )
    error = said["error"]
    return MeasuredFile(
        file=said["file"],
        regions=regions,
        notes=tuple(map(_reason_of, said["notes"])),
        error=None if error is None else _reason_of(error),
    )


def _reason_of(said: Sequence[str]) -> Reason:
    """Return a reason that the worker's code and sentence make."""
    return Reason(**dict(zip(("code", "text"), said, strict=True)))


def options_of(said: dict[str, Any]) -> TextureOptions:
    """Return the options that a worker was started with."""
    return TextureOptions(
        mask=None if said["mask"] is None else Path(said["mask"]),
        labels=tuple(said["labels"]),
        with_wavelets=said["with_wavelets"],
        bundle=said["bundle"],
        aggregation=Aggregation(said["aggregation"]),
        binning=Binning(**said["binning"]),
    )


def _options_json(options: TextureOptions) -> dict[str, Any]:
    binning = options.binning
    return {
        "mask": None if options.mask is None else str(options.mask),
        "labels": list(options.labels),
        "with_wavelets": options.with_wavelets,
        "bundle": options.bundle,
        "aggregation": str(options.aggregation),
        "binning": {
            "bins": binning.bins,
            "bin_size": binning.bin_size,
            "lowest": binning.lowest,
            "highest": binning.highest,
        },
    }


def _died(path: Path) -> MeasuredFile:
    text = "The process that measured this file ended, perhaps for want of memory. Cut it smaller."
    return MeasuredFile(
        file=printable(str(path)), error=Reason(code="texture-worker-died", text=text)
    )


if __name__ == "__main__":
    serve(options_of(json.loads(sys.argv[1])))
