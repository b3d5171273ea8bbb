"""Candidates: copies are nearest, each pair comes once, the place found is the right one."""

from collections.abc import Callable

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.datasets.candidates import (
    Candidate,
    Descriptors,
    _area_matrix,
    blocks,
    describe,
    find_candidates,
)
from thoracle.datasets.thumbnails import as_unit, to_thumbnail

PaintFilm = Callable[..., ByteArray]
STRANGERS = 20


@pytest.fixture(scope="module")
def thumbnails(paint_film: PaintFilm) -> FloatArray:
    """Return 20 strangers, then a crop, a mirror image and a shifted crop of the first."""
    films = [paint_film(patient) for patient in range(STRANGERS)]
    first = films[0]
    copies = [first[24:, : -(280 * 15 // 100)], first[:, ::-1], first[12:-24, 20:]]
    return as_unit(np.array([to_thumbnail(film) for film in (*films, *copies)]))


@pytest.fixture(scope="module")
def descriptors(thumbnails: FloatArray) -> Descriptors:
    return describe(thumbnails)


def _find(descriptors: Descriptors, one: int, other: int) -> Candidate:
    found = find_candidates(descriptors, neighbors=4, score_min=-1, on_step=lambda: None)
    (candidate,) = [c for c in found if {c.query, c.gallery} == {one, other}]
    return candidate


def test_descriptors_are_unit_vectors_of_three_views_and_81_crops(
    descriptors: Descriptors,
) -> None:
    films = STRANGERS + 3
    assert descriptors.queries.shape[:2] == (3, films)
    assert descriptors.gallery.shape[:2] == (81, films)
    assert np.allclose(np.linalg.norm(descriptors.gallery, axis=2), 1, atol=1e-4)


@pytest.mark.parametrize("copy", [STRANGERS, STRANGERS + 1, STRANGERS + 2])
def test_a_copy_outranks_every_stranger(descriptors: Descriptors, copy: int) -> None:
    found = find_candidates(descriptors, neighbors=6, score_min=-1, on_step=lambda: None)
    of_copy = [c for c in found if copy in {c.query, c.gallery}]
    strangers = [c.score for c in of_copy if min(c.query, c.gallery) in range(1, STRANGERS)]
    original = [c.score for c in of_copy if min(c.query, c.gallery) == 0]
    assert original[0] > max(strangers, default=-1)


def test_a_crop_is_placed_inside_its_original(descriptors: Descriptors) -> None:
    candidate = _find(descriptors, 0, STRANGERS)
    assert (candidate.query, candidate.gallery) == (STRANGERS, 0)
    place = candidate.placement
    assert not place.is_flipped
    assert place.shift_y == pytest.approx(0.10, abs=0.05)
    assert place.scale_y == pytest.approx(0.90, abs=0.08)
    assert place.shift_x == pytest.approx(0.0, abs=0.05)
    assert place.scale_x == pytest.approx(0.85, abs=0.08)


def test_a_mirror_image_is_recognized_as_one(descriptors: Descriptors) -> None:
    assert _find(descriptors, 0, STRANGERS + 1).placement.is_flipped


def test_each_pair_comes_once_and_no_film_meets_itself(descriptors: Descriptors) -> None:
    found = find_candidates(descriptors, neighbors=23, score_min=-1, on_step=lambda: None)
    pairs = [frozenset({c.query, c.gallery}) for c in found]
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 for pair in pairs)
    assert len(pairs) <= 23 * 22 // 2


def test_no_candidate_lies_below_the_smallest_score(descriptors: Descriptors) -> None:
    found = find_candidates(descriptors, neighbors=10, score_min=0.5, on_step=lambda: None)
    assert found
    assert min(candidate.score for candidate in found) >= 0.5


def test_progress_is_told_once_per_block(descriptors: Descriptors) -> None:
    steps: list[int] = []
    find_candidates(descriptors, neighbors=2, score_min=0.9, on_step=lambda: steps.append(1))
    assert len(steps) == blocks(STRANGERS + 3) == 1
    assert blocks(513) == 2


def test_an_area_matrix_averages_and_keeps_a_constant() -> None:
    matrix = _area_matrix(128, 0.15, 0.075)
    assert np.allclose(matrix @ np.ones(128), 1, atol=1e-6)
    assert not matrix[:, : int(0.15 * 128)].any()
    ramp = matrix @ (np.arange(128) + 0.5)
    assert ramp[0] == pytest.approx(128 * (0.15 + 0.775 / 64), abs=0.01)
