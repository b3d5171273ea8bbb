"""What looks like HU is taken, what cannot be is not, and a window's grey is read back."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thoracle.imaging.ct_slice import Values
from thoracle.imaging.hounsfield import as_hu, from_window, why_not_hu
from thoracle.imaging.trust import ScanRefusedError, Trust

Thorax = Callable[..., NDArray[np.int16]]
WINDOW = (-1350.0, 150.0)


@pytest.fixture
def hu(thorax: Thorax) -> NDArray[np.int16]:
    return thorax()


@pytest.fixture
def grey(hu: NDArray[np.int16]) -> NDArray[np.int16]:
    """A window's grey of 12 bits, with black beyond the scanner's circle."""
    shown = np.clip((hu + 1350.0) / 1500.0, 0, 1)
    shown[:, :2] = 0
    whole: NDArray[np.int16] = np.rint(shown * 4095).astype(np.int16)
    return whole


def test_a_chest_in_hu_is_not_refused(hu: NDArray[np.int16]) -> None:
    assert why_not_hu(list(hu)) is None
    assert why_not_hu(list(hu.astype(np.float32))) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda hu: hu + 1024.0,  # the intercept is lost
        lambda hu: np.clip((hu + 1350) / 1500, 0, 1) * 4095,
        lambda hu: np.clip((hu + 1350) / 1500, 0, 1) * 255,
        lambda hu: np.clip((hu + 1350) / 1500, 0, 1) * 2 - 1,
        lambda hu: np.clip((hu + 1350) / 1500, 0, 1) * 2000 - 1000,  # stretched to look like HU
        lambda hu: hu * 0.5,
        lambda hu: -hu,
        lambda hu: hu * 0.0 - 1000.0,  # air alone
        lambda hu: np.where(hu < -700, np.float32(-4000), hu),
        lambda hu: np.where(hu > -300, hu + 200, hu),  # only the tissue is wrong
        lambda hu: np.where(np.indices(hu.shape).sum(0) < 4, -1000, np.maximum(hu, -100)),  # no air
    ],
)
def test_what_cannot_be_hu_is_refused(
    change: Callable[[NDArray[np.int16]], NDArray[np.float64]], hu: NDArray[np.int16]
) -> None:
    changed: Values = change(hu).astype(np.float32)
    reason = why_not_hu(list(changed))
    assert reason is not None
    assert reason.code == "scan-not-hu"


def test_a_voxel_without_a_number_is_refused(hu: NDArray[np.int16]) -> None:
    holed = hu.astype(np.float32)
    holed[3, 4, 5] = np.nan
    reason = why_not_hu(list(holed))
    assert reason is not None
    assert reason.code == "scan-not-finite"


def test_what_lies_outside_the_scanner_s_circle_becomes_air(hu: NDArray[np.int16]) -> None:
    padded = hu.astype(np.float32) + 0.4
    padded[:, 0] = -3024
    found = as_hu(list(padded))
    assert found.hu.dtype == np.int16
    assert (found.hu[:, 0] == -1024).all()
    assert np.array_equal(found.hu[:, 1:], np.maximum(hu[:, 1:], -1024))
    assert found.window_hu is None
    assert np.array_equal(as_hu(list(hu)).hu, np.maximum(hu, -1024))


def test_values_cut_off_above_are_told(hu: NDArray[np.int16]) -> None:
    assert [one.code for one in as_hu(list(hu)).warnings] == []
    (told,) = as_hu(list(np.minimum(hu, 45))).warnings
    assert told.code == "scan-clipped"
    assert "45 HU" in told.text


def test_a_window_s_grey_is_read_back_to_less_than_a_step(
    hu: NDArray[np.int16], grey: NDArray[np.int16]
) -> None:
    found = from_window(list(grey), Trust(), WINDOW)
    inside = np.clip(hu, -1350, 150)[:, 2:]
    assert np.abs(found.hu[:, 2:] - inside).max() <= 1
    assert found.window_hu == WINDOW
    assert found.warnings == ()
    (said,) = found.assumptions
    assert said.code == "scan-window-assumed"
    assert "0 was taken for -1350 HU and 4095 for 150 HU" in said.text


@pytest.mark.parametrize("scale", [255, 4095])
def test_the_same_window_gives_the_same_hu_whatever_the_depth(
    scale: int, grey: NDArray[np.int16]
) -> None:
    real = grey.astype(np.float32) / 4095 * 2 - 1
    coarse = np.rint(grey / 4095 * scale).astype(np.int16)
    one, other = (from_window(list(each), Trust(), WINDOW) for each in (real, coarse))
    assert np.abs(one.hu - other.hu).max() <= 1500 / scale
    codes = [each.code for each in other.warnings]
    assert codes == (["scan-window-coarse"] if scale == 255 else [])


def test_grey_whose_ends_are_unknown_is_asked_for(grey: NDArray[np.int16]) -> None:
    narrow = np.clip(grey, 900, None)
    narrow[0, 0, 0], narrow[narrow == 4095] = 800, 4000
    with pytest.raises(ScanRefusedError) as error:
        from_window(list(narrow), Trust(), WINDOW)
    assert error.value.code == "scan-grey-range"
    found = from_window(list(narrow), Trust(grey_range=(0.0, 4095.0)), WINDOW)
    assert found.hu.max() == round(-1350 + 4000 / 4095 * 1500)


def test_a_window_that_does_not_fit_is_doubted(grey: NDArray[np.int16]) -> None:
    (told,) = from_window(list(grey), Trust(), (-160.0, 240.0)).warnings
    assert told.code == "scan-window-doubtful"


def test_a_window_for_hu_is_refused(hu: NDArray[np.int16]) -> None:
    with pytest.raises(ScanRefusedError, match="Leave out --assume-window"):
        from_window(list(hu), Trust(), WINDOW)


@pytest.mark.parametrize("window", [(150.0, -1350.0), (0.0, 0.5), (-9000.0, 0.0), (0.0, np.nan)])
def test_a_window_that_is_none_is_refused(
    window: tuple[float, float], grey: NDArray[np.int16]
) -> None:
    with pytest.raises(ScanRefusedError) as error:
        from_window(list(grey), Trust(), window)
    assert error.value.code == "scan-window"


@given(offset=st.integers(-40, 40), gain=st.floats(0.97, 1.03))
def test_a_scanner_s_drift_is_not_refused(offset: int, gain: float, thorax: Thorax) -> None:
    hu = (thorax().astype(np.float32) + 1000) * np.float32(gain) - 1000 + offset
    assert why_not_hu(list(hu.astype(np.float32))) is None
