"""How people breathe in each pattern: rates, depths, pauses and how much breaths differ.

Every range is drawn from uniformly, once a window, unless it says otherwise.

References
----------
Tobin 1983: Breathing patterns, 1. Normal subjects, Chest 84:202–205. Tobin 1988: Variability of
resting respiratory drive and timing in healthy subjects, J Appl Physiol 65:309–317. Tobin 1995:
Interrelationship of breath components in neighboring breaths of normal eupneic subjects, Am J
Respir Crit Care Med 152:1967–1976. Li and Yackle 2017: Sighing, Curr Biol 27:R88–R89. AASM: Berry
et al. 2012, Rules for scoring respiratory events in sleep, J Clin Sleep Med 8:597–619. NEWS2: Royal
College of Physicians 2017, National Early Warning Score 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Range = tuple[float, float]

RATE_VARIATION: Final[Range] = (0.03, 0.32)
"""Coefficient of variation from breath to breath; Tobin 1988: 20.8 ± 11.5 % (SD) in 15 min, of
which a quiet minute may show little."""

DEPTH_VARIATION: Final[Range] = (0.05, 0.48)
"""Likewise; Tobin 1988: 33 ± 14.9 %."""

INSPIRED_SHARE: Final[Range] = (0.32, 0.48)
"""Inspiratory time to that of the whole breath (I:E of 1:2.1 to 1:1.1); Tobin 1983: 0.42 ± 0.033 in
healthy people, less in obstruction."""

INSPIRED_VARIATION: Final[Range] = (0.05, 0.24)
"""Coefficient of variation of that share; Tobin 1988: 17.9 ± 6.5 %."""

INSPIRED_LIMITS: Final[Range] = (0.2, 0.6)
"""Of a single breath; chosen."""

MEMORY: Final[Range] = (0.0, 0.5)
"""How alike neighboring breaths are (lag-1 autocorrelation); Tobin 1995: 0.295 ± 0.148 of depth,
0.2 to 0.26 of times."""

LEVEL_VARIATION: Final[Range] = (0.01, 0.15)
"""Of the level at the end of expiration, in mean depths; chosen."""

EXPIRATION_FORM: Final[Range] = (0.55, 1.0)
"""Exponent: 1 falls as inspiration rises, less falls sooner and then rests; chosen."""

SIGH_DEPTH: Final[Range] = (2.0, 4.0)
"""A sigh's depth in those of other breaths, drawn for each; Li and Yackle 2017: 2 to 5."""

STEADY_TIMES: Final[Range] = (0.5, 2.0)
"""No breath is quicker or slower than the mean by more than that; chosen."""

WAX_FLOOR: Final = 0.15
"""Depth of the first and the last breath of a crescendo–decrescendo, in that of the deepest;
chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a pattern is breathed.

    Attributes
    ----------
    rate_per_minute
        While there is breathing.
    depth
        Mean depth; 1 is usual.
    breathing_s, apnea_s
        Lengths of the episodes that take turns, drawn for each; None where nobody pauses.
    depth_variation
        Of depth from breath to breath.
    is_waxing
        Whether depth waxes and wanes in each episode of breathing.
    has_sighs
        Whether a sigh may come.
    """

    rate_per_minute: Range
    depth: Range = (0.7, 1.3)
    breathing_s: Range | None = None
    apnea_s: Range | None = None
    depth_variation: Range = DEPTH_VARIATION
    is_waxing: bool = False
    has_sighs: bool = True


HABITS: Final[Mapping[str, Habit]] = MappingProxyType({
    # 12 to 20 a minute is usual (NEWS2 scores it 0), less and more is brady- and tachypnea. The
    # mean of a window keeps half a breath away from both limits, so that its name is true.
    "eupnea": Habit(rate_per_minute=(12.5, 19.5)),
    # From 6 a minute on the mean breath is no longer than 10 s, which AASM would call an apnea.
    "bradypnea": Habit(rate_per_minute=(6.0, 11.5)),
    "tachypnea": Habit(rate_per_minute=(20.5, 40.0), depth=(0.3, 1.3)),
    # Clusters of alike breaths and pauses, both of any length; numbers chosen.
    "biot": Habit(
        rate_per_minute=(16.0, 30.0),
        depth=(0.9, 1.6),
        breathing_s=(8.0, 30.0),
        apnea_s=(10.0, 30.0),
        depth_variation=(0.02, 0.15),
        has_sighs=False,
    ),
    # A cycle of 40 s or more (AASM), 45 to 90 s as it is usually described, and central apneas of
    # 10 s or more in it (AASM).
    "cheyne_stokes": Habit(
        rate_per_minute=(14.0, 26.0),
        breathing_s=(30.0, 60.0),
        apnea_s=(15.0, 30.0),
        depth_variation=(0.02, 0.2),
        is_waxing=True,
        has_sighs=False,
    ),
    # Apneas of 10 s or more (AASM) in otherwise usual breathing; lengths chosen.
    "central_apnea": Habit(
        rate_per_minute=(10.0, 20.0), breathing_s=(8.0, 40.0), apnea_s=(10.0, 35.0)
    ),
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What happens to a body beyond its pattern.

    Attributes
    ----------
    sighs_per_hour
        Li and Yackle 2017: about a dozen.
    shifts_per_hour
        Changes of posture, at most one a window; chosen.
    shift_s
        How long one takes; chosen.
    shift_level
        By how much it moves the level, up or down, in usual depths; chosen.
    shift_gain
        What it multiplies the depth with, as the sensor sees it; chosen.
    """

    sighs_per_hour: float = 12.0
    shifts_per_hour: float = 6.0
    shift_s: Range = (0.5, 3.0)
    shift_level: Range = (0.3, 3.0)
    shift_gain: Range = (0.5, 1.8)
