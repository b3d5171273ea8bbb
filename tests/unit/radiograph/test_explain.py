"""Maps and their share inside the lungs: maps placed by hand, exactly inside and outside."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.results import ContributionMap
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.radiograph.explain import (
    contribution_maps,
    fine_mask,
    lung_share,
    map_warnings,
    mask_in_box,
)
from thoracle.radiograph.preprocess import lung_box
from thoracle.radiograph.types import Lungs, Scores

FILM = (640, 640)


def share_of(values: FloatArray, lungs: Lungs, *, scale_max: float) -> float | None:
    return lung_share(values, fine_mask(lungs, values.shape), scale_max=scale_max)


def lungs_at(rows: slice, columns: slice, *, side: int = 64) -> Lungs:
    mask = np.zeros((side, side), bool)
    mask[rows, columns] = True
    box = lung_box(mask, rows=FILM[0], columns=FILM[1])
    return Lungs(mask=mask, box=box or (0, 0, *FILM), found=box is not None)


@pytest.fixture
def two_lungs() -> Lungs:
    """Two lungs with a gap of a third between them."""
    left, right = lungs_at(slice(10, 50), slice(8, 24)), lungs_at(slice(10, 50), slice(40, 56))
    mask = left.mask | right.mask
    return Lungs(mask=mask, box=lung_box(mask, rows=640, columns=640) or (0, 0, 0, 0), found=True)


def spot(row: int, column: int, *, side: int = 14, height: float = 1.0) -> FloatArray:
    values = np.zeros((side, side), np.float32)
    values[row, column] = height
    return values


def test_the_mask_in_the_box_is_the_lungs_with_their_margin(two_lungs: Lungs) -> None:
    cut = mask_in_box(two_lungs, rows=112, columns=112)
    assert cut.shape == (112, 112)
    assert cut.dtype == np.bool_
    # The margin is 0.2 / 1.4 of the box on each side, the gap a third of the lungs' width.
    assert not cut[:15].any()
    assert not cut[:, 51:61].any()
    assert cut[18:94, 18:40].all()
    assert cut.mean() == pytest.approx(2 / 3 / 1.4**2, abs=0.02)


def test_a_map_inside_the_lungs_has_a_share_of_one(two_lungs: Lungs) -> None:
    assert share_of(spot(7, 3), two_lungs, scale_max=1.0) == pytest.approx(1.0)


def test_a_map_between_the_lungs_has_a_share_of_zero(two_lungs: Lungs) -> None:
    values = np.zeros((28, 28), np.float32)
    values[14, 13:15] = 1.0
    assert share_of(values, two_lungs, scale_max=1.0) == pytest.approx(0.0, abs=1e-6)


def test_two_equal_spots_in_and_out_have_a_share_of_one_half(two_lungs: Lungs) -> None:
    values = spot(14, 6, side=28) + spot(14, 14, side=28)
    assert share_of(values, two_lungs, scale_max=1.0) == pytest.approx(0.5, abs=0.02)


def test_a_flat_map_has_the_lungs_own_share_of_the_box(two_lungs: Lungs) -> None:
    share = share_of(np.ones((7, 7), np.float32), two_lungs, scale_max=1.0)
    assert share == pytest.approx(mask_in_box(two_lungs, rows=56, columns=56).mean())


def test_the_share_does_not_depend_on_the_height_of_the_map(two_lungs: Lungs) -> None:
    values = spot(3, 3) + spot(7, 7)
    assert share_of(values, two_lungs, scale_max=1.0) == pytest.approx(
        share_of(5 * values, two_lungs, scale_max=1.0) or -1
    )


@pytest.mark.parametrize("height", [0.0, 0.02])
def test_an_empty_map_has_no_share(two_lungs: Lungs, height: float) -> None:
    assert share_of(spot(7, 3, height=height), two_lungs, scale_max=1.0) is None


def test_a_map_just_above_empty_has_one(two_lungs: Lungs) -> None:
    assert share_of(spot(7, 3, height=0.021), two_lungs, scale_max=1.0) is not None


def test_without_lungs_there_is_no_share() -> None:
    nowhere = lungs_at(slice(0, 0), slice(0, 0))
    assert not nowhere.found
    assert share_of(spot(7, 3), nowhere, scale_max=1.0) is None


def test_a_mask_without_lungs_is_cut_to_the_whole_film() -> None:
    nowhere = lungs_at(slice(0, 0), slice(0, 0))
    assert not mask_in_box(nowhere, rows=8, columns=9).any()
    assert mask_in_box(nowhere, rows=8, columns=9).shape == (8, 9)


@pytest.fixture
def bundle(shared_bundles: Path) -> Bundle:
    return open_bundle(str(shared_bundles / "radiograph"))


def test_there_is_one_map_for_each_finding_layer_and_method(
    bundle: Bundle, two_lungs: Lungs
) -> None:
    values = np.random.default_rng(0).uniform(0, 1, (3, 4, 4)).astype(np.float32)
    scores = Scores(
        logits=np.zeros(3, np.float32),
        embedding=np.zeros(2, np.float32),
        maps={"last/gradcam": values, "early/gradcam++": values * np.float32(0.5)},
        seen=np.zeros((4, 4), np.float32),
    )
    maps = contribution_maps(scores, bundle, two_lungs)
    assert [(one.label, one.layer, one.method) for one in maps] == [
        (label, layer, method)
        for layer, method in (("last", "gradcam"), ("early", "gradcam++"))
        for label in ("No finding", "Other lung opacity", "COVID-19")
    ]
    np.testing.assert_array_equal(maps[1].values, values[1])
    assert {one.scale_max for one in maps} == {1.5}
    assert {one.box for one in maps} == {two_lungs.box}
    assert maps[0].lung_share == share_of(values[0], two_lungs, scale_max=1.5)


def test_a_layer_may_have_a_slash_in_its_name(bundle: Bundle, two_lungs: Lungs) -> None:
    named = replace(bundle, map_scale={"block/3/gradcam": 2.0})
    scores = Scores(
        logits=np.zeros(3, np.float32),
        embedding=np.zeros(2, np.float32),
        maps={"block/3/gradcam": np.ones((3, 2, 2), np.float32)},
        seen=np.zeros((4, 4), np.float32),
    )
    (first, *_) = contribution_maps(scores, named, two_lungs)
    assert (first.layer, first.method, first.scale_max) == ("block/3", "gradcam", 2.0)


def a_map(label: str, share: float | None, *, method: str = "gradcam") -> ContributionMap:
    return ContributionMap(
        label=label,
        layer="last",
        method=method,
        values=np.ones((2, 2), np.float32),
        scale_max=1.0,
        box=(0, 0, 2, 2),
        lung_share=share,
    )


def test_a_finding_with_maps_mostly_outside_the_lungs_is_warned_of_once() -> None:
    maps = (
        a_map("COVID-19", 0.9),
        a_map("COVID-19", 0.31, method="gradcam++"),
        a_map("COVID-19", 0.4),
    )
    (warning,) = map_warnings(maps, {"COVID-19"})
    assert warning.code == "map-outside-lungs"
    assert warning.text.startswith(
        "2 of 3 maps for COVID-19 lie mostly outside the lungs (54 % inside on average)"
    )


@pytest.mark.parametrize(
    ("one", "label"),
    [
        (a_map("COVID-19", 0.5), "COVID-19"),
        (a_map("COVID-19", 0.1), "Other lung opacity"),
        (a_map("COVID-19", None), "COVID-19"),
    ],
    ids=["half inside", "another finding", "no share"],
)
def test_nothing_else_is_warned_of(one: ContributionMap, label: str) -> None:
    assert map_warnings((one,), {label}) == ()
