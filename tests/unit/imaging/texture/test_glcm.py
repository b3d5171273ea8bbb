import numpy as np
import pytest

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.glcm import NAMES, cooccurrence, divide, entropy, glcm, means_of
from thoracle.imaging.texture.lattice import STEPS_2D, Lattice

# The manual's example, chapter "Grey level co-occurrence based features".
EXAMPLE = np.array([[[1, 2, 2, 3], [1, 2, 3, 3], [4, 2, 4, 1], [4, 1, 2, 3]]])
EXAMPLE_ACROSS = [[0, 3, 0, 2], [3, 2, 3, 2], [0, 3, 2, 0], [2, 2, 0, 0]]


def test_the_manuals_example_is_counted_as_printed() -> None:
    counts = cooccurrence(Lattice(levels=EXAMPLE, steps=STEPS_2D), levels=4)

    assert counts[STEPS_2D.index((0, 0, 1))].tolist() == EXAMPLE_ACROSS


def test_the_outside_is_nobodys_neighbor() -> None:
    levels = np.array([[[1, 0, 2]]])

    assert not cooccurrence(Lattice(levels=levels, steps=STEPS_2D), levels=2).any()
    assert np.isnan(list(glcm(levels, Aggregation.MERGED_2D).values())).all()


def test_a_chessboard_is_known() -> None:
    board = (np.indices((1, 8, 8)).sum(axis=0) % 2) + 1
    across = Lattice(levels=board, steps=((0, 0, 1),))

    assert cooccurrence(across, levels=2)[0].tolist() == [[0, 56], [56, 0]]


def test_features_do_not_change_when_the_region_is_turned_or_mirrored() -> None:
    levels = np.random.default_rng(0).integers(0, 6, size=(1, 12, 12))
    found = glcm(levels, Aggregation.MERGED_2D)

    for other in (np.rot90(levels, axes=(1, 2)), levels[:, ::-1]):
        assert glcm(other, Aggregation.MERGED_2D) == pytest.approx(found)


def test_of_one_slice_merging_slices_is_merging_nothing() -> None:
    levels = np.random.default_rng(1).integers(1, 6, size=(1, 9, 9))

    assert glcm(levels, Aggregation.MERGED_25D) == pytest.approx(
        glcm(levels, Aggregation.MERGED_2D)
    )


def test_what_a_flat_region_does_not_have_is_unknown() -> None:
    found = glcm(np.ones((1, 4, 4), np.int64), Aggregation.MERGED_2D)

    assert found["cm_joint_max"] == 1.0
    assert found["cm_contrast"] == 0.0
    assert np.isnan([found["cm_corr"], found["cm_info_corr1"]]).all()


def test_an_empty_region_has_every_name_and_no_number() -> None:
    found = glcm(np.zeros((1, 3, 3), np.int64), Aggregation.AVERAGED_2D)

    assert list(found) == [f"cm_{name}" for name in NAMES]
    assert np.isnan(list(found.values())).all()


def test_means_leave_unknown_matrices_out() -> None:
    found = means_of({"a": np.array([1.0, np.nan, 3.0]), "b": np.array([np.nan] * 3)})

    assert found["a"] == 2.0
    assert np.isnan(found["b"])


def test_entropy_is_in_bits_and_an_empty_quotient_unknown() -> None:
    assert entropy(np.array([0.5, 0.25, 0.25, 0.0])) == pytest.approx(1.5)
    assert np.isnan(divide(np.array([1.0]), np.array([0.0])))[0]
