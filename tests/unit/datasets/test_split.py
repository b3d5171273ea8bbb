"""Splits never tear a patient or a duplicate group, share strata out, and cannot be altered."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import SplitError
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair, group_films
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import (
    DEFAULT_FRACTIONS,
    Split,
    SplitRow,
    check_split,
    leave_out,
    make_split,
    read_split,
    write_split,
)


def _link(a: str, b: str) -> DuplicatePair:
    return DuplicatePair(a=a, b=b, score=0.9, kind=DuplicateKind.COPY)


def _manifest(count: int = 600) -> Manifest:
    """Two films per patient; a third of the films from source y; labels in turn."""
    labels = ("normal", "viral", "covid-19", "")
    films = tuple(
        Film(
            path=f"{index:04}.png",
            source="y" if index % 3 == 0 else "x",
            patient=f"p{index // 2}" if index % 7 else None,
            label=labels[index // 2 % 4],
            site="Italy" if index % 10 == 0 else None,
            publisher="example.org" if index % 25 == 1 else None,
            official_split="test_or_val" if index % 50 == 5 else "train",
        )
        for index in range(count)
    )
    return Manifest(films=films, root=Path("/data"))


PAIRS = [_link("0001.png", "0009.png"), _link("0009.png", "0300.png")]


def test_every_film_is_in_one_split_with_its_patient_and_duplicates() -> None:
    manifest = _manifest()
    split = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 3)
    names = split.by_path()
    assert set(names) == {film.path for film in manifest.films}
    by_patient: dict[str, set[str]] = {}
    for film in manifest.films:
        if film.patient:
            by_patient.setdefault(film.patient, set()).add(names[film.path])
    assert all(len(used) == 1 for used in by_patient.values())
    assert names["0001.png"] == names["0009.png"] == names["0300.png"]
    check_split(manifest, split, PAIRS)


def test_fractions_hold_in_all_and_within_each_source_and_label() -> None:
    manifest = _manifest()
    names = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 0).by_path()
    counts = Counter(names.values())
    for name, share in DEFAULT_FRACTIONS.items():
        assert counts[name] / 600 == pytest.approx(share, abs=0.02)
    strata: dict[tuple[str, str], Counter[str]] = {}
    for film in manifest.films:
        strata.setdefault((film.source, film.label), Counter())[names[film.path]] += 1
    for counted in strata.values():
        for name, share in DEFAULT_FRACTIONS.items():
            assert counted[name] == pytest.approx(share * counted.total(), abs=4)


def test_the_seed_repeats_the_split_and_another_changes_it() -> None:
    manifest = _manifest()
    first = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 1)
    assert make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 1) == first
    assert make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 2).by_path() != first.by_path()


def test_the_order_of_the_rows_does_not_matter() -> None:
    manifest = _manifest()
    turned = Manifest(films=manifest.films[::-1], root=manifest.root)
    one = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 1)
    other = make_split(turned, PAIRS, DEFAULT_FRACTIONS, 1)
    assert one.by_path() == other.by_path()
    assert one.digest == other.digest


@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=30),
    st.integers(0, 2**32 - 1),
)
def test_no_split_of_any_links_leaks(links: list[tuple[int, int]], seed: int) -> None:
    manifest = _manifest(40)
    pairs = [_link(f"{a:04}.png", f"{b:04}.png") for a, b in links]
    check_split(manifest, make_split(manifest, pairs, DEFAULT_FRACTIONS, seed), pairs)


def test_official_test_films_take_their_whole_group_into_test() -> None:
    manifest = _manifest()
    split = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 0, use_official=True)
    names = split.by_path()
    groups = group_films(manifest, PAIRS)
    official = {groups[f.path] for f in manifest.films if f.official_split == "test_or_val"}
    assert official
    assert {names[path] for path, group in groups.items() if group in official} == {"test"}
    ignored = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 0).by_path()
    assert {ignored[path] for path, group in groups.items() if group in official} != {"test"}


@pytest.mark.parametrize(
    ("fractions", "expected"),
    [
        ({"train": 0.5, "test": 0.4}, r"add up to 0\.9"),
        ({"train": 1.2, "test": -0.2}, "expected positive shares"),
        ({"train": 0.5, "validation": 0.5}, 'name "validation"'),
        ({}, "add up to 0"),
    ],
)
def test_impossible_fractions_are_refused(fractions: dict[str, float], expected: str) -> None:
    with pytest.raises(SplitError, match=expected):
        make_split(_manifest(8), [], fractions, 0)


def test_a_left_out_source_is_external_and_its_kin_are_dropped() -> None:
    manifest = _manifest()
    split = leave_out(manifest, PAIRS, {"train": 0.8, "tune": 0.2}, 0, sources=["y"])
    names = split.by_path()
    groups = group_films(manifest, PAIRS)
    left_out = {film.path for film in manifest.films if film.source == "y"}
    touched = {groups[path] for path in left_out}
    kin = {path for path, group in groups.items() if group in touched} - left_out
    assert {path for path, name in names.items() if name == "external"} == left_out
    assert set(split.dropped) == kin
    assert kin
    assert set(names.values()) == {"external", "dropped", "train", "tune"}
    check_split(manifest, split, PAIRS)


@pytest.mark.parametrize("site", ["Italy", "example.org"])
def test_a_site_is_left_out_by_place_or_publisher(site: str) -> None:
    manifest = _manifest()
    names = leave_out(manifest, PAIRS, {"train": 1.0}, 0, sites=[site]).by_path()
    expected = {film.path for film in manifest.films if site in {film.site, film.publisher}}
    assert {path for path, name in names.items() if name == "external"} == expected


def test_several_sites_are_left_out_together() -> None:
    manifest = _manifest()
    names = leave_out(manifest, PAIRS, {"train": 1.0}, 0, sites=["Italy", "example.org"]).by_path()
    expected = {
        film.path
        for film in manifest.films
        if {"Italy", "example.org"} & {film.site, film.publisher}
    }
    assert {path for path, name in names.items() if name == "external"} == expected


@pytest.mark.parametrize("chosen", [{}, {"sources": ["x"], "sites": ["Italy"]}])
def test_exactly_one_of_source_and_site_is_left_out(chosen: dict[str, list[str]]) -> None:
    with pytest.raises(SplitError, match="exactly one"):
        leave_out(_manifest(8), [], {"train": 1.0}, 0, **chosen)


def test_leaving_out_nothing_or_everything_is_refused() -> None:
    with pytest.raises(SplitError, match='"z" matches none of 8'):
        leave_out(_manifest(8), [], {"train": 1.0}, 0, sources=["x", "z"])
    only = Manifest(films=(Film(path="a", source="x"),), root=Path("/d"))
    with pytest.raises(SplitError, match="x match all 1 films"):
        leave_out(only, [], {"train": 1.0}, 0, sources=["x"])


def _moved(split: Split, path: str, name: str) -> Split:
    rows = tuple(replace(row, split=name) if row.path == path else row for row in split.rows)
    return replace(split, rows=rows)


def test_a_patient_in_two_splits_is_a_leak() -> None:
    manifest = _manifest(40)
    split = _moved(make_split(manifest, [], {"train": 1.0}, 0), "0002.png", "test")
    with pytest.raises(SplitError, match="stands in test and train") as caught:
        check_split(manifest, split, [])
    assert caught.value.code == "split-leak"


def test_a_duplicate_in_two_splits_is_a_leak() -> None:
    manifest = _manifest(40)
    split = _moved(make_split(manifest, [], {"train": 1.0}, 0), "0007.png", "test")
    check_split(manifest, split, [])
    with pytest.raises(SplitError, match="stands in test and train"):
        check_split(manifest, split, [_link("0007.png", "0014.png")])


def test_a_missing_an_extra_and_a_repeated_row_are_refused() -> None:
    manifest = _manifest(8)
    split = make_split(manifest, [], {"train": 1.0}, 0)
    extra = SplitRow(path="zz", group="zz", split="train")
    for rows in (split.rows[1:], (*split.rows, extra), (*split.rows, split.rows[0])):
        with pytest.raises(SplitError, match="exactly once"):
            check_split(manifest, replace(split, rows=rows), [])


def test_an_unknown_split_name_is_refused() -> None:
    manifest = _manifest(8)
    split = _moved(make_split(manifest, [], {"train": 1.0}, 0), "0007.png", "validation")
    with pytest.raises(SplitError, match='"validation" is unknown'):
        check_split(manifest, split, [])


def test_another_manifest_is_refused() -> None:
    split = make_split(_manifest(8), [], {"train": 1.0}, 0)
    with pytest.raises(SplitError, match="Use the manifest it was made from") as caught:
        check_split(_manifest(9), split, [])
    assert caught.value.code == "split-other-manifest"


def test_a_split_names_its_films_in_the_manifests_order() -> None:
    manifest = _manifest()
    split = make_split(manifest, PAIRS, DEFAULT_FRACTIONS, 0)
    together = [film for name in DEFAULT_FRACTIONS for film in split.films(manifest, name)]
    assert sorted(together, key=lambda film: film.path) == list(manifest.films)
    assert split.films(manifest, "external") == ()
    with pytest.raises(SplitError, match='no split "validation"'):
        split.films(manifest, "validation")
    with pytest.raises(SplitError, match="Use the manifest it was made from"):
        split.films(_manifest(9), "train")


def test_a_split_survives_writing_and_reading(tmp_path: Path) -> None:
    split = make_split(_manifest(), PAIRS, DEFAULT_FRACTIONS, 5)
    write_split(split, tmp_path / "split.csv")
    assert read_split(tmp_path / "split.csv") == split


def test_a_split_changed_by_hand_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "split.csv"
    write_split(make_split(_manifest(8), [], {"train": 1.0}, 5), path)
    path.write_text(path.read_text().replace("train", "test", 1))
    with pytest.raises(SplitError, match="it was changed") as caught:
        read_split(path)
    assert caught.value.code == "split-altered"


@pytest.mark.parametrize("companion", [None, "{}", "not json", "[]"])
def test_a_split_without_its_companion_is_refused(tmp_path: Path, companion: str | None) -> None:
    path = tmp_path / "split.csv"
    write_split(make_split(_manifest(8), [], {"train": 1.0}, 5), path)
    if companion is None:
        (tmp_path / "split.csv.json").unlink()
    else:
        (tmp_path / "split.csv.json").write_text(companion)
    with pytest.raises(SplitError, match="Make the split again"):
        read_split(path)


def test_the_digest_depends_on_rows_seed_threshold_and_manifest() -> None:
    split = make_split(_manifest(8), [], {"train": 1.0}, 0)
    others = [
        replace(split, seed=1),
        replace(split, manifest_digest="0"),
        replace(split, duplicate_threshold=0.9),
        _moved(split, "0000.png", "test"),
    ]
    assert len({split.digest, *(other.digest for other in others)}) == 5


def test_a_split_that_is_missing_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(SplitError, match=r"found no file .*nope\.csv – expected a split") as one:
        read_split(tmp_path / "nope.csv")
    assert one.value.code == "split-missing"
    (tmp_path / "alone.csv").write_text("path,group,split\n")
    with pytest.raises(SplitError, match=r"found no file .*alone\.csv\.json"):
        read_split(tmp_path / "alone.csv")
