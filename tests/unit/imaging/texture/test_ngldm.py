import numpy as np

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import STEPS_2D, Lattice
from thoracle.imaging.texture.ngldm import NAMES, dependences, ngldm


def test_a_voxel_and_its_like_neighbors_are_counted() -> None:
    levels = np.array([[[1, 1, 2], [1, 2, 2], [0, 2, 2]]])
    of_levels, counts = dependences(Lattice(levels=levels, steps=STEPS_2D))

    assert of_levels.tolist() == [1, 1, 2, 1, 2, 2, 2, 2]
    assert counts.tolist() == [3, 3, 3, 3, 5, 5, 4, 4]


def test_the_middle_of_a_flat_volume_depends_on_all_26() -> None:
    found = ngldm(np.full((3, 3, 3), 1), Aggregation.MERGED_3D)

    # 8 corners of 8, 12 edges of 12, 6 faces of 18, 1 core of 27.
    assert found["ngl_hde"] == (8 * 8**2 + 12 * 12**2 + 6 * 18**2 + 27**2) / 27
    assert found["ngl_dc_perc"] == 1.0


def test_an_empty_region_is_unknown() -> None:
    found = ngldm(np.zeros((1, 2, 2), np.int64), Aggregation.MERGED_2D)

    assert list(found) == [f"ngl_{name}" for name in NAMES]
    assert np.isnan(list(found.values())).all()
