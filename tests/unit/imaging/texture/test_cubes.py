import numpy as np

from thoracle.imaging.texture.cubes import TRIANGLES


def test_a_cube_all_inside_or_all_outside_has_no_surface() -> None:
    assert len(TRIANGLES) == 256
    assert [number for number, one in enumerate(TRIANGLES) if not len(one)] == [0, 255]


def test_one_corner_is_cut_off_by_one_triangle() -> None:
    for corner in range(8):
        place = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1]) * 2
        triangle = TRIANGLES[1 << corner][0]
        assert len(TRIANGLES[1 << corner]) == 1
        assert np.abs(triangle - place).sum(axis=1).tolist() == [1, 1, 1]


def test_a_cube_and_its_opposite_share_a_surface_unless_it_is_ambiguous() -> None:
    for number in (1, 3, 15, 51, 127):
        one, other = TRIANGLES[number], TRIANGLES[255 - number]
        assert {tuple(p) for t in one for p in t} == {tuple(p) for t in other for p in t}
