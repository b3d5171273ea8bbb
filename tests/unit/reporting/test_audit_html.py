"""The audit's page is one file with everything in it, and its JSON has no pictures."""

import base64
import json
import re
from dataclasses import replace

import pytest

from thoracle.reporting.audit_html import (
    AuditReport,
    CountTable,
    RefusedFilm,
    ShownPair,
    TornGroup,
    audit_html,
    audit_json,
)

PNG = b"\x89PNG\r\n\x1a\nfilm"


@pytest.fixture
def report() -> AuditReport:
    pair = ShownPair(
        a="a<b>.png",
        b="c.png",
        score=0.6789,
        kind="copy",
        patients=("x:1", None),
        labels=("normal", ""),
        splits=("train", None),
        is_one_patient=False,
        is_conflict=True,
        pngs=(PNG, None),
        is_shown=True,
    )
    hidden = replace(pair, a="hidden.png", is_shown=False, pngs=(None, None), is_conflict=False)
    film = RefusedFilm(
        path="r.png",
        source="x",
        label="",
        kind="rotated_chest",
        probability=0.98765,
        rotation_degrees=90,
        reasons=("Turned.", "Turn it back."),
        png=PNG,
        is_shown=True,
    )
    broken = replace(film, path="broken.png", kind="unreadable", probability=None, png=None)
    return AuditReport(
        films=1234,
        groups=77,
        manifest_digest="m" * 64,
        split_digest="s" * 64,
        thresholds=(0.5, 0.6),
        tables=(
            CountTable(title="Label by source", columns=("", "x", "all"), rows=(("normal", 3, 3),)),
        ),
        torn=(TornGroup(what="patient x:9", splits=("test", "train"), paths=("p.png", "q.png")),),
        pairs=(pair, hidden),
        refused=(film, broken, replace(film, path="quiet.png", is_shown=False)),
        is_gated=True,
        unreadable=("u.png",),
        pair_scores=(0.7,),
        refused_scores=(0.2,),
        ages_by_source={"x": (3.0, 40.0)},
        with_films=True,
    )


def test_the_page_needs_nothing_from_elsewhere(report: AuditReport) -> None:
    page = audit_html(report)
    assert "<script" not in page
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)


def test_the_page_shows_figures_leaks_tables_and_unreadable_files(report: AuditReport) -> None:
    page = audit_html(report)
    for text in (
        "1234",
        "77",
        "m" * 64,
        "This split leaks: 1 patients",
        "patient x:9 stands in test, train",
        "<td>normal</td><td>3</td>",
        "u.png",
        "Research use only",
    ):
        assert text in page


def test_file_names_cannot_write_html(report: AuditReport) -> None:
    page = audit_html(report)
    assert "a<b>.png" not in page
    assert "a&lt;b&gt;.png" in page


def test_pairs_stand_side_by_side_with_their_pictures(report: AuditReport) -> None:
    page = audit_html(report)
    assert base64.b64encode(PNG).decode() in page
    assert "0.68 · copy" in page
    assert "labels exclude each other" in page
    assert "x:1 · normal · train" in page
    assert "patient unknown · label unknown" in page
    assert "hidden.png" not in page
    assert "1 of 2 pairs are shown" in page


def test_refusals_say_kind_turn_and_reasons(report: AuditReport) -> None:
    page = audit_html(report)
    assert "<strong>rotated_chest</strong> · probability 0.988 · turned by 90°" in page
    assert "Turned. Turn it back." in page
    assert "broken.png" in page
    assert "quiet.png" not in page


def test_a_page_with_films_says_to_keep_it_like_them(report: AuditReport) -> None:
    assert "keep it as you keep the films" in audit_html(report)
    assert "keep it as you keep the films" not in audit_html(replace(report, with_films=False))


def test_without_split_and_gate_their_parts_are_missing(report: AuditReport) -> None:
    page = audit_html(
        replace(report, split_digest=None, torn=(), refused=(), is_gated=False, unreadable=())
    )
    assert "Patients across splits" not in page
    assert "Refused by the gate" not in page
    assert "cannot be read" not in page
    assert "no split given" in page


def test_a_split_without_leaks_says_so(report: AuditReport) -> None:
    page = audit_html(replace(report, torn=()))
    assert "No patient and no group of near-duplicates stands in more than one split." in page


def test_the_json_has_every_pair_and_refusal_but_no_picture(report: AuditReport) -> None:
    content = json.loads(audit_json(report))
    assert content["films"] == 1234
    assert content["thresholds"] == {"grouped": 0.5, "copy": 0.6}
    assert [pair["a"] for pair in content["pairs"]] == ["a<b>.png", "hidden.png"]
    assert content["pairs"][0]["score"] == 0.6789
    assert content["pairs"][0]["label_conflict"] is True
    assert content["leaks"][0]["paths"] == ["p.png", "q.png"]
    assert [film["path"] for film in content["refused"]] == ["r.png", "broken.png", "quiet.png"]
    assert content["refused"][1]["probability"] is None
    assert base64.b64encode(PNG).decode() not in audit_json(report).decode()
    assert content["unreadable"] == ["u.png"]


def test_the_json_tells_no_gate_from_a_gate_that_refused_nothing(report: AuditReport) -> None:
    assert json.loads(audit_json(replace(report, refused=())))["refused"] == []
    assert json.loads(audit_json(replace(report, is_gated=False)))["refused"] is None
