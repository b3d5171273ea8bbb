"""A depth video to a breathing signal: the mean distance of the chest, frame by frame."""

import numpy as np

from thoracle.core.errors import SignalError
from thoracle.imaging.depth import DepthFrames
from thoracle.imaging.depth_chest import Box, Chest, measure_chest
from thoracle.imaging.recording import RATE_MAX_HZ
from thoracle.respiration.types import Recording


def chest_recording(
    frames: DepthFrames, *, rate_hz: float | None, box: Box | None = None
) -> tuple[Recording, Chest]:
    """Measure the chest of a depth video.

    Parameters
    ----------
    frames
        From `DecoderPool.decode_depth`.
    rate_hz
        Frames per second; no format that is read says it.
    box
        The chest, where it is given by hand; None finds it.

    Returns
    -------
    recording, chest
        The signal in mm: it falls as the chest comes nearer, which is what sensor `depth_camera`
        says. And where the chest was taken to be.

    Raises
    ------
    SignalError
        signal-no-rate, signal-rate; signal-empty: the region was never seen.
    """
    if rate_hz is None:
        raise SignalError(
            "found no rate of frames – expected the camera's own: the files do not say it, and it "
            "is never assumed. Give --rate-hz, frames per second.",
            code="signal-no-rate",
        )
    if not 0.0 < rate_hz <= RATE_MAX_HZ:
        raise SignalError(
            f"found {rate_hz:g} frames per second – expected the camera's own, above 0. Correct "
            "--rate-hz.",
            code="signal-rate",
        )
    chest = measure_chest(frames, rate_hz=rate_hz, box=box)
    if np.isnan(chest.depth_mm).all():
        raise SignalError(
            "found no frame in which half of the chest was seen – expected most. Give another "
            "region with --box.",
            code="signal-empty",
        )
    recording = Recording(
        signal=chest.depth_mm,
        rate_hz=rate_hz,
        sensor="depth_camera",
        unit="mm",
        sha256=frames.sha256,
    )
    return recording, chest
