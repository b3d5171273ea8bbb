"""The same lungs are found again, whatever was done to the film around them."""

import numpy as np
import pytest
from scipy import ndimage

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.datasets.lung_forms import SAME_LUNGS_MIN, SIDE, NoLungsError, alike, compare_form


def _film(seed: int) -> FloatArray:
    noise = np.random.default_rng(seed).normal(size=(160, 140))
    smooth = ndimage.gaussian_filter(noise, 3)
    return np.asarray((smooth - smooth.min()) / np.ptp(smooth), np.float32)


LUNGS: BoolArray = np.zeros((160, 140), bool)
LUNGS[30:130, 20:120] = True


def _forms(*seeds: int) -> FloatArray:
    return np.array([compare_form(_film(seed), LUNGS) for seed in seeds])


def test_a_form_has_mean_zero_and_length_one() -> None:
    form = compare_form(_film(0), LUNGS)
    assert form.shape == (2, SIDE * SIDE)
    np.testing.assert_allclose(form.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(form, axis=1), 1, atol=1e-5)


def test_neither_tone_nor_place_nor_size_of_the_film_matters() -> None:
    film = _film(0)
    moved = np.pad(np.kron(film**2, np.ones((2, 2), np.float32)), ((0, 50), (70, 0)))
    lungs = np.pad(np.kron(LUNGS, np.ones((2, 2), bool)), ((0, 50), (70, 0)))
    one, other = compare_form(film, LUNGS), compare_form(moved, lungs)
    assert (one * other).sum(axis=1) == pytest.approx([1, 1], abs=0.01)


def test_a_mask_on_a_coarser_grid_cuts_out_the_same_box() -> None:
    one = compare_form(_film(0), LUNGS)
    other = compare_form(_film(0), LUNGS[::10, ::10])
    assert (one * other).sum(axis=1) == pytest.approx([1, 1], abs=0.001)


def test_lungs_at_the_edge_of_the_film_are_compared_with_its_edge_repeated() -> None:
    everything = np.ones((160, 140), bool)
    assert np.isfinite(compare_form(_film(0), everything)).all()


def test_a_film_without_lungs_is_refused() -> None:
    with pytest.raises(NoLungsError, match="mask is empty"):
        compare_form(_film(0), np.zeros((160, 140), bool))


def test_a_film_cut_to_half_its_size_is_alike_and_a_stranger_is_not() -> None:
    film = _film(0)
    tight = compare_form(film[25:135, 15:125], LUNGS[25:135, 15:125])
    details = np.stack([_forms(1)[0, 1], tight[1], _forms(2)[0, 1], _forms(0)[0, 1]])
    ((one, other, score),) = alike(details)
    assert (one, other) == (1, 3)
    assert SAME_LUNGS_MIN < score <= 1 + 1e-6


def test_pairs_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.datasets.lung_forms._BLOCK", 2)
    details = _forms(0, 1, 2, 0, 1)[:, 1]
    assert [(one, other) for one, other, _ in alike(details)] == [(0, 3), (1, 4)]
