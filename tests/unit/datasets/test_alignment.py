"""Verification finds the true place, tells copies from strangers, and refuses thin overlap."""

from collections.abc import Callable

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.datasets.alignment import (
    LEVELS,
    Pyramid,
    _correlate,
    _overlap,
    _verify_batch,
    _warp,
    detail_pyramid,
    verify,
)
from thoracle.datasets.candidates import Candidate, Placement
from thoracle.datasets.thumbnails import as_unit, to_thumbnail

PaintFilm = Callable[..., ByteArray]


def _place(
    shift_y: float = 0.0, scale_y: float = 1.0, *, shift_x: float = 0.0, is_flipped: bool = False
) -> Placement:
    return Placement(
        scale_y=scale_y, shift_y=shift_y, scale_x=1.0, shift_x=shift_x, is_flipped=is_flipped
    )


def _candidate(query: int, gallery: int, placement: Placement) -> Candidate:
    return Candidate(query=query, gallery=gallery, score=0.9, placement=placement)


@pytest.fixture(scope="module")
def pyramid(paint_film: PaintFilm) -> Pyramid:
    """Return film 0, its crop of rows 12.5 to 90 %, its mirror image, and a stranger."""
    film = paint_film(0)
    crop = film[30:216]
    pictures = (film, crop, film[:, ::-1], paint_film(1))
    return detail_pyramid(as_unit(np.array([to_thumbnail(picture) for picture in pictures])))


def _scores(pyramid: Pyramid, *candidates: Candidate) -> FloatArray:
    return verify(pyramid, candidates, on_step=lambda _count: None)


def test_the_pyramid_has_the_sizes_of_its_levels(pyramid: Pyramid) -> None:
    assert [level.shape for level in pyramid.levels] == [
        (4, level.pixels, level.pixels) for level in LEVELS
    ]


def test_a_film_correlates_fully_with_itself(pyramid: Pyramid) -> None:
    assert _scores(pyramid, _candidate(0, 0, _place()))[0] == pytest.approx(1, abs=1e-4)


def test_a_crop_is_aligned_from_a_start_that_is_off_by_four_percent(pyramid: Pyramid) -> None:
    start = _place(0.15, 0.75)
    assert _scores(pyramid, _candidate(1, 0, start))[0] > 0.85
    places = np.array([[0.75, 0.15, 1.0, 0.0]])
    for level, detail in zip(LEVELS, pyramid.levels, strict=True):
        places, _ = _verify_batch(detail, [_candidate(1, 0, start)], places, level)
    assert places[0] == pytest.approx([0.775, 0.125, 1.0, 0.0], abs=0.01)


def test_a_mirror_image_correlates_when_turned_back(pyramid: Pyramid) -> None:
    assert _scores(pyramid, _candidate(2, 0, _place(is_flipped=True)))[0] > 0.95


def test_a_stranger_is_refused(pyramid: Pyramid) -> None:
    assert _scores(pyramid, _candidate(3, 0, _place()))[0] == -1


def test_films_that_hardly_overlap_are_refused(pyramid: Pyramid) -> None:
    assert _scores(pyramid, _candidate(0, 0, _place(shift_x=0.7)))[0] == -1


def test_many_pairs_keep_their_order_and_count(pyramid: Pyramid) -> None:
    counted: list[int] = []
    same, other = _candidate(0, 0, _place()), _candidate(3, 0, _place())
    scores = verify(pyramid, [other, same, other, same], on_step=counted.append)
    assert (scores > 0.99).tolist() == [False, True, False, True]
    assert sum(counted) == 4


def test_no_pairs_give_no_scores(pyramid: Pyramid) -> None:
    assert _scores(pyramid).shape == (0,)


def test_warping_by_the_identity_changes_nothing() -> None:
    image = np.random.default_rng(0).normal(size=(1, 32, 32)).astype(np.float32)
    warped, weights = _warp(image, np.array([[1.0, 0.0, 1.0, 0.0]]))
    assert np.allclose(warped, image, atol=1e-4)
    assert weights.all()


def test_warping_samples_a_ramp_where_the_place_says() -> None:
    ramp = np.broadcast_to(np.arange(32, dtype=np.float32)[:, None], (1, 32, 32)).copy()
    warped, _ = _warp(ramp, np.array([[0.5, 0.25, 1.0, 0.0]]))
    expected = (np.arange(32) + 0.5) / 2 + 8 - 0.5
    assert np.allclose(warped[0, :, 5], expected, atol=1e-3)


def test_correlation_agrees_with_numpy_inside_the_weights() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 1, 16, 16)).astype(np.float32)
    weights = np.zeros((1, 16, 16), np.float32)
    weights[:, 3:14, 2:12] = 1
    score, _, _ = _correlate(one, other, weights)
    inside = weights[0] > 0
    expected = np.corrcoef(one[0][inside], other[0][inside])[0, 1]
    assert score[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("place", "share"),
    [((1, 0, 1, 0), 1.0), ((1, 0.25, 1, 0), 0.75), ((2, -0.5, 1, 0.5), 0.25), ((1, 2, 1, 0), 0)],
)
def test_overlap_is_the_share_of_the_query_inside_the_gallery(
    place: tuple[float, ...], share: float
) -> None:
    assert _overlap(np.array([place], float))[0] == pytest.approx(share)
