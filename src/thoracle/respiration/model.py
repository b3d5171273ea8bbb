"""Tell the pattern of windows of breathing with a bundle's network."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.inference.bundle import Bundle
from thoracle.inference.session import Network
from thoracle.respiration.network_input import (
    NETWORK_RATE_HZ,
    PATTERN_INPUT,
    has_long_gap,
    network_input,
)
from thoracle.respiration.types import CLASSES, NOISE

TASK: Final = "breathing_patterns"
_BATCH: Final = (
    32  # windows a run: more do not fit into the processor's cache, and take longer each
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternAnswers:
    """What a network says of windows, the first axis of all arrays.

    Attributes
    ----------
    logits : (windows, 7) float32
        The network's own numbers.
    probabilities : (windows, 7) float64
        Calibrated, in the order of `CLASSES`; they sum to 1.
    classes : (windows,) int64
        The likeliest of `CLASSES`.
    abstains : (windows,) bool
        The likeliest is noise, or less likely than the bundle's limit, or there is a gap of more
        than three seconds: no pattern is told.
    attention : (windows, steps) float32
        How much each step of the window weighed; they sum to 1.
    step_s
        Length of a step.
    """

    logits: FloatArray = field(repr=False)
    probabilities: DoubleArray = field(repr=False)
    classes: IntArray = field(repr=False)
    abstains: BoolArray = field(repr=False)
    attention: FloatArray = field(repr=False)
    step_s: float

    @property
    def names(self) -> tuple[str | None, ...]:
        """The pattern of each window; None where the network abstains."""
        return tuple(
            None if abstains else CLASSES[kind]
            for kind, abstains in zip(self.classes.tolist(), self.abstains.tolist(), strict=True)
        )


class PatternClassifier:
    """The pattern network of a bundle.

    Parameters
    ----------
    bundle
        Of task "breathing_patterns".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task(TASK).need_input(PATTERN_INPUT)
        self.abstain_below = bundle.number("abstain_below")
        self._network = Network(bundle, needs=("logits", "attention"), threads=threads)

    def classify(self, windows: DoubleArray, *, rate_hz: float) -> PatternAnswers:
        """Tell the pattern of each window.

        Parameters
        ----------
        windows : (windows, samples) float64
            Up is into the lungs, NaN where samples are missing; 55 to 60 s each, any unit.
        rate_hz
            Samples per second; too low a rate, or another length, is a SignalError.

        Returns
        -------
        PatternAnswers
            One for each window.
        """
        inputs = network_input(windows, rate_hz=rate_hz)
        return self.answer(inputs, is_blind=has_long_gap(windows, rate_hz=rate_hz))

    def answer(self, inputs: FloatArray, *, is_blind: BoolArray) -> PatternAnswers:
        """Tell the pattern of windows that are the network's input already.

        Parameters
        ----------
        inputs : (windows, 600) float32
            From `network_input`.
        is_blind : (windows,) bool
            Windows of which nothing may be told.

        Returns
        -------
        PatternAnswers
            One for each window.
        """
        # The runtime ends the process over a batch of none.
        shown = inputs if len(inputs) else np.zeros((1, inputs.shape[1]), np.float32)
        parts = [self._network.run(shown[at : at + _BATCH]) for at in range(0, len(shown), _BATCH)]
        logits = np.concatenate([one["logits"] for one in parts])[: len(inputs)]
        attention = np.concatenate([one["attention"] for one in parts])[: len(inputs)]
        calibrated = logits.astype(np.float64) / self.bundle.temperature
        probabilities = np.asarray(scipy.special.softmax(calibrated, axis=1), np.float64)
        classes = np.asarray(probabilities.argmax(axis=1), np.int64)
        is_unsure = probabilities.max(axis=1, initial=0.0) < self.abstain_below
        return PatternAnswers(
            logits=logits,
            probabilities=probabilities,
            classes=classes,
            abstains=is_unsure | (classes == CLASSES.index(NOISE)) | is_blind,
            attention=attention,
            step_s=inputs.shape[1] / NETWORK_RATE_HZ / attention.shape[1],
        )
