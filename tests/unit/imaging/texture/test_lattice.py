import numpy as np

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import (
    STEPS_2D,
    STEPS_3D,
    Lattice,
    box_of,
    cut_to_box,
    lattices,
)


def test_there_are_4_directions_in_a_slice_and_13_in_a_volume() -> None:
    assert len(STEPS_2D) == 4
    assert len(STEPS_3D) == 13
    backwards = {tuple(-one for one in step) for step in STEPS_3D}
    assert len(backwards | set(STEPS_3D)) == 26


def test_an_offset_leads_to_the_neighbor_and_over_every_edge_to_zero() -> None:
    levels = np.arange(1, 2 * 3 * 4 + 1).reshape(2, 3, 4)
    lattice = Lattice(levels=levels, steps=STEPS_3D)
    flat = np.append(lattice.flat, np.zeros(40, np.int32))

    for step, offset in zip(STEPS_3D, lattice.offsets, strict=True):
        for place in np.ndindex(levels.shape):
            goal = tuple(np.add(place, step))
            inside = all(0 <= one < side for one, side in zip(goal, levels.shape, strict=True))
            expected = levels[goal] if inside else 0
            assert flat[np.flatnonzero(flat == levels[place])[0] + offset] == expected


def test_equal_neighbors_are_those_of_one_level_inside() -> None:
    lattice = Lattice(levels=np.array([[[2, 2, 0, 0]]]), steps=((0, 0, 1),))

    assert lattice.equal[0].tolist()[:4] == [True, False, False, False]
    assert lattice.voxels == 2


def test_levels_are_kept_in_as_few_bytes_as_they_need() -> None:
    def kind(top: int) -> np.dtype[np.generic]:
        return Lattice(levels=np.array([[[top]]]), steps=STEPS_2D).narrow.dtype

    assert [kind(255), kind(256), kind(70_000)] == [np.uint8, np.uint16, np.int32]


def test_slices_without_the_region_are_left_out_and_merged_ones_share_a_group() -> None:
    levels = np.zeros((3, 2, 2), np.int64)
    levels[[0, 2]] = 1

    assert [one.group for one in lattices(levels, Aggregation.MERGED_2D)] == [0, 1]
    assert [one.group for one in lattices(levels, Aggregation.MERGED_25D)] == [0, 0]
    assert len(list(lattices(levels, Aggregation.MERGED_3D))) == 1
    assert not list(lattices(np.zeros_like(levels), Aggregation.MERGED_3D))


def test_a_region_is_cut_to_its_box() -> None:
    levels = np.zeros((4, 5, 6), np.int64)
    levels[1, 2:4, 3] = 7

    assert box_of(levels > 0) == (slice(1, 2), slice(2, 4), slice(3, 4))
    assert cut_to_box(levels).shape == (1, 2, 1)
    assert cut_to_box(np.zeros_like(levels)).size == 0
