"""The audit's report: doubtful strangers first, pictures only where wanted, the gate's refusals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.core.results import GateDecision, GateKind, Reason
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair, DuplicateSearch
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import make_split
from thoracle.jobs.data_audit import AuditInputs, AuditOptions, audit
from thoracle.reporting.audit_html import AuditReport

OPTIONS = AuditOptions(with_films=True, pairs_max=2, refusals_max=1)
FILMS = (
    Film(path="a.png", source="x", patient="x:1", label="normal"),
    Film(path="b.png", source="x", patient="x:1", label="viral"),
    Film(path="c.png", source="y", patient="y:1", label="viral"),
    Film(path="d.png", source="y"),
)
PAIRS = (
    DuplicatePair(a="a.png", b="b.png", score=0.52, kind=DuplicateKind.LOOKALIKE),
    DuplicatePair(a="b.png", b="c.png", score=0.95, kind=DuplicateKind.COPY),
    DuplicatePair(a="c.png", b="d.png", score=0.65, kind=DuplicateKind.CROP),
)


def _ignore(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""


@pytest.fixture
def inputs(tmp_path: Path) -> AuditInputs:
    rng = np.random.default_rng(0)
    for name in ("a.png", "b.png", "c.png"):
        Image.fromarray(rng.integers(0, 255, (300, 200)).astype(np.uint8)).save(tmp_path / name)
    (tmp_path / "d.png").write_bytes(b"no picture")
    search = DuplicateSearch(
        pairs=PAIRS, unreadable=("d.png",), candidates=9, negative_scores=(0.2, 0.3)
    )
    return AuditInputs(manifest=Manifest(films=FILMS, root=tmp_path), search=search, split=None)


@pytest.fixture
def report(inputs: AuditInputs) -> AuditReport:
    return audit(inputs, decide=None, options=OPTIONS, on_progress=_ignore)


def test_pairs_of_strangers_come_first_and_the_doubtful_at_the_top(report: AuditReport) -> None:
    assert [(pair.a, pair.b) for pair in report.pairs] == [
        ("c.png", "d.png"),
        ("b.png", "c.png"),
        ("a.png", "b.png"),
    ]
    assert [pair.is_one_patient for pair in report.pairs] == [False, False, True]


def test_pictures_are_small_and_only_of_the_first_pairs(report: AuditReport) -> None:
    first, second, third = report.pairs
    assert first.pngs[1] is None  # the file that is no picture
    assert third.pngs == (None, None)
    assert [pair.is_shown for pair in report.pairs] == [True, True, False]
    png = second.pngs[0]
    assert png is not None
    assert png.startswith(b"\x89PNG")


def test_no_films_means_no_pictures(inputs: AuditInputs) -> None:
    options = replace(OPTIONS, with_films=False)
    report = audit(inputs, decide=None, options=options, on_progress=_ignore)
    assert {pair.pngs for pair in report.pairs} == {(None, None)}
    assert not report.with_films


def test_contradicting_labels_of_one_film_are_marked(report: AuditReport) -> None:
    assert [pair.is_conflict for pair in report.pairs] == [False, False, True]


def test_without_a_gate_nothing_is_said_about_it(report: AuditReport) -> None:
    assert not report.is_gated
    assert report.refused == ()
    assert "Refused by the gate" not in [table.title for table in report.tables]
    assert report.tables[-1].title.startswith("Largest groups")
    assert report.tables[-1].rows == (("a.png", 4, 2),)


def test_scores_and_unreadable_files_are_passed_on(report: AuditReport) -> None:
    assert report.pair_scores == (0.52, 0.95, 0.65)
    assert report.refused_scores == (0.2, 0.3)
    assert report.unreadable == ("d.png",)
    assert (report.films, report.groups, report.split_digest) == (4, 1, None)


def test_leaks_of_a_split_are_listed(inputs: AuditInputs) -> None:
    split = make_split(inputs.manifest, PAIRS, {"train": 1.0}, 0)
    rows = tuple(replace(row, split="test") if row.path == "a.png" else row for row in split.rows)
    torn = replace(split, rows=rows)
    report = audit(replace(inputs, split=torn), decide=None, options=OPTIONS, on_progress=_ignore)
    assert [one.what for one in report.torn] == ["patient x:1", "near-duplicates of a.png"]
    assert report.split_digest == torn.digest
    assert report.pairs[2].splits == ("test", "train")


def _decide(path: Path) -> GateDecision:
    if path.name == "d.png":
        raise ImageError("not readable")
    kind = GateKind.FRONTAL_CHEST if path.name == "a.png" else GateKind.ROTATED_CHEST
    return GateDecision(
        accepted=path.name == "a.png",
        kind=kind,
        probability=0.75,
        rotation_degrees=0 if path.name == "a.png" else 90,
        reasons=(Reason(code="rotated", text="Turned by 90°."),),
    )


def test_refusals_and_unreadable_films_are_listed_with_reasons(inputs: AuditInputs) -> None:
    told: list[tuple[str, int, int]] = []
    report = audit(
        inputs,
        decide=_decide,
        options=OPTIONS,
        on_progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    assert [film.path for film in report.refused] == ["b.png", "c.png", "d.png"]
    first, second, third = report.refused
    assert (first.kind, first.probability, first.rotation_degrees) == ("rotated_chest", 0.75, 90)
    assert first.reasons == ("Turned by 90°.",)
    assert first.png is not None
    assert second.png is None
    assert [film.is_shown for film in report.refused] == [True, False, False]
    assert (third.kind, third.probability, third.reasons) == (
        "unreadable",
        None,
        ("not readable",),
    )
    assert report.tables[-1].rows == (
        ("x", "rotated_chest", 1),
        ("y", "rotated_chest", 1),
        ("y", "unreadable", 1),
    )
    assert told[-1] == ("gate", 4, 4)
