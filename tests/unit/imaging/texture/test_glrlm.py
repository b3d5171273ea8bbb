import numpy as np
import pytest

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.glrlm import glrlm, runs
from thoracle.imaging.texture.lattice import STEPS_3D, Lattice


def test_runs_end_at_the_edge_and_where_the_level_changes() -> None:
    levels = np.array([[[1, 1, 2], [2, 2, 2]]])
    lattice = Lattice(levels=levels, steps=((0, 0, 1),))
    found = runs(lattice.narrow, lattice.offsets[0])

    assert list(zip(*(one.tolist() for one in found), strict=True)) == [(1, 2), (2, 1), (2, 3)]


@pytest.mark.parametrize("step", STEPS_3D)
def test_runs_of_a_direction_cover_every_voxel_once(step: tuple[int, int, int]) -> None:
    levels = np.random.default_rng(2).integers(0, 3, size=(4, 5, 6))
    lattice = Lattice(levels=levels, steps=(step,))
    of_levels, lengths = runs(lattice.narrow, lattice.offsets[0])

    assert lengths.sum() == np.count_nonzero(levels)
    for level in (1, 2):
        assert lengths[of_levels == level].sum() == np.sum(levels == level)


def test_a_flat_slice_has_one_run_a_row() -> None:
    lattice = Lattice(levels=np.full((1, 3, 7), 4), steps=((0, 0, 1),))

    assert runs(lattice.narrow, lattice.offsets[0])[1].tolist() == [7, 7, 7]


def test_single_voxels_are_runs_of_one() -> None:
    found = glrlm(np.array([[[1, 0, 2]]]), Aggregation.MERGED_2D)

    assert found["rlm_sre"] == found["rlm_r_perc"] == 1.0
    assert found["rlm_rl_var"] == 0.0


def test_an_empty_region_is_unknown() -> None:
    found = glrlm(np.zeros((2, 2, 2), np.int64), Aggregation.MERGED_3D)

    assert len(found) == 16
    assert np.isnan(list(found.values())).all()
