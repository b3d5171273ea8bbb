"""A depth video from anybody to a breathing signal, and that to a table that any command opens."""

from pathlib import Path

import numpy as np

from thoracle.core.errors import SystemFaultError
from thoracle.imaging.depth import check_depth_size
from thoracle.imaging.depth_chest import Box, Chest
from thoracle.imaging.sandbox import DecoderPool
from thoracle.respiration.depth import chest_recording
from thoracle.respiration.types import Recording

__all__ = ["Box", "open_depth", "recording_csv"]


def open_depth(
    path: Path, pool: DecoderPool, *, rate_hz: float | None, box: Box | None = None
) -> tuple[Recording, Chest]:
    """Open a depth video and measure the chest in it.

    Parameters
    ----------
    path
        .npy, .npz, a TIFF of several pages, or a ZIP archive of frames.
    pool
        Decodes the file; it is not opened in this process.
    rate_hz
        Frames per second.
    box
        The chest, where it is given by hand; None finds it.

    Returns
    -------
    recording, chest
        A file that cannot be read, or shows no chest, is an ImageError; a rate that is not given is
        a SignalError.

    Raises
    ------
    SystemFaultError
        The file is missing or cannot be read.
    """
    try:
        check_depth_size(path.stat().st_size)
        content = path.read_bytes()
    except OSError as fault:
        raise SystemFaultError(fault) from fault
    frames = pool.decode_depth(content, name=path.name)
    del content  # it may be as large as the frames
    return chest_recording(frames, rate_hz=rate_hz, box=box)


def recording_csv(recording: Recording, *, name: str) -> bytes:
    """Write a signal as a table of time and one channel, missing samples empty.

    Parameters
    ----------
    recording
        Any.
    name
        Of the channel.
    """
    unit = f" [{recording.unit}]" if recording.unit else ""
    rows = [f"time_s,{name}{unit}"]
    for index, value in enumerate(recording.signal):
        shown = "" if np.isnan(value) else f"{value:.4f}"
        rows.append(f"{index / recording.rate_hz:.6f},{shown}")
    return ("\n".join(rows) + "\n").encode()
