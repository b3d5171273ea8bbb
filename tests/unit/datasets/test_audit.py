"""An audit counts every film once per table and lists every leak."""

from dataclasses import replace
from pathlib import Path

import pytest

from thoracle.datasets.audit import AuditFigures, Table, age_band, audit_manifest, find_leaks
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import make_split

FILMS = (
    Film(path="a", source="x", patient="x:1", label="normal", age_years=3.0, view="PA", sex="F"),
    Film(path="b", source="x", patient="x:1", label="viral", age_years=4.0, view="AP"),
    Film(path="c", source="y", patient="y:1", label="covid-19", age_years=81.0, modality="CT"),
    Film(path="d", source="y", label="", population=Population.ADULT),
)
MANIFEST = Manifest(films=FILMS, root=Path("/data"))
PAIRS = [
    DuplicatePair(a="b", b="c", score=0.9, kind=DuplicateKind.COPY),
    DuplicatePair(a="a", b="b", score=0.55, kind=DuplicateKind.LOOKALIKE),
    DuplicatePair(a="c", b="d", score=0.9, kind=DuplicateKind.CROP),
]


@pytest.fixture
def figures() -> AuditFigures:
    return audit_manifest(MANIFEST, PAIRS, make_split(MANIFEST, PAIRS, {"train": 1.0}, 0))


def _table(figures: AuditFigures, title: str) -> Table:
    (table,) = [one for one in figures.tables if one.title == title]
    return table


def test_labels_are_counted_by_source_with_a_sum(figures: AuditFigures) -> None:
    table = _table(figures, "Label by source")
    assert table.columns == ("", "x", "y", "all")
    assert table.rows == (
        ("covid-19", 0, 1, 1),
        ("normal", 1, 0, 1),
        ("unknown", 0, 1, 1),
        ("viral", 1, 0, 1),
    )


def test_every_table_of_films_counts_each_film_once(figures: AuditFigures) -> None:
    for table in figures.tables:
        if table.title != "Near-duplicates":
            assert sum(int(row[-1]) for row in table.rows) == len(FILMS), table.title


def test_the_full_table_keeps_label_source_age_and_view(figures: AuditFigures) -> None:
    rows = _table(figures, "Label, source, age and view together").rows
    assert ("covid-19", "y", "80+", "CT", 1) in rows
    assert ("normal", "x", "0–4", "PA", 1) in rows


def test_pairs_are_counted_by_sources_kind_and_patient(figures: AuditFigures) -> None:
    assert _table(figures, "Near-duplicates").rows == (
        ("x – x", "lookalike", "one patient", 1),
        ("x – y", "copy", "not known as one", 1),
        ("y – y", "crop", "not known as one", 1),
    )


def test_the_split_table_stands_first_and_only_with_a_split(figures: AuditFigures) -> None:
    assert figures.tables[0].title == "Source and finding by split"
    assert figures.tables[0].columns == ("", "train", "all")
    assert audit_manifest(MANIFEST, PAIRS, None).tables[0].title == "Label by source"


def test_groups_and_their_patients_are_counted(figures: AuditFigures) -> None:
    assert figures.groups == 1
    (group,) = figures.largest_groups
    assert (group.name, group.films, group.patients) == ("a", 4, 2)


def test_near_duplicates_with_contradicting_labels_are_conflicts(figures: AuditFigures) -> None:
    assert [(pair.a, pair.b) for pair in figures.conflicts] == [("b", "c"), ("a", "b")]


def test_ages_are_listed_by_source(figures: AuditFigures) -> None:
    assert figures.ages_by_source == {"x": (3.0, 4.0), "y": (81.0,)}


def test_a_whole_split_has_no_leaks(figures: AuditFigures) -> None:
    assert figures.leaks == ()


def test_a_torn_patient_and_a_torn_group_are_both_listed() -> None:
    split = make_split(MANIFEST, PAIRS, {"train": 1.0}, 0)
    rows = tuple(
        replace(row, split="test") if row.path in {"a", "d"} else row for row in split.rows
    )
    leaks = find_leaks(MANIFEST, replace(split, rows=rows), PAIRS)
    assert [leak.what for leak in leaks] == ["patient x:1", "near-duplicates of a"]
    assert leaks[0].splits == ("test", "train")
    assert leaks[0].paths == ("a", "b")


def test_dropped_films_are_no_leak() -> None:
    split = make_split(MANIFEST, PAIRS, {"train": 1.0}, 0)
    rows = tuple(replace(row, split="dropped") if row.path == "a" else row for row in split.rows)
    assert find_leaks(MANIFEST, replace(split, rows=rows), PAIRS) == ()


@pytest.mark.parametrize(
    ("age_years", "population", "band"),
    [
        (0.0, Population.CHILD, "0–4"),
        (17.9, Population.CHILD, "5–17"),
        (18.0, Population.ADULT, "18–39"),
        (79.5, Population.ADULT, "60–79"),
        (80.0, Population.ADULT, "80+"),
        (None, Population.CHILD, "unknown (child)"),
        (None, Population.UNKNOWN, "unknown"),
    ],
)
def test_age_bands(age_years: float | None, population: Population, band: str) -> None:
    film = Film(path="a", source="x", age_years=age_years, population=population)
    assert age_band(film) == band
