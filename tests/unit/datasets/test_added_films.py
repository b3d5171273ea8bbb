"""Films that are added go where their patient is, or nowhere; what was there does not move."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ManifestError
from thoracle.datasets.added_films import (
    Joined,
    join_manifests,
    pairs_that_matter,
    place_added,
)
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import NAMES, Split, SplitRow

SHARES = {"train": 0.6, "calibrate": 0.1, "test": 0.3}
OLD = {
    "a.png": ("p1", "train"),
    "b.png": ("p2", "test"),
    "c.png": ("p3", "external"),
    "d.png": (None, "train"),
}


def film(path: str, patient: str | None) -> Film:
    return Film(path=path, source="s", patient=patient, label="normal")


def joined_with(*added: Film) -> tuple[Joined, Split]:
    films = tuple(film(path, patient) for path, (patient, _) in OLD.items())
    manifest = Manifest(films=films, root=Path("/films/old"))
    rows = tuple(SplitRow(path=one, group=one, split=part) for one, (_, part) in OLD.items())
    split = Split(rows=rows, manifest_digest=manifest.digest, seed=0, duplicate_threshold=0.5)
    return join_manifests(manifest, Manifest(films=added, root=Path("/films/new"))), split


def pair(one: str, other: str, kind: DuplicateKind = DuplicateKind.LOOKALIKE) -> DuplicatePair:
    return DuplicatePair(a=min(one, other), b=max(one, other), score=0.7, kind=kind)


def parts_of(*added: Film, pairs: tuple[DuplicatePair, ...] = ()) -> dict[str, str]:
    joined, split = joined_with(*added)
    placed = place_added(joined, split, pairs, fractions=SHARES, seed=3)
    return placed.split.by_path()


def test_what_was_there_keeps_its_part_and_can_be_found_by_its_former_path() -> None:
    joined, split = joined_with(film("x.png", "q"))
    assert joined.manifest.root == Path("/films")
    assert joined.added == ("new/x.png",)
    assert joined.former["old/a.png"] == "a.png"
    found = place_added(joined, split, (), fractions=SHARES, seed=3).split.by_path()
    assert {path: found[f"old/{path}"] for path in OLD} == split.by_path()


@pytest.mark.parametrize(("patient", "part"), [("p1", "train"), ("p2", "test")])
def test_a_known_patients_film_goes_to_the_patients_part(patient: str, part: str) -> None:
    assert parts_of(film("x.png", patient))["new/x.png"] == part


def test_a_lookalike_of_a_film_goes_to_its_part_and_takes_its_own_patient_along() -> None:
    found = parts_of(
        film("x.png", "q"), film("y.png", "q"), pairs=(pair("new/x.png", "old/b.png"),)
    )
    assert (found["new/x.png"], found["new/y.png"]) == ("test", "test")


@pytest.mark.parametrize(
    ("added", "pairs", "why"),
    [
        (film("x.png", "q"), [("new/x.png", "old/a.png", DuplicateKind.COPY)], "already-there"),
        (film("x.png", "q"), [("new/x.png", "old/b.png", DuplicateKind.CROP)], "already-there"),
        (film("x.png", "p3"), [], "between-parts"),
        (
            film("x.png", "p1"),
            [("new/x.png", "old/b.png", DuplicateKind.LOOKALIKE)],
            "between-parts",
        ),
        (
            film("x.png", None),
            [("new/x.png", "old/b.png", DuplicateKind.LOOKALIKE)],
            "unknown-patient",
        ),
    ],
)
def test_what_belongs_nowhere_is_left_out_and_counted(
    added: Film, pairs: list[tuple[str, str, DuplicateKind]], why: str
) -> None:
    joined, split = joined_with(added)
    given = tuple(pair(*one) for one in pairs)
    placed = place_added(joined, split, given, fractions=SHARES, seed=3)
    assert placed.split.by_path()["new/x.png"] == "dropped"
    assert placed.left_out == {why: 1}
    assert placed.pairs == ()


def test_a_film_of_an_unknown_patient_is_never_held_out() -> None:
    added = [film(f"{number}.png", None) for number in range(30)]
    found = parts_of(*added)
    assert {found[f"new/{one.path}"] for one in added} == {"train"}


def test_new_patients_are_shared_out_whole() -> None:
    added = [film(f"{number}.png", f"q{number // 2}") for number in range(60)]
    found = parts_of(*added)
    counts = Counter(found[f"new/{one.path}"] for one in added)
    assert counts == {"train": 36, "calibrate": 6, "test": 18}
    assert all(found[f"new/{n}.png"] == found[f"new/{n + 1}.png"] for n in range(0, 60, 2))


def test_only_pairs_with_an_added_film_are_taken_of_those_found_anew() -> None:
    joined, _ = joined_with(film("x.png", "q"))
    known = pair("a.png", "d.png")
    found = (pair("new/x.png", "old/d.png"), pair("old/a.png", "old/b.png"))
    assert pairs_that_matter([known], found, joined) == (
        replace(known, a="old/a.png", b="old/d.png"), found[0],
    )  # fmt: skip


def test_no_film_to_add_is_said() -> None:
    with pytest.raises(ManifestError, match="readings export") as raised:
        joined_with()
    assert raised.value.code == "readings-none"


@given(
    patients=st.lists(st.sampled_from(["p1", "p2", "p3", "q1", "q2", None]), min_size=1),
    ties=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(sorted(OLD)))),
    between=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))),
)
def test_whatever_is_added_no_patient_stands_in_two_parts(
    patients: list[str | None], ties: list[tuple[int, str]], between: list[tuple[int, int]]
) -> None:
    added = [film(f"{number:02d}.png", patient) for number, patient in enumerate(patients)]
    count = len(added)
    pairs = [pair(f"new/{one % count:02d}.png", f"old/{old}") for one, old in ties]
    pairs += [
        pair(f"new/{one % count:02d}.png", f"new/{other % count:02d}.png")
        for one, other in between
        if one % count != other % count
    ]
    found = parts_of(*added, pairs=tuple(pairs))
    assert set(found.values()) <= set(NAMES)
    for patient in ("p1", "p2", "p3", "q1", "q2"):
        mine = {found[f"new/{n:02d}.png"] for n, one in enumerate(patients) if one == patient}
        mine |= {part for own, part in OLD.values() if own == patient}
        assert len(mine - {"dropped"}) <= 1
