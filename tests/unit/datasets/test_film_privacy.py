"""Distances with a known answer: copies are found, strangers are not."""

import numpy as np
import pytest
from scipy import ndimage

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.datasets.film_privacy import PrivacyError, describe_nearness, measure_nearness
from thoracle.datasets.lung_forms import compare_form


def _film(seed: int) -> FloatArray:
    noise = np.random.default_rng(seed).normal(size=(160, 140))
    smooth = ndimage.gaussian_filter(noise, 3)
    return np.asarray((smooth - smooth.min()) / np.ptp(smooth), np.float32)


LUNGS: BoolArray = np.zeros((160, 140), bool)
LUNGS[30:130, 20:120] = True


def _forms(*seeds: int) -> FloatArray:
    return np.array([compare_form(_film(seed), LUNGS) for seed in seeds])


def test_a_copy_of_a_training_film_is_found_out() -> None:
    whole, detail = measure_nearness(_forms(9, 2), _forms(1, 2, 3), ["a", "b", "c"])
    for each in (whole, detail):
        assert each.synthetic[1] == pytest.approx(0, abs=1e-5)
        assert each.synthetic[0] > 0.5
        assert not each.is_private
    assert (whole.name, detail.name) == ("whole", "detail")


def test_strangers_are_as_far_from_each_other_as_from_a_synthetic_film() -> None:
    results = measure_nearness(_forms(7, 8, 9), _forms(*range(10, 40)), [str(k) for k in range(30)])
    for each in results:
        assert each.synthetic.mean() == pytest.approx(each.patients.mean(), abs=0.1)


def test_films_of_one_patient_do_not_count_as_two_patients() -> None:
    films = _forms(1, 1, 2)
    (whole, _) = measure_nearness(_forms(9), films, ["a", "a", "b"])
    assert whole.patients.min() > 0.5
    (whole, _) = measure_nearness(_forms(9), films, ["a", "b", "c"])
    assert whole.patients.min() == pytest.approx(0, abs=1e-5)
    assert whole.is_private


@pytest.mark.parametrize(
    ("drawn", "groups"), [((), ["a", "b"]), ((9,), ["a", "a"]), ((9,), ["a", "b", "c"])]
)
def test_too_little_to_compare_is_refused(drawn: tuple[int, ...], groups: list[str]) -> None:
    with pytest.raises(PrivacyError, match="expected at least one and two"):
        measure_nearness(_forms(*drawn), _forms(1, 2), groups)


def test_the_table_says_in_words_whether_anyone_is_too_near() -> None:
    good = describe_nearness(measure_nearness(_forms(9), _forms(1, 1, 2), ["a", "b", "c"]))
    bad = describe_nearness(measure_nearness(_forms(2), _forms(1, 2, 3), ["a", "b", "c"]))
    assert good.count("no synthetic film lies nearer") == 2
    assert bad.count("A SYNTHETIC FILM LIES nearer") == 2
    assert "patient - patient" in good
