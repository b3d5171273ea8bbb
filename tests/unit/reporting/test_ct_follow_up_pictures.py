"""Pictures show the slices that are ill, and color what changed."""

import io
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.unit.ct.courses import course

from thoracle.ct.transitions import OUTSIDE, Common
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS
from thoracle.reporting.ct_follow_up_pictures import COLORS, GAP_PX, WIDTH_PX, slice_pictures


def _common(radii: tuple[float, float]) -> Common:
    found = course(radii=radii).steps[0].common
    assert found is not None
    return found


def _pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))


def _has(picture: NDArray[np.uint8], name: str) -> bool:
    """Say whether the last panel holds a grey of which more than half is a color."""
    panel = picture[:, 2 * (WIDTH_PX + GAP_PX) :].astype(float)
    grey = (panel - 0.55 * np.array(COLORS[name])) / 0.45
    return bool(((np.ptp(grey, axis=2) < 4) & (np.ptp(panel, axis=2) > 20)).any())


def test_a_lesion_that_grew_is_new_around_what_is_still_there() -> None:
    pictures = slice_pictures(_common((20.0, 34.0)))
    assert 1 < len(pictures) <= 4
    numbers = [one.slice_number for one in pictures]
    assert numbers == sorted(numbers, reverse=True)
    shown = [_pixels(one.png) for one in pictures]
    assert shown[0].shape[1] == 3 * WIDTH_PX + 2 * GAP_PX
    assert any(_has(one, "new") for one in shown)
    assert any(_has(one, "persistent") for one in shown)
    assert not any(_has(one, "resolved") for one in shown)


def test_a_lesion_that_shrank_is_resolved_around_what_is_still_there() -> None:
    shown = [_pixels(one.png) for one in slice_pictures(_common((34.0, 20.0)))]
    assert any(_has(one, "resolved") for one in shown)
    assert not any(_has(one, "new") for one in shown)


def test_glass_that_became_solid_has_a_color_of_its_own() -> None:
    common = _common((34.0, 34.0))
    solid = np.where(common.later == GROUND_GLASS, CONSOLIDATION, common.later)
    pictures = slice_pictures(replace(common, later=solid.astype(np.uint8)))
    assert all(_has(_pixels(one.png), "thickened") for one in pictures)


def test_the_slice_is_named_by_its_number_in_the_earlier_scan() -> None:
    common = _common((20.0, 20.0))
    numbered = replace(common, slices=tuple(100 + one for one in common.slices))
    assert all(one.slice_number > 100 for one in slice_pictures(numbered))


def test_without_anything_ill_the_middle_is_shown() -> None:
    common = _common((0.0, 0.0))
    (one,) = slice_pictures(common)
    assert one.slice_number == common.slices[len(common.slices) // 2]


def test_what_the_later_scan_does_not_reach_is_black() -> None:
    common = _common((20.0, 34.0))
    none = np.full_like(common.later, OUTSIDE)
    picture = _pixels(slice_pictures(replace(common, later=none))[0].png)
    assert picture[:, WIDTH_PX + GAP_PX : 2 * WIDTH_PX + GAP_PX].max() == 0
