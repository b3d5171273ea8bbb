"""How many depth frames are accepted, and how they are made smaller."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ImageError
from thoracle.imaging import depth
from thoracle.imaging.depth import DepthHeader, check_depth_size, kept_size, made_smaller


def test_frames_that_are_few_are_kept_as_they_are() -> None:
    assert kept_size(600, 96, 128) == DepthHeader(frames=600, rows=96, columns=128, step=1)


@given(st.integers(2, 36_000), st.integers(8, 3000), st.integers(8, 3000))
def test_any_frames_within_the_limits_fit_and_are_not_made_smaller_than_they_must(
    frames: int, rows: int, columns: int
) -> None:
    kept = kept_size(frames, rows, columns)
    assert frames * kept.rows * kept.columns <= depth.VALUES_MAX
    assert (kept.rows, kept.columns) == (rows // kept.step, columns // kept.step)
    if kept.step > 2:
        before = kept.step - 2
        assert frames * (rows // before) * (columns // before) > depth.VALUES_MAX


@pytest.mark.parametrize(
    "size", [(1, 96, 128), (36_001, 9, 9), (600, 7, 128), (600, 0, 0), (2, 65_535, 65_535)]
)
def test_what_is_no_video_or_too_large_is_refused(size: tuple[int, int, int]) -> None:
    with pytest.raises(ImageError, match="frames of") as error:
        kept_size(*size)
    assert error.value.code == "depth-size"


def test_a_file_that_is_too_large_is_refused() -> None:
    check_depth_size(depth.FILE_BYTES_MAX)
    with pytest.raises(ImageError, match="expected at most 536870912"):
        check_depth_size(depth.FILE_BYTES_MAX + 1)


def test_blocks_are_means_of_what_was_seen_and_unknown_where_less_than_half_was() -> None:
    header = DepthHeader(frames=2, rows=1, columns=3, step=2)
    frame = np.array([[1, 3, 0, 8, 0, 0, 9], [5, 7, 0, 6, 4, 0, 9], [9, 9, 9, 9, 9, 9, 9]])
    small = made_smaller(frame.astype(np.uint16), header)
    np.testing.assert_array_equal(small, np.array([[4.0, 7.0, np.nan]], np.float32))


def test_what_is_not_finite_or_below_zero_was_not_seen() -> None:
    header = DepthHeader(frames=2, rows=1, columns=4, step=1)
    small = made_smaller(np.array([[np.inf, np.nan, -3.0, 1500.0]]), header)
    np.testing.assert_array_equal(small, np.array([[np.nan, np.nan, np.nan, 1500.0]], np.float32))
