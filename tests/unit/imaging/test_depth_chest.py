"""The chest in rendered depth frames: where it is, how far, and where there is none."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.datasets.breathing.depth_frames import RenderedDepth, Scene, render_depth
from thoracle.imaging.depth import DepthFrames, kept_size, made_smaller
from thoracle.imaging.depth_chest import Box, find_chest, mean_depth, measure_chest

RATE_HZ = 10.0
TIME_S = np.arange(400) / RATE_HZ
BREATH = np.sin(2.0 * np.pi * 0.27 * TIME_S)
SMALL = Scene(rows=60, columns=80, center=(34.0, 40.0), half_sides=(22.0, 17.0))


def rendered(rise_mm: NDArray[np.float64], scene: Scene = SMALL) -> RenderedDepth:
    return render_depth(rise_mm, scene, rate_hz=RATE_HZ, rng=np.random.default_rng(5))


def frames_of(depth_mm: NDArray[Any], *, step: int = 1) -> DepthFrames:
    header = replace(kept_size(*depth_mm.shape), step=step)
    header = replace(header, rows=header.rows // step, columns=header.columns // step)
    small = np.stack([made_smaller(one, header) for one in depth_mm])
    return DepthFrames(depth_mm=small, step=step, sha256="ab" * 32, name="a.npy")


def test_the_chest_is_found_on_the_torso_and_its_distance_is_the_truth_s() -> None:
    truth = rendered(6.0 * BREATH)
    chest = measure_chest(frames_of(truth.depth_mm), rate_hz=RATE_HZ)
    assert not (chest.region & ~truth.torso).any()
    assert (chest.region & truth.torso).sum() > 0.5 * truth.torso.sum()
    sway_mm = SMALL.sway_mm * np.sin(2.0 * np.pi * SMALL.sway_hz * TIME_S)
    expected_mm = sway_mm - 6.0 * BREATH * truth.lift[chest.region].mean()
    found_mm = chest.depth_mm - chest.depth_mm.mean()
    assert np.sqrt(np.mean((found_mm - expected_mm + expected_mm.mean()) ** 2)) < 0.25
    body_mm = SMALL.torso_mm + sway_mm.mean() - SMALL.deep_mm * truth.lift[chest.region].mean()
    assert chest.depth_mm.mean() == pytest.approx(body_mm, abs=0.5)


@pytest.mark.parametrize(("rise_mm", "noise_mm"), [(2.0, 2.0), (3.0, 5.0), (6.0, 8.0)])
def test_breathing_below_the_noise_of_a_pixel_is_found(rise_mm: float, noise_mm: float) -> None:
    truth = rendered(rise_mm * BREATH, replace(SMALL, noise_mm=noise_mm))
    chest = measure_chest(frames_of(truth.depth_mm), rate_hz=RATE_HZ)
    still = chest.depth_mm - np.poly1d(np.polyfit(TIME_S, chest.depth_mm, 6))(TIME_S)
    assert np.corrcoef(still, -BREATH)[0, 1] > 0.97


def test_two_who_breathe_side_by_side_are_told_apart_by_their_distance() -> None:
    near = rendered(6.0 * BREATH, replace(SMALL, center=(34.0, 26.0)))
    far = rendered(6.0 * BREATH, replace(SMALL, center=(34.0, 52.0), torso_mm=2200.0))
    both = np.where(near.torso, near.depth_mm, far.depth_mm)
    assert (near.torso & far.torso).any()  # one hides a part of the other
    region = measure_chest(frames_of(both), rate_hz=RATE_HZ).region
    assert (region & near.torso).sum() + (region & far.torso & ~near.torso).sum() == region.sum()
    shares = [(region & one).sum() / region.sum() for one in (near.torso, far.torso & ~near.torso)]
    assert max(shares) > 0.9


def test_an_outline_that_covers_and_uncovers_the_wall_is_not_taken_for_the_chest() -> None:
    truth = rendered(6.0 * BREATH)
    video = truth.depth_mm.copy()
    covered = np.where(BREATH > 0.0, 1490, 2400).astype(np.uint16)
    video[:, 16:52, 60:68] = covered[:, None, None]
    region = measure_chest(frames_of(video), rate_hz=RATE_HZ).region
    assert (region & truth.torso).sum() > 0.4 * truth.torso.sum()
    assert not region[:, 60:].any()


@pytest.mark.parametrize("scene", [SMALL, replace(SMALL, sway_mm=0.0, noise_mm=5.0)])
def test_where_nothing_breathes_no_chest_is_found(scene: Scene) -> None:
    truth = rendered(np.zeros(400), scene)
    with pytest.raises(ImageError, match="no breathing chest") as error:
        measure_chest(frames_of(truth.depth_mm), rate_hz=RATE_HZ)
    assert error.value.code == "depth-no-chest"


def test_a_box_by_hand_is_measured_whatever_is_in_it() -> None:
    truth = rendered(6.0 * BREATH)
    box = Box(top=28, left=34, bottom=40, right=46)
    chest = measure_chest(frames_of(truth.depth_mm), rate_hz=RATE_HZ, box=box)
    assert chest.box == box
    assert chest.region.sum() == 12 * 12
    wall = Box(top=0, left=0, bottom=4, right=4)
    there_mm = measure_chest(frames_of(truth.depth_mm), rate_hz=RATE_HZ, box=wall).depth_mm
    assert there_mm.mean() == pytest.approx(SMALL.wall_mm, abs=1.0)


def test_a_box_is_in_the_camera_s_pixels_also_on_smaller_frames() -> None:
    truth = rendered(6.0 * BREATH)
    frames = frames_of(truth.depth_mm, step=2)
    box = Box(top=28, left=34, bottom=40, right=46)
    chest = measure_chest(frames, rate_hz=RATE_HZ, box=box)
    assert (chest.box, chest.region.sum()) == (box, 6 * 6)
    found = measure_chest(frames, rate_hz=RATE_HZ).box
    whole = measure_chest(frames_of(truth.depth_mm), rate_hz=RATE_HZ).box
    assert abs(found.top - whole.top) <= 8
    assert abs(found.right - whole.right) <= 8


@pytest.mark.parametrize(
    "box",
    [
        Box(top=10, left=10, bottom=10, right=20),
        Box(top=20, left=10, bottom=10, right=20),
        Box(top=0, left=0, bottom=62, right=10),
        Box(top=0, left=90, bottom=10, right=99),
        Box(top=-9, left=-9, bottom=-2, right=-2),
    ],
)
def test_a_box_that_holds_nothing_of_the_frames_is_refused(box: Box) -> None:
    frames = frames_of(np.full((40, 60, 80), 900, np.uint16))
    with pytest.raises(ImageError, match="expected one within 60 × 80") as error:
        measure_chest(frames, rate_hz=RATE_HZ, box=box)
    assert error.value.code == "depth-box"


def test_a_video_that_is_too_short_or_too_slow_needs_a_box() -> None:
    frames = frames_of(rendered(6.0 * BREATH).depth_mm)
    for rate_hz in (3.9, 21.0):
        with pytest.raises(ImageError, match="expected 20 s and 4 per second") as error:
            measure_chest(frames, rate_hz=rate_hz)
        assert error.value.code == "depth-short"
        measure_chest(frames, rate_hz=rate_hz, box=Box(top=0, left=0, bottom=60, right=80))


def test_meters_are_not_taken_for_millimeters() -> None:
    for depth in (np.full((40, 60, 80), 1.5), np.zeros((40, 60, 80))):
        with pytest.raises(ImageError, match="expected millimeters") as error:
            measure_chest(frames_of(depth), rate_hz=RATE_HZ)
        assert error.value.code == "depth-unit"


def test_pixels_that_come_and_go_do_not_move_the_mean() -> None:
    depth_mm = np.full((6, 2, 4), 1000.0, np.float32)
    depth_mm[:, :, 2:] = 1200.0
    depth_mm[1, 0, :2] = np.nan
    depth_mm[2, :, 2:] = np.nan
    depth_mm[3, :, 1:] = np.nan
    depth_mm[4] -= 8.0
    mean = mean_depth(depth_mm, np.ones((2, 4), bool))
    np.testing.assert_allclose(mean, [1100.0, 1100.0, 1100.0, np.nan, 1092.0, 1100.0])
    assert np.isnan(mean_depth(np.full((3, 2, 2), np.nan, np.float32), np.ones((2, 2), bool))).all()


def test_frames_without_any_sight_are_no_chest() -> None:
    unseen = np.full((400, 20, 24), np.nan, np.float32)
    with pytest.raises(ImageError, match="no breathing chest"):
        find_chest(unseen, rate_hz=RATE_HZ)
