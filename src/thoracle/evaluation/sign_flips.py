"""Exact tests of paired differences of a few patients, by turning their signs."""

import math
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.non_inferiority import need_margin

EXACT_MAX = 16
"""Patients up to whom all turns of signs are counted: 65,536; of more, as many are drawn."""
DRAWS = 2**EXACT_MAX
_SAME = 1e-12  # sums that differ by rounding alone are equal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlips:
    """Whether the first of two is not worse than the second, and whether it is worse.

    `mean` is of the differences, first minus second. `p` is one-sided, of the hypothesis that the
    first is worse by the margin or more; `p_worse` of the hypothesis that it is not worse at all.
    No differences of `patients` patients could give a smaller p than `smallest_p`.
    """

    patients: int
    mean: float
    margin: float
    p: float
    p_worse: float
    smallest_p: float


def sign_flips(
    differences: DoubleArray, *, margin: float, generator: np.random.Generator
) -> SignFlips:
    """Test paired differences against a margin, one difference to a patient.

    Parameters
    ----------
    differences : (patients,) float64
        First minus second, of a figure of which more is better.
    margin
        How much worse the first may be, above 0, declared before.
    generator
        Draws the turns where there are more than 16 patients.

    Returns
    -------
    SignFlips
        Exact, on the assumption that a patient's difference lies as often as far to the one side
        of its mean as to the other.

    Raises
    ------
    EvaluationError
        There is no difference, or one is not a finite number.

    References
    ----------
    Fisher, The Design of Experiments, 1935, section 21; Phipson and Smyth, Stat Appl Genet Mol
    Biol 2010;9:39, for the drawn ones.
    """
    need_margin(margin)
    if not differences.size or not np.isfinite(differences).all():
        raise EvaluationError(
            f"found {differences.size} differences, or one that is no number – expected one finite "
            "difference to a patient. Leave out patients who have none.",
            code="evaluation-values",
        )
    return SignFlips(
        patients=differences.size,
        mean=float(differences.mean()),
        margin=margin,
        p=_share_above(differences + margin, generator),
        p_worse=_share_above(-differences, generator),
        smallest_p=_share_above(np.ones(differences.size), generator),
    )


def patients_least(alpha: float) -> int:
    """Return how many patients a test needs before it can show anything at a level.

    Examples
    --------
    >>> patients_least(0.05), patients_least(0.025)
    (5, 6)
    """
    return math.ceil(-math.log2(alpha))


def patients_needed(differences: DoubleArray, *, margin: float, alpha: float) -> int | None:
    """Return about how many patients would show two that are alike to be so half of the time.

    Parameters
    ----------
    differences : (patients,) float64
        Their spread stands for that of the patients to come.
    margin, alpha
        As for `sign_flips`, and its level.

    Returns
    -------
    int or None
        By the normal approximation; None of a single patient, who has no spread.
    """
    if differences.size < 2:
        return None
    wide = NormalDist().inv_cdf(1.0 - alpha) * float(differences.std(ddof=1)) / margin
    return max(patients_least(alpha), math.ceil(wide**2))


def _share_above(values: DoubleArray, generator: np.random.Generator) -> float:
    """Return in which share of all turns of signs the sum is as high as it is, or higher."""
    found = float(values.sum())
    if values.size <= EXACT_MAX:
        signs = np.array(list(product((1.0, -1.0), repeat=values.size)))
        return float((signs @ values >= found - _SAME).mean())
    signs = generator.choice((1.0, -1.0), size=(DRAWS, values.size))
    # The turns that were found count as one of those that were drawn.
    return float(((signs @ values >= found - _SAME).sum() + 1) / (DRAWS + 1))
