"""`thoracle breathing monitor`: watch streams of breathing from standard input."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thoracle.respiration.monitor import Status


def monitor(
    *,
    rate_hz: Annotated[
        float, typer.Option(metavar="HZ", help="Samples per second of every stream.")
    ],
    sensor: Annotated[
        str,
        typer.Option(
            help="belt, impedance, volume, flow, capnography, depth_camera or unknown: it says "
            "which way inspiration goes."
        ),
    ],
    bundle: Annotated[
        str, typer.Option(help="Bundle that names patterns; none watches rates and pauses alone.")
    ] = "breathing",
    apnea_s: Annotated[float, typer.Option(min=5.0, help="Alarm so long after a breath.")] = 20.0,
    slow_per_minute: Annotated[float, typer.Option(min=0.0, help="Alarm at most at.")] = 8.0,
    fast_per_minute: Annotated[float, typer.Option(min=0.0, help="Alarm at least at.")] = 25.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Every second of every stream, a JSON object a line.")
    ] = False,
) -> None:
    """Watch breathing line by line: rate, pauses, patterns and alarms, anew each second.

    Each line is a value, or a stream's name, a comma and a value. Without --json a line is printed
    where a state or an alarm changes. No alarm here replaces a bedside monitor's.
    """
    from thoracle.core.results import DISCLAIMER
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.watch_breathing import is_news, status_line, status_to_json, watch
    from thoracle.respiration.alarms import AlarmLimits
    from thoracle.respiration.model import PatternClassifier
    from thoracle.respiration.monitor import Monitor

    limits = AlarmLimits(
        apnea_s=apnea_s, slow_per_minute=slow_per_minute, fast_per_minute=fast_per_minute
    )
    classifier = None if bundle == "none" else PatternClassifier(open_bundle(bundle), threads=1)
    watched = Monitor(classifier, rate_hz=rate_hz, sensor=sensor, limits=limits)
    typer.echo(DISCLAIMER, err=True)
    told: dict[str, Status] = {}
    for status in watch(sys.stdin, watched):
        if as_json:
            typer.echo(json.dumps(status_to_json(status)))
        elif is_news(status, told.get(status.patient)):
            typer.echo(status_line(status))
        told[status.patient] = status
