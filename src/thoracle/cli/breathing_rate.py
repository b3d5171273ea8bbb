"""`thoracle breathing rate`: rate, breaths, apneas and quality of recordings, window by window."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thoracle.cli.breathing_options import ChannelName, RateHz, SensorName, TimeUnit

if TYPE_CHECKING:
    from thoracle.respiration.analyze import MeasuredBreathing, MeasuredWindow

_COLUMNS = (
    "file", "start_s", "length_s", "quality", "reasons", "breaths", "rate_per_minute",
    "breathing_rate_per_minute", "length_cv", "breath_to_breath", "depth_median", "depth_cv",
    "ie_ratio", "apneas", "apnea_s",
)  # fmt: skip


def rate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Recordings: CSV (also .csv.gz), EDF, a ZIP archive of a WFDB record, or its .hea."
        ),
    ],
    *,
    channel: ChannelName = None,
    rate_hz: RateHz = None,
    sensor: SensorName = None,
    time_unit: TimeUnit = None,
    window_s: Annotated[
        float, typer.Option("--window-s", metavar="S", help="Length of a window, 10 s or more.")
    ] = 60.0,
    step_s: Annotated[
        float | None,
        typer.Option(
            "--step-s", metavar="S", help="From window to window; its length if left out."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, every breath in it.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, one row a window.")] = False,
) -> None:
    """Measure breathing: rate, breaths, depth, I:E, variability, apneas and quality.

    Raises
    ------
    typer.BadParameter
        JSON and CSV are both asked for.
    """
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.jobs.breathing_files import Choice, open_recording
    from thoracle.respiration.analyze import measure_recording

    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    choice = Choice(channel=channel, rate_hz=rate_hz, sensor=sensor, time_unit=time_unit)
    with DecoderPool.from_settings(workers=1) as pool:
        measured = [
            measure_recording(open_recording(path, choice, pool), window_s=window_s, step_s=step_s)
            for path in paths
        ]
    named = list(zip(map(str, paths), measured, strict=True))
    if as_json:
        content = [_as_json(name, one) for name, one in named]
        typer.echo(json.dumps(content, indent=1))
    elif as_csv:
        typer.echo(_as_csv(named), nl=False)
    else:
        for name, one in named:
            typer.echo("\n".join(_lines(name, one)))


def _lines(name: str, measured: "MeasuredBreathing") -> list[str]:
    recording = measured.recording
    said = (
        f"{name}: {recording.sensor}, {recording.duration_s:.1f} s at {recording.rate_hz:g} Hz, "
        f"{len(measured.breathing.breaths)} breaths, {len(measured.apneas)} apneas"
    )
    head = (
        f"{'start, s':>9} {'quality':>8} {'breaths':>8} {'per min':>8} {'depth':>9} {'I:E':>6} "
        f"{'CV':>6} {'apnea, s':>9}  reasons"
    )
    apneas = [f"apnea from {one.start_s:.1f} s for {one.length_s:.1f} s" for one in measured.apneas]
    return [said, head, *(_line(one) for one in measured.windows), *apneas]


def _line(one: "MeasuredWindow") -> str:
    quality, told = one.quality, one.measures
    start = f"{one.window.start_s:9.1f} {quality.index:8.2f}"
    reasons = ", ".join(quality.reasons)
    if told is None:
        return f"{start} {'too bad to tell anything':>51}  {reasons}"
    ratio = "–" if not told.ie_ratio else f"1:{1 / told.ie_ratio:.1f}"
    return (
        f"{start} {told.breaths:8d} {_short(told.rate_per_minute, '.1f'):>8} "
        f"{_short(told.depth_median, '.3g'):>9} {ratio:>6} {_short(told.length_cv, '.2f'):>6} "
        f"{told.apnea_s:9.1f}  {reasons}"
    )


def _short(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _as_csv(named: "list[tuple[str, MeasuredBreathing]]") -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for name, one in named:
        writer.writerows({"file": name, **_as_row(window)} for window in one.windows)
    return stream.getvalue()


def _as_row(one: "MeasuredWindow") -> dict[str, Any]:
    told = {} if one.measures is None else asdict(one.measures)
    quality = {"quality": one.quality.index, "reasons": " ".join(one.quality.reasons)}
    return {**asdict(one.window), **quality, **told}


def _as_json(name: str, measured: "MeasuredBreathing") -> dict[str, Any]:
    recording = measured.recording
    return {
        "file": name,
        "sha256": recording.sha256,
        "sensor": recording.sensor,
        "unit": recording.unit,
        "rate_hz": recording.rate_hz,
        "duration_s": recording.duration_s,
        "breaths": [asdict(one) for one in measured.breathing.breaths],
        "apneas": [asdict(one) for one in measured.apneas],
        "faults": asdict(measured.faults),
        "windows": [asdict(one) for one in measured.windows],
    }
