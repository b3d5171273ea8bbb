"""McNemar's test: published examples, patients, and what it is when nothing differs."""

import itertools

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.mcnemar import mcnemar, sign_change_p


def judged(
    both: int, only_first: int, only_second: int, neither: int
) -> tuple[BoolArray, BoolArray]:
    """Return who is right, film by film."""
    counts = (both, only_first, only_second, neither)
    first = np.repeat([True, True, False, False], counts)
    return first, np.repeat([True, False, True, False], counts)


def own_patients(films: int) -> list[str]:
    return [f"p{index}" for index in range(films)]


def test_bentur_as_fagerland_lydersen_and_laake_print_it() -> None:
    """BMC Med Res Methodol 2013;13:91, table 1: exact 0.070, mid-p 0.039."""
    first, second = judged(1, 1, 7, 12)
    found = mcnemar(first, second, own_patients(21))
    assert found.films == 21
    assert round(found.p_exact, 3) == 0.070
    assert round(found.p_mid, 3) == 0.039


def test_the_sputum_media_of_armitage_and_berry() -> None:
    """Statistical Methods in Medical Research 1994, p. 127: 0.0162 corrected, 0.0129 exact."""
    first, second = judged(20, 12, 2, 16)
    found = mcnemar(first, second, own_patients(50))
    assert round(found.p_continuity, 4) == 0.0162
    assert round(found.p_exact, 4) == 0.0129


def test_with_one_film_each_the_test_by_patient_is_the_exact_one() -> None:
    first, second = judged(20, 12, 2, 16)
    found = mcnemar(first, second, own_patients(50))
    assert (found.p_by_patient, found.p_mid_by_patient) == (found.p_exact, found.p_mid)


def test_films_of_one_patient_count_once() -> None:
    first, second = judged(20, 8, 0, 16)
    patient = [*own_patients(20), *["same"] * 8, *[f"q{index}" for index in range(16)]]
    found = mcnemar(first, second, patient)
    assert found.p_exact == pytest.approx(2 / 2**8)
    assert found.p_by_patient == 1.0


def test_a_tie_and_no_difference_at_all_give_one() -> None:
    first, second = judged(3, 2, 2, 3)
    tie = mcnemar(first, second, own_patients(10))
    assert (tie.p_exact, tie.p_continuity) == (1.0, 1.0)
    assert tie.p_mid == pytest.approx(1 - 0.5 * 6 / 16)
    same = mcnemar(first, first, own_patients(10))
    assert (same.p_exact, same.p_mid, same.p_continuity) == (1.0, 0.5, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_sign_changes_equal_all_of_them_tried(seed: int) -> None:
    differences = np.random.default_rng(seed).integers(-3, 4, size=9)
    signs = np.array(list(itertools.product([-1, 1], repeat=9)))
    sums = np.abs(signs @ differences)
    seen = abs(differences.sum())
    p, p_mid = sign_change_p(differences)
    assert p == pytest.approx(np.mean(sums >= seen))
    assert p_mid == pytest.approx(np.mean(sums > seen) + 0.5 * np.mean(sums == seen))


def test_judgments_of_other_films_are_refused() -> None:
    first, second = judged(1, 1, 1, 1)
    with pytest.raises(EvaluationError, match="4 and 3 judgments of 4 films"):
        mcnemar(first, second[:3], own_patients(4))
