"""`thoracle breathing depth`: the chest in a depth video, as a breathing signal."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.breathing_options import RateHz
from thoracle.cli.outputs import file_to_write


def depth(
    frames: Annotated[
        Path,
        typer.Argument(
            help="Depth frames in mm: .npy or .npz of (frames, rows, columns), a TIFF of several "
            "pages, or a ZIP archive of 16-bit PNG files."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(callback=file_to_write, help="CSV file for time and the chest's distance."),
    ],
    *,
    rate_hz: RateHz = None,
    box: Annotated[
        tuple[int, int, int, int] | None,
        typer.Option(
            metavar="TOP LEFT BOTTOM RIGHT",
            help="The chest, in the camera's pixels; without it, what breathes is looked for.",
        ),
    ] = None,
) -> None:
    """Measure how far the chest is in each frame of a depth video.

    The signal is one of the sensor depth_camera: it falls with inspiration.
    """
    from thoracle.core.files import write_atomically
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.jobs.breathing_depth import Box, open_depth, recording_csv

    region = None if box is None else Box(top=box[0], left=box[1], bottom=box[2], right=box[3])
    with DecoderPool.from_settings(workers=1) as pool:
        recording, chest = open_depth(frames, pool, rate_hz=rate_hz, box=region)
    write_atomically(out, recording_csv(recording, name="chest"))
    found = chest.box
    typer.echo(
        f"{out}: {recording.signal.size} frames, {recording.duration_s:.1f} s; chest in rows "
        f"{found.top} to {found.bottom}, columns {found.left} to {found.right}"
    )
