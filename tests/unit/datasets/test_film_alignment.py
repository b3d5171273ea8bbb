"""Which films are chosen, and that alignment brings lungs onto lungs."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, ByteArray
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair
from thoracle.datasets.film import Film, Population
from thoracle.datasets.film_alignment import OutlinedFilm, align_films, choose_films, outline_film
from thoracle.datasets.film_model import SIZE, TONES
from thoracle.datasets.film_shape import fill_outline
from thoracle.datasets.manifest import Manifest


def _film(name: str, **changes: object) -> Film:
    values = {
        "path": f"{name}.png",
        "source": "here",
        "patient": f"here:{name}",
        "view": "PA",
        "label": "normal",
        "population": Population.ADULT,
    } | changes
    return Film(**values)  # type: ignore[arg-type]


def _choose(*films: Film, pairs: tuple[DuplicatePair, ...] = (), most: int = 9) -> list[str]:
    manifest = Manifest(films=films, root=Path())
    return [film.path for film, _ in choose_films(manifest, pairs, per_finding=most, seed=0)]


def test_only_frontal_films_of_adults_with_a_known_finding_are_chosen() -> None:
    chosen = _choose(
        _film("good"),
        _film("covid", label="covid-19"),
        _film("child", population=Population.CHILD),
        _film("unknown", population=Population.UNKNOWN),
        _film("lateral", view="L"),
        _film("slice", modality="CT"),
        _film("unlabeled", label=""),
        _film("either", label="covid-19|viral"),
    )
    assert chosen == ["covid.png", "good.png"]


def test_one_film_of_each_patient_and_of_each_set_of_duplicates_is_chosen() -> None:
    pair = DuplicatePair(a="c.png", b="d.png", score=0.9, kind=DuplicateKind.COPY)
    films = [_film("a"), _film("b", patient="here:a"), _film("c"), _film("d")]
    chosen = _choose(*films, pairs=(pair,))
    assert len(chosen) == 2
    assert len({"a.png", "b.png"} & set(chosen)) == 1


def test_every_film_of_a_patient_can_be_asked_for_with_the_group_that_it_belongs_to() -> None:
    pair = DuplicatePair(a="b.png", b="c.png", score=0.9, kind=DuplicateKind.COPY)
    films = (_film("a"), _film("b", patient="here:a"), _film("c"), _film("d"))
    manifest = Manifest(films=films, root=Path())
    chosen = dict(choose_films(manifest, (pair,), per_finding=9, seed=0, one_each=False))
    assert [film.path for film in chosen] == ["a.png", "b.png", "c.png", "d.png"]
    assert len(set(chosen.values())) == 2


def test_no_finding_has_more_films_than_asked_for_and_the_choice_repeats() -> None:
    films = [_film(f"n{k}") for k in range(9)] + [_film("covid", label="covid-19")]
    chosen = _choose(*films, most=4)
    assert len(chosen) == 5
    assert "covid.png" in chosen
    assert chosen == _choose(*films, most=4)


def _picture(*, top: int, height: int, rows: int = 300) -> tuple[ByteArray, BoolArray]:
    """Paint two dark lungs on grey, and return their mask."""
    y, x = np.mgrid[:rows, :280]
    center = top + height / 2
    left = ((y - center) / (height / 2)) ** 2 + ((x - 85) / 45) ** 2 < 1
    right = ((y - center) / (height / 2)) ** 2 + ((x - 195) / 45) ** 2 < 1
    mask = np.asarray(left | right)
    film = np.where(mask, 60, 180) + (y * 40 // rows)
    return film.astype(np.uint8), mask


def _outlined(*, top: int, height: int, finding: str = "No finding") -> OutlinedFilm:
    film = outline_film(*_picture(top=top, height=height), finding=finding, group="g")
    assert film is not None
    return film


def test_lungs_of_all_films_come_to_lie_on_the_mean_outline() -> None:
    films = [_outlined(top=20, height=240), _outlined(top=40, height=200)]
    aligned = align_films(films, ["No finding"])
    mean = aligned.outlines.mean(axis=0)[:-1].reshape(-1, 2)
    lungs = fill_outline(mean, rows=SIZE, columns=SIZE)
    for picture in aligned.pictures:
        dark = picture < lungs.mean()  # ranks: the lungs are the darkest part of the film
        dice = 2 * (dark & lungs).sum() / (dark.sum() + lungs.sum())
        assert dice > 0.88


def test_pictures_are_ranks_and_tone_curves_rise_from_black_to_white() -> None:
    aligned = align_films([_outlined(top=20, height=240)], ["No finding"])
    seen = aligned.pictures[0][aligned.seen[0]]
    assert seen.mean() == pytest.approx(0.5, abs=0.01)
    assert aligned.tones.shape == (1, TONES)
    assert (aligned.tones[0, 0], aligned.tones[0, -1]) == (0, 1)
    assert (np.diff(aligned.tones) >= 0).all()


def test_findings_are_numbered_as_they_were_listed() -> None:
    films = [_outlined(top=20, height=240, finding="B"), _outlined(top=25, height=230, finding="A")]
    assert align_films(films, ["A", "B"]).findings.tolist() == [1, 0]


def test_a_film_that_is_cut_too_close_is_left_out() -> None:
    pixels, mask = _picture(top=20, height=240)
    close = outline_film(pixels[22:258, 42:238], mask[22:258, 42:238], finding="A", group="g")
    assert close is not None
    film = outline_film(pixels, mask, finding="A", group="h")
    assert film is not None
    assert len(align_films([close, film], ["A"]).pictures) == 1


def test_a_large_film_is_aligned_like_its_reduction() -> None:
    pixels, mask = _picture(top=20, height=240)
    large = outline_film(np.kron(pixels, np.ones((3, 3), np.uint8)), mask, finding="A", group="g")
    small = outline_film(pixels, mask, finding="A", group="h")
    assert large is not None
    assert small is not None
    one, other = align_films([large, small], ["A"]).pictures
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("columns", [280, 60])
def test_a_mask_of_no_or_odd_lungs_gives_no_film(columns: int) -> None:
    pixels, mask = _picture(top=20, height=240)
    if columns == 280:
        mask[:] = False
    assert (
        outline_film(pixels[:, ::4] if columns == 60 else pixels, mask, finding="", group="")
        is None
    )
