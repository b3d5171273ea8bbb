"""Options of the commands for breathing: which signal of a file, and what the user answers for."""

from pathlib import Path
from typing import Annotated

import typer

RecordingPath = Annotated[
    Path,
    typer.Argument(
        help="A recording: CSV (also .csv.gz), EDF, a ZIP archive of a WFDB record, or its .hea "
        "file beside the others."
    ),
]
ChannelName = Annotated[
    str | None,
    typer.Option("--channel", help="Which channel, where there are several; see `info`."),
]
RateHz = Annotated[
    float | None,
    typer.Option(
        "--rate-hz",
        metavar="HZ",
        help="Samples per second, where the file does not say it. Never assumed.",
    ),
]
SensorName = Annotated[
    str | None,
    typer.Option(
        "--sensor",
        help="belt, impedance, volume, flow, capnography, depth_camera or unknown: it says which "
        "way inspiration goes.",
    ),
]
TimeUnit = Annotated[
    str | None,
    typer.Option(
        "--time-unit",
        help="Unit of a time column whose name does not say it: s, ms, us or min.",
    ),
]
