"""Films are drawn as a paper drew its own, and no patient stands in two parts."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from thoracle.core.errors import RecipeError
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair
from thoracle.datasets.manifest import Manifest
from thoracle.train.protocols.make_up import candidates, draw, need_films, pairs_that_matter
from thoracle.train.protocols.protocol import Protocol

Make = Callable[..., Protocol]


def test_each_class_has_its_films_and_no_patient_stands_in_two_parts(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    made = draw(toy_protocol(), toy_films, (), seed=3, most=0)
    counts = made.counts(3)
    assert [sum(part[index] for part in counts.values()) for index in range(3)] == [20, 18, 20]
    assert all(min(part) > 0 for part in counts.values())
    parts: dict[str, set[str]] = {}
    for one in made.films:
        parts.setdefault(str(one.film.patient), set()).add(one.part)
    assert all(len(some) == 1 for some in parts.values())


def test_another_seed_draws_another_split_and_the_same_seed_the_same(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    first, again, other = (
        draw(toy_protocol(), toy_films, (), seed=seed, most=0) for seed in (3, 3, 4)
    )
    assert first == again
    assert first.split_digest != other.split_digest


def test_a_near_duplicate_of_a_drawn_film_is_left_out(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    pair = DuplicatePair(a="normal-00.png", b="normal-19.png", score=1.0, kind=DuplicateKind.COPY)
    made = draw(toy_protocol(), toy_films, (pair,), seed=3, most=0)
    drawn = {one.film.path for one in made.films}
    assert len({"normal-00.png", "normal-19.png"} & drawn) == 1


def test_lateral_films_are_left_out_unless_a_view_is_named(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    films = tuple(
        replace(film, view="L") if film.path == "normal-00.png" else film
        for film in toy_films.films
    )
    paths = {film.path for film in candidates(toy_protocol(), toy_films.select(films))}
    assert "normal-00.png" not in paths
    assert len(paths) == 59


def test_a_quick_run_takes_fewer_films_and_too_few_are_refused(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    assert len(draw(toy_protocol(), toy_films, (), seed=3, most=12).films) == 36
    few = toy_films.select(toy_films.films[:25])
    with pytest.raises(RecipeError, match=r"found 5 films .* for toy, copies counted once"):
        draw(toy_protocol(), few, (), seed=3, most=0)


def test_a_manifest_that_lacks_a_class_says_which_source_and_label(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    few = [film for film in toy_films.films if film.label != "covid-19"]
    few += [film for film in toy_films.films if film.label == "covid-19"][:4]
    with pytest.raises(
        RecipeError,
        match=r"4 films of 'COVID-19' for toy \(4 of source toys with label covid-19\) – .* 10\.",
    ):
        need_films(toy_protocol(), toy_films.select(few))
    need_films(toy_protocol(), toy_films)


def test_a_full_run_s_near_duplicates_are_searched_among_all_that_it_could_draw(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    other = replace(toy_films.films[0], path="other.png", source="elsewhere")
    asked: list[set[str]] = []

    def search(films: Manifest) -> tuple[DuplicatePair, ...]:
        asked.append({film.path for film in films.films})
        return ()

    wider = toy_films.select([*toy_films.films, other])
    pairs_that_matter(toy_protocol(), wider, search, seeds=(3,), most=0)
    assert asked == [{film.path for film in toy_films.films}]


def test_a_quick_run_draws_what_it_would_had_all_pairs_been_searched(
    toy_films: Manifest, toy_protocol: Make
) -> None:
    protocol = toy_protocol()
    paths = [film.path for film in toy_films.films if film.label == "normal"]
    known = [
        DuplicatePair(a=a, b=b, score=1.0, kind=DuplicateKind.COPY)
        for a, b in zip(paths[::2], paths[1::2], strict=True)
    ]
    asked: list[int] = []

    def search(films: Manifest) -> list[DuplicatePair]:
        here = {film.path for film in films.films}
        asked.append(len(here))
        return [pair for pair in known if {pair.a, pair.b} <= here]

    found = pairs_that_matter(protocol, toy_films, search, seeds=(3,), most=10)
    assert draw(protocol, toy_films, found, seed=3, most=10) == draw(
        protocol, toy_films, known, seed=3, most=10
    )
    assert asked[0] == 30
    assert len(asked) > 1
    assert max(asked) < len(toy_films.films)
