"""What passes between the steps that read a breathing signal."""

from dataclasses import dataclass, field
from typing import Final

from thoracle.core.arrays import DoubleArray

SENSORS: Final = (
    "belt",
    "impedance",
    "volume",
    "flow",
    "capnography",
    "depth_camera",
    "unknown",
)
"""Belt, impedance and volume rise with inspiration; depth camera and capnography fall; flow is the
change of volume, positive into the lungs; of an unknown sensor nothing is said of direction."""

PATTERNS: Final = (
    "eupnea",
    "bradypnea",
    "tachypnea",
    "biot",
    "cheyne_stokes",
    "central_apnea",
)
NOISE: Final = "noise"
CLASSES: Final = (*PATTERNS, NOISE)
"""In the order of the network's outputs; noise is no pattern, but a reason to abstain."""

WINDOW_S: Final = 60.0  # as published with the simulation model


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One breathing signal with its time.

    Attributes
    ----------
    signal : (samples,) float64
        As the sensor gave it, in `unit`; NaN where samples are missing.
    rate_hz
        Samples per second, from the file or from whoever knows; never assumed.
    sensor
        One of `SENSORS`.
    unit
        As the file says, or "" where it says none.
    sha256
        Of the file's bytes.
    """

    signal: DoubleArray = field(repr=False)
    rate_hz: float
    sensor: str
    unit: str
    sha256: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.signal.size / self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """One breath: from an onset of inspiration to the next.

    Attributes
    ----------
    onset_s, peak_s, end_s
        Seconds from the recording's start: inspiration begins, expiration begins, it is over, which
        is where the next one begins, or a pause of ten seconds or more.
    depth
        From the onset up to the peak, in the signal's unit; of one recording only.
    """

    onset_s: float
    peak_s: float
    end_s: float
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Apnea:
    """A time of ten seconds or more without a breath (the length of the AASM's manual)."""

    start_s: float
    length_s: float
