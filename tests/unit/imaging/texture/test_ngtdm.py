import numpy as np
import pytest

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import STEPS_2D, Lattice
from thoracle.imaging.texture.ngtdm import ngtdm, tone_differences


def test_differences_from_the_neighbors_mean_are_summed_by_level() -> None:
    levels = np.array([[[1, 2], [4, 0]]])
    counts, sums = tone_differences(Lattice(levels=levels, steps=STEPS_2D), levels=4)

    assert counts.tolist() == [1, 1, 0, 1]
    assert sums == pytest.approx([abs(1 - 3), abs(2 - 2.5), 0, abs(4 - 1.5)])


def test_a_voxel_alone_has_no_neighborhood() -> None:
    found = ngtdm(np.array([[[1, 0, 3]]]), Aggregation.MERGED_2D)

    assert np.isnan(list(found.values())).all()


def test_a_flat_region_has_no_coarseness_worth_a_number() -> None:
    found = ngtdm(np.full((1, 4, 4), 2), Aggregation.MERGED_2D)

    assert np.isnan([found["ngt_coarseness"], found["ngt_contrast"]]).all()
    assert found["ngt_complexity"] == 0.0


def test_noise_is_busier_than_a_ramp() -> None:
    ramp = np.broadcast_to(np.arange(1, 17), (1, 16, 16)).copy()
    noise = np.random.default_rng(0).permuted(ramp.ravel()).reshape(ramp.shape)

    smooth = ngtdm(ramp, Aggregation.MERGED_2D)
    rough = ngtdm(noise, Aggregation.MERGED_2D)
    assert rough["ngt_coarseness"] < smooth["ngt_coarseness"]
    assert rough["ngt_complexity"] > smooth["ngt_complexity"]
