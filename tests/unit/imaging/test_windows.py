"""Modality and VOI functions: values from the standard's own formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ImageError
from thoracle.imaging import windows
from thoracle.imaging.windows import LookupTable, VoiFunction, Window

VALUES = np.array([[-1000.0, 0.0, 40.0, 80.0, 3000.0]], np.float32)


def test_rescale_gives_hounsfield_units() -> None:
    stored = np.array([[0, 1024, 4095]], np.uint16)
    values = windows.apply_rescale(stored, slope=1.0, intercept=-1024.0)
    assert values.tolist() == [[-1024.0, 0.0, 3071.0]]
    assert values.dtype == np.float32
    assert stored.dtype == np.uint16


def test_a_rescale_slope_of_0_is_refused_with_its_tag() -> None:
    with pytest.raises(ImageError, match=r"\(0028,1053\) is 0") as error:
        windows.apply_rescale(np.zeros((1, 1), np.uint8), slope=0.0, intercept=1.0)
    assert error.value.code == "image-window"


def test_the_linear_window_is_the_standard_s_example() -> None:
    # PS3.3 C.11.2.1.2.1: c=2048, w=4096 maps 0 to 4095 onto the whole range.
    shown = windows.apply_linear_window(np.array([[0, 4095]]), center=2048, width=4096)
    assert shown.tolist() == [[0.0, 1.0]]


def test_linear_and_linear_exact_differ_by_the_half_step_of_the_standard() -> None:
    values = np.array([[40.0]], np.float32)
    linear = windows.apply_linear_window(values, center=40, width=401)
    exact = windows.apply_linear_exact_window(values, center=40, width=401)
    assert linear[0, 0] == pytest.approx(0.5 + 0.5 / 400)
    assert exact[0, 0] == pytest.approx(0.5)


def test_a_window_of_width_1_is_a_step_half_below_its_center() -> None:
    values = np.array([[9.0, 9.5, 9.6, 10.0]], np.float32)
    assert windows.apply_linear_window(values, center=10, width=1).tolist() == [[0, 0, 1, 1]]


def test_a_width_below_one_says_which_tag_and_what_to_do() -> None:
    with pytest.raises(ImageError, match=r"\(0028,1051\) is 0, .* Use LINEAR_EXACT"):
        windows.apply_linear_window(np.zeros((2, 2), np.float32), center=0, width=0)


@pytest.mark.parametrize("width", [0.0, -5.0, math.nan])
def test_the_other_functions_need_a_width_above_0(width: float) -> None:
    for apply in (windows.apply_linear_exact_window, windows.apply_sigmoid_window):
        with pytest.raises(ImageError, match=r"\(0028,1051\)"):
            apply(VALUES, center=0, width=width)


def test_the_sigmoid_is_the_standard_s_formula_and_does_not_overflow() -> None:
    shown = windows.apply_sigmoid_window(VALUES, center=40, width=80)
    assert shown[0, 2] == 0.5
    assert shown[0, 3] == pytest.approx(1 / (1 + math.exp(-4 * 40 / 80)))
    assert shown[0, 0] == pytest.approx(0.0)
    assert shown[0, 4] == pytest.approx(1.0)


@pytest.mark.parametrize("function", list(VoiFunction))
def test_apply_window_uses_the_window_s_own_function(function: VoiFunction) -> None:
    direct = {
        VoiFunction.LINEAR: windows.apply_linear_window,
        VoiFunction.LINEAR_EXACT: windows.apply_linear_exact_window,
        VoiFunction.SIGMOID: windows.apply_sigmoid_window,
    }[function](VALUES, center=40, width=400)
    window = Window(center=40, width=400, function=function)
    np.testing.assert_array_equal(windows.apply_window(VALUES, window=window), direct)


@pytest.mark.parametrize("function", list(VoiFunction))
@given(center=st.floats(-2000, 2000), width=st.floats(1, 5000))
def test_every_window_rises_within_0_to_1_and_leaves_its_input_alone(
    function: VoiFunction, center: float, width: float
) -> None:
    values = np.linspace(-3000, 3000, 61, dtype=np.float32).reshape(1, -1)
    before = values.copy()
    shown = windows.apply_window(
        values, window=Window(center=center, width=width, function=function)
    )
    assert shown.min() >= 0.0
    assert shown.max() <= 1.0
    assert (np.diff(shown) >= 0).all()
    np.testing.assert_array_equal(values, before)


def test_a_voi_table_maps_inputs_and_holds_its_ends() -> None:
    table = LookupTable(entries=np.array([0, 51, 255], np.uint16), first=-1, bits=8)
    values = np.array([[-9.0, -1.0, 0.0, 0.6, 1.0, 99.0]], np.float32)
    shown = windows.apply_voi_lut(values, table=table)
    np.testing.assert_allclose(shown, [[0, 0, 0.2, 1, 1, 1]], atol=1e-6)


def test_a_modality_table_gives_its_entries_as_they_are() -> None:
    table = LookupTable(entries=np.array([10, 500, 60000], np.uint16), first=2, bits=16)
    stored = np.array([[0, 2], [3, 4]], np.uint8)
    assert windows.apply_modality_lut(stored, table=table).tolist() == [[10, 10], [500, 60000]]


def test_a_film_taller_than_a_block_is_looked_up_whole() -> None:
    table = LookupTable(entries=np.arange(1000, dtype=np.uint16), first=0, bits=16)
    stored = np.arange(700, dtype=np.uint16).reshape(700, 1)
    np.testing.assert_array_equal(windows.apply_modality_lut(stored, table=table), stored)


def test_a_range_maps_its_ends_to_black_and_white() -> None:
    shown = windows.apply_range(np.array([[-5, 0, 5]]), low=-5, high=5)
    np.testing.assert_allclose(shown, [[0, 0.5, 1]])


def test_a_range_without_extent_is_black() -> None:
    assert windows.apply_range(np.full((2, 2), 7), low=7, high=7).tolist() == [[0, 0], [0, 0]]


def test_inverting_twice_changes_nothing() -> None:
    display = np.array([[0.0, 0.25, 1.0]], np.float32)
    np.testing.assert_array_equal(windows.invert(windows.invert(display)), display)
    assert windows.invert(display).tolist() == [[1.0, 0.75, 0.0]]
