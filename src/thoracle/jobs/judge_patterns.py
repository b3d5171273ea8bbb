"""How a pattern network does on fresh simulated windows: as published, and as sensors give them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.breathing import physiology, rsm
from thoracle.datasets.breathing.sensor import Lost, Sensor, measure
from thoracle.datasets.breathing.types import PUBLISHED_RATE_HZ, PUBLISHED_SNR_DB, Sampling
from thoracle.evaluation.confusion import confusion_matrix
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.intervals import wilson
from thoracle.reporting.pattern_texts import PATTERN_TEXTS
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.rule import classify_by_rule
from thoracle.respiration.types import CLASSES, NOISE, WINDOW_S

SEED: Final = 20_261
"""No training, calibration or ablation draws from it."""
RULE_WINDOWS: Final = 700  # the rule takes a millisecond for each

_NOISE: Final = CLASSES.index(NOISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What windows are like: `sensor` None adds nothing to what the simulator gives."""

    name: str
    rate_hz: float = PUBLISHED_RATE_HZ
    snr_db: float | None = PUBLISHED_SNR_DB
    sensor: Sensor | None = None
    has_authors_slips: bool = False
    is_physiological: bool = False


def _lost(lost: Lost) -> Sensor:
    return Sensor(lost_share=(0.05, 0.05), lost=lost)


PUBLISHED_CONDITION: Final = Condition(name=PATTERN_TEXTS["condition_published"])
CONDITIONS: Final = (
    PUBLISHED_CONDITION,
    Condition(name=PATTERN_TEXTS["condition_slips"], has_authors_slips=True),
    Condition(name=PATTERN_TEXTS["condition_noise_free"], snr_db=None),
    Condition(name=PATTERN_TEXTS["condition_10_db"], snr_db=10.0),
    Condition(name=PATTERN_TEXTS["condition_5_hz"], rate_hz=5.0),
    Condition(name=PATTERN_TEXTS["condition_25_hz"], rate_hz=25.0),
    Condition(name=PATTERN_TEXTS["condition_5_hz_noise_free"], rate_hz=5.0, snr_db=None),
    Condition(name=PATTERN_TEXTS["condition_25_hz_10_db"], rate_hz=25.0, snr_db=10.0),
    Condition(name=PATTERN_TEXTS["condition_drift"], sensor=Sensor(drift=(0.0, 1.0))),
    Condition(name=PATTERN_TEXTS["condition_missing"], sensor=_lost(Lost.NAN)),
    Condition(name=PATTERN_TEXTS["condition_held"], sensor=_lost(Lost.HELD)),
    Condition(name=PATTERN_TEXTS["condition_zero"], sensor=_lost(Lost.ZEROS)),
    Condition(name=PATTERN_TEXTS["condition_gone"], sensor=_lost(Lost.GONE)),
    Condition(name=PATTERN_TEXTS["condition_physiological"], is_physiological=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCondition:
    """What was told under one condition.

    Attributes
    ----------
    condition
        What the windows were like.
    matrix : (7, 7) int64
        Simulated in rows, likeliest in columns, whether or not it was told.
    accuracy
        Likeliest class right, of all windows.
    answered
        Windows of a pattern in which one was told, of all such windows.
    accuracy_answered
        Right, of those.
    noise_refused
        Windows of noise in which nothing was told.
    rule_accuracy
        Of a rule on rate and pauses, over fewer windows.
    """

    condition: Condition
    matrix: IntArray = field(repr=False)
    accuracy: Estimate
    answered: Estimate
    accuracy_answered: Estimate
    noise_refused: Estimate
    rule_accuracy: Estimate


def judge_patterns(
    classifier: PatternClassifier,
    *,
    windows: int,
    conditions: Sequence[Condition] = CONDITIONS,
    on_progress: Progress = no_progress,
) -> tuple[JudgedCondition, ...]:
    """Judge a network on fresh windows of each condition.

    Parameters
    ----------
    classifier
        From a bundle.
    windows
        How many of each condition, all classes equally often.
    conditions
        What windows are like.
    on_progress
        Told of each condition.

    Returns
    -------
    tuple of JudgedCondition
        In order; the same windows each time.
    """
    judged = []
    for number, condition in enumerate(conditions):
        on_progress("judge", number, len(conditions))
        rng = np.random.default_rng((SEED, number))
        signal, kinds = simulated(condition, windows, rng=rng)
        found = classifier.classify(signal, rate_hz=condition.rate_hz)
        right = found.classes == kinds
        by_rule = _right_by_rule(signal[:RULE_WINDOWS], kinds[:RULE_WINDOWS], condition.rate_hz)
        told, is_noise = ~found.abstains, kinds == _NOISE
        judged.append(
            JudgedCondition(
                condition=condition,
                matrix=confusion_matrix(kinds, found.classes, classes=len(CLASSES)),
                accuracy=_share(right, np.ones(len(kinds), np.bool_)),
                answered=_share(told, ~is_noise),
                accuracy_answered=_share(right, told & ~is_noise),
                noise_refused=_share(~told, is_noise),
                rule_accuracy=_share(by_rule, np.ones(len(by_rule), np.bool_)),
            )
        )
    on_progress("judge", len(conditions), len(conditions))
    return tuple(judged)


def simulated(
    condition: Condition, count: int, *, rng: np.random.Generator
) -> tuple[DoubleArray, IntArray]:
    """Simulate the windows of a condition.

    Parameters
    ----------
    condition
        What they are like.
    count
        How many, all classes in turn.
    rng
        Source of randomness.

    Returns
    -------
    signal : (windows, samples) float64
        NaN where samples are missing.
    kinds : (windows,) int64
        Places in `CLASSES`.
    """
    sampling = Sampling(rate_hz=condition.rate_hz, duration_s=WINDOW_S, snr_db=condition.snr_db)
    if condition.is_physiological:
        made = physiology.simulate(None, count, sampling, rng=rng)
    else:
        made = rsm.simulate(
            None, count, sampling, rng=rng, has_authors_slips=condition.has_authors_slips
        )
    if condition.sensor is None:
        return made.signal, made.kinds
    return measure(made.signal, condition.rate_hz, condition.sensor, rng=rng).signal, made.kinds


def _right_by_rule(signal: DoubleArray, kinds: IntArray, rate_hz: float) -> BoolArray:
    told = [classify_by_rule(one, rate_hz=rate_hz).pattern for one in signal]
    return np.asarray([CLASSES.index(one) for one in told] == kinds, np.bool_)


def _share(hits: BoolArray, among: BoolArray) -> Estimate:
    return wilson(int((hits & among).sum()), int(among.sum()))
