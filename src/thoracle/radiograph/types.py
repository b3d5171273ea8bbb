"""What the steps of the radiograph task hand to each other."""

from dataclasses import dataclass, field

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import GateDecision, Reason
from thoracle.imaging.resample import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What the gate says of a film: the decision, warnings, and whether its grey is inverted."""

    decision: GateDecision
    warnings: tuple[Reason, ...] = ()
    is_inverted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lungs:
    """Where the lungs are.

    `mask` is (rows, columns) bool on the lung network's own grid, which covers the whole film;
    `box` is in pixels of the film; `found` is False when no lungs were seen and the box is the
    whole film.
    """

    mask: BoolArray = field(repr=False)
    box: Box
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What the classifier returns for one film.

    Attributes
    ----------
    logits : (findings,) float32
        The network's own numbers.
    embedding : (channels,) float32
        Pooled features of the last layer.
    maps
        Layer/method to (findings, h, w) float32.
    seen : (size, size) float32
        What the network saw of the film, -1 to 1.
    """

    logits: FloatArray
    embedding: FloatArray = field(repr=False)
    maps: dict[str, FloatArray] = field(repr=False)
    seen: FloatArray = field(repr=False)
