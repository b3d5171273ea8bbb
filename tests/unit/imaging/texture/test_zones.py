import numpy as np
from scipy import ndimage

from thoracle.imaging.texture.lattice import STEPS_2D, STEPS_3D, Lattice
from thoracle.imaging.texture.zones import find_zones

# The manual's example of zones.
EXAMPLE = np.array([[[1, 2, 2, 3], [1, 2, 3, 3], [4, 2, 4, 1], [4, 1, 2, 3]]])


def test_the_manuals_example_has_the_zones_it_prints() -> None:
    zones = find_zones(Lattice(levels=EXAMPLE, steps=STEPS_2D))
    found = sorted(zip(zones.levels.tolist(), zones.sizes.tolist(), strict=True))

    assert found == [(1, 1), (1, 1), (1, 2), (2, 5), (3, 1), (3, 3), (4, 1), (4, 2)]


def test_zones_are_scipys_components_of_each_level() -> None:
    generator = np.random.default_rng(4)
    for steps, shape in ((STEPS_2D, (1, 20, 23)), (STEPS_3D, (6, 9, 8))):
        levels = generator.integers(0, 4, size=shape)
        zones = find_zones(Lattice(levels=levels, steps=steps))
        expected = []
        for level in (1, 2, 3):
            labels, count = ndimage.label(levels == level, np.ones((3, 3, 3)))
            expected += [(level, int(np.sum(labels == one))) for one in range(1, count + 1)]
        found = zip(zones.levels.tolist(), zones.sizes.tolist(), strict=True)
        assert sorted(found) == sorted(expected)


def test_distances_count_steps_out_of_the_region_and_a_slice_has_no_above() -> None:
    levels = np.ones((3, 5, 5), np.int64)
    levels[1, 2, 2] = 2

    flat = find_zones(Lattice(levels=levels[1:2], steps=STEPS_2D))
    deep = find_zones(Lattice(levels=levels, steps=STEPS_3D))

    assert flat.distances[flat.levels == 2].tolist() == [3]
    assert deep.distances[deep.levels == 2].tolist() == [2]
    assert flat.distances[flat.levels == 1].tolist() == [1]


def test_a_hole_is_a_border_too() -> None:
    levels = np.ones((1, 7, 7), np.int64)
    levels[0, 3, 3] = 0
    levels[0, 3, 2] = 2

    zones = find_zones(Lattice(levels=levels, steps=STEPS_2D))

    assert zones.distances[zones.levels == 2].tolist() == [1]
