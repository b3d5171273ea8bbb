"""McNemar's test of which of two classifiers is right more often on the same films."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import EvaluationError


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """Films by who is right, and two-sided p values of "both are right equally often".

    `p_exact`, `p_mid` and `p_continuity` take films as independent. `p_by_patient` is the exact
    test on patients: each patient's difference in right films may have either sign. With one
    film of each patient it equals `p_exact`. Where no film is judged differently all are 1 but the
    mid-p values, which are 0.5: they count the observed outcome, the only one, half.
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    p_exact: float
    p_mid: float
    p_continuity: float
    p_by_patient: float
    p_mid_by_patient: float

    @property
    def films(self) -> int:
        """All films."""
        return self.both_right + self.only_first + self.only_second + self.both_wrong


def mcnemar(
    first_is_right: BoolArray,
    second_is_right: BoolArray,
    patient: Sequence[str] | npt.NDArray[np.str_],
) -> McNemar:
    """Test whether two classifiers are right equally often.

    Parameters
    ----------
    first_is_right, second_is_right : (films,) bool
        Whether each is right, in the same order of films.
    patient : (films,) str
        Who each film is of.

    Returns
    -------
    McNemar
        Counts and p values.

    Raises
    ------
    EvaluationError
        There is no film, or the three differ in length.

    References
    ----------
    McNemar 1947; the correction is Edwards' 1948; mid-p after Fagerland, Lydersen and Laake
    2013. By patient: the randomization test that changes signs (Fisher 1935), a patient's films
    together.
    """
    if not first_is_right.size == second_is_right.size == len(patient) > 0:
        raise EvaluationError(
            f"{first_is_right.size} and {second_is_right.size} judgments of {len(patient)} films: "
            "expected one of each for at least 1 film. Judge the same films with both.",
            code="evaluation-pair",
        )
    only_first = int(np.sum(first_is_right & ~second_is_right))
    only_second = int(np.sum(~first_is_right & second_is_right))
    per_film = first_is_right.astype(np.int64) - second_is_right.astype(np.int64)
    p_exact, p_mid = sign_change_p(per_film)
    names, place = np.unique(np.asarray(patient, dtype=np.str_), return_inverse=True)
    per_patient = np.bincount(place, weights=per_film, minlength=names.size)
    p_by_patient, p_mid_by_patient = sign_change_p(np.rint(per_patient).astype(np.int64))
    return McNemar(
        both_right=int(np.sum(first_is_right & second_is_right)),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int(np.sum(~first_is_right & ~second_is_right)),
        p_exact=p_exact,
        p_mid=p_mid,
        p_continuity=_continuity(only_first, only_second),
        p_by_patient=p_by_patient,
        p_mid_by_patient=p_mid_by_patient,
    )


def sign_change_p(differences: IntArray) -> tuple[float, float]:
    """Return the exact two-sided p value of a sum whose terms could have had either sign.

    Parameters
    ----------
    differences : (clusters,) int64
        Each cluster's difference; clusters are independent.

    Returns
    -------
    tuple of float
        The p value and the mid-p value, which counts the observed outcome half.
    """
    total = abs(int(differences.sum()))
    chances = _sum_chances(np.abs(differences))
    middle = chances.size // 2
    beyond = np.abs(np.arange(chances.size) - middle)
    at_least = float(chances[beyond >= total].sum())
    exactly = float(chances[beyond == total].sum())
    p = min(1.0, at_least)
    return p, p - 0.5 * exactly


def _sum_chances(sizes: IntArray) -> DoubleArray:
    """Return the chance of each sum of ±sizes, from minus to plus their total."""
    chances = np.ones(1)
    for size in np.unique(sizes[sizes > 0]).tolist():
        count = int(np.sum(sizes == size))
        steps = np.zeros(2 * size * count + 1)
        steps[:: 2 * size] = scipy.stats.binom.pmf(np.arange(count + 1), count, 0.5)
        chances = np.convolve(chances, steps)
    return chances


def _continuity(only_first: int, only_second: int) -> float:
    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    root = max(0.0, abs(only_first - only_second) - 1.0) / math.sqrt(discordant)
    return float(2.0 * scipy.stats.norm.sf(root))
