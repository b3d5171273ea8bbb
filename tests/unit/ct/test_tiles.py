"""A sliding window gives back what each tile says, whatever the tiles."""

from itertools import pairwise

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.ct.tiles import Tiling, gaussian_weights, slide, tile_starts

TILING = Tiling(tile=(8, 32, 32), step=(4, 16, 16), overlap=0.25)


def _doubled(tile: FloatArray) -> FloatArray:
    return np.stack([tile, 2 * tile])


@pytest.mark.parametrize("shape", [(8, 32, 32), (3, 20, 17), (21, 70, 33), (9, 33, 64)])
def test_a_network_that_looks_at_each_voxel_alone_is_not_changed_by_tiles(
    shape: tuple[int, int, int],
) -> None:
    volume = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = slide(volume, _doubled, TILING, labels=2)
    np.testing.assert_allclose(found, np.stack([volume, 2 * volume]), rtol=2e-4, atol=1e-5)


def test_the_middle_of_a_tile_counts_more_than_its_rim() -> None:
    tiling = Tiling(tile=(4, 16, 16), step=(4, 16, 16), overlap=0.5)
    calls = iter((0.0, 1.0))

    def each(tile: FloatArray) -> FloatArray:
        return np.full((1, *tile.shape), next(calls), np.float32)

    found = slide(np.zeros((6, 16, 16), np.float32), each, tiling, labels=1)[0, :, 8, 8]
    assert found[0] == 0
    assert found[-1] == 1
    assert (np.diff(found) >= 0).all()
    assert found[2] < 0.5 < found[3]


def test_all_tiles_have_sides_that_the_network_takes() -> None:
    seen = []

    def kept(tile: FloatArray) -> FloatArray:
        seen.append(tile.shape)
        return tile[None]

    slide(np.zeros((10, 40, 20), np.float32), kept, TILING, labels=1)
    assert set(seen) == {(8, 32, 32)}


@pytest.mark.parametrize(("length", "side"), [(8, 8), (9, 8), (40, 16), (100, 7)])
def test_tiles_reach_from_end_to_end_and_overlap_as_asked(length: int, side: int) -> None:
    starts = tile_starts(length, side, overlap=0.25)
    assert starts[0] == 0
    assert starts[-1] + side == length
    assert all(b - a <= 0.75 * side + 1 for a, b in pairwise(starts))


def test_weights_are_symmetric_and_highest_in_the_middle() -> None:
    weights = gaussian_weights((5, 7, 9))
    assert weights.max() == weights[2, 3, 4] == 1
    np.testing.assert_array_equal(weights, weights[::-1, ::-1, ::-1])
    assert weights.min() >= 1e-3
