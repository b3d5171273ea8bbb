"""`thoracle breathing classify`: the pattern of each minute of a recording."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.breathing_options import (
    ChannelName,
    RateHz,
    RecordingPath,
    SensorName,
    TimeUnit,
)
from thoracle.cli.outputs import file_to_write

if TYPE_CHECKING:
    from thoracle.respiration.patterns import PatternWindow

_WHY = {
    "unsure": "no pattern likely enough",
    "noise": "noise",
    "gap": "samples missing for more than 3 s",
    "disconnected": "sensor off",
}


def classify(
    path: RecordingPath,
    *,
    channel: ChannelName = None,
    rate_hz: RateHz = None,
    sensor: SensorName = None,
    time_unit: TimeUnit = None,
    step_s: Annotated[
        float, typer.Option(min=0.1, help="From one window of 60 s to the next, in seconds.")
    ] = 60.0,
    bundle: Annotated[str, typer.Option(help="Name or folder of the bundle.")] = "breathing",
    out: Annotated[
        Path | None,
        typer.Option(callback=file_to_write, help="JSON file for all windows with attention."),
    ] = None,
) -> None:
    """Tell the breathing pattern of each minute of a recording.

    Eupnea, bradypnea, tachypnea, Biot's and Cheyne–Stokes breathing, central apnea; or why none is
    told. The network learned from simulated breathing alone.
    """
    from thoracle.core.files import write_atomically
    from thoracle.core.results import DISCLAIMER
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.breathing_files import Choice, open_recording
    from thoracle.reporting.pattern_texts import PATTERN_TEXTS
    from thoracle.respiration.model import PatternClassifier
    from thoracle.respiration.patterns import tell_patterns

    choice = Choice(channel=channel, rate_hz=rate_hz, sensor=sensor, time_unit=time_unit)
    with DecoderPool.from_settings(workers=1) as pool:
        recording = open_recording(path, choice, pool)
    opened = open_bundle(bundle)
    windows = tell_patterns(recording, PatternClassifier(opened), step_s=step_s)
    for one in windows:
        typer.echo(_line(one))
    typer.echo(f"{opened.name} {opened.version}: {PATTERN_TEXTS['limit_simulated']} {DISCLAIMER}")
    if out is not None:
        said = {
            "schema": "thoracle breathing classify 1",
            "bundle": asdict(opened.reference),
            "sha256": recording.sha256,
            "windows": [{**asdict(one), "attention": one.attention.tolist()} for one in windows],
            "disclaimer": DISCLAIMER,
        }
        write_atomically(out, (json.dumps(said, indent=1) + "\n").encode("utf-8"))


def _line(window: "PatternWindow") -> str:
    likeliest = f"{100.0 * max(window.probabilities):.1f} %"
    if window.pattern is None:
        why = _WHY[window.reason]
        return f"{window.start_s:7.1f} s  nothing told: {why} ({window.likeliest}, {likeliest})"
    return f"{window.start_s:7.1f} s  {window.pattern} ({likeliest})"
