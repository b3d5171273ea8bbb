"""A study's table and curve give means over courses, and hide no course."""

import json
from pathlib import Path
from typing import Any

import pytest

from thoracle.train.ct.rounds_report import means_of, rounds_markdown, rounds_svg, write_rounds


def _effort(ml: float, slices: int) -> dict[str, float]:
    return {"volume_ml": ml, "infection_ml": ml / 10, "slices": slices}


def _round(held_out: str, number: int, *, infection: float | None, own: float) -> dict[str, Any]:
    scans = [
        {"case": "x", "own": _effort(own, 4), "first": _effort(300.0, 20),
         "nothing": _effort(900.0, 40)},
        {"case": "y", "own": _effort(own + 20, 8), "first": _effort(300.0, 20),
         "nothing": _effort(900.0, 40)},
    ]  # fmt: skip
    return {
        "round": number,
        "held_out": held_out,
        "learned": ["a", "b"][: number + 1],
        "figures": {"lungs": 0.9 + number / 100, "infection": infection, "poi_points": 2.0},
        "next": {"patient": "z", "scans": scans} if number == 0 else None,
    }


PLAYED = [
    _round("p1", 0, infection=0.4, own=100.0),
    _round("p1", 1, infection=0.6, own=0.0),
    _round("p2", 0, infection=None, own=200.0),
    _round("p2", 1, infection=None, own=0.0),
]


def test_means_are_over_courses_and_scans_of_a_patient_count_as_one() -> None:
    first, last = means_of(PLAYED)
    assert (first.number, first.learned, last.learned) == (0, 1.0, 2.0)
    assert first.figures["infection"] == 0.4
    assert (first.counts["infection"], first.counts["lungs"]) == (1, 2)
    assert first.effort is not None
    assert first.effort["own"]["volume_ml"] == pytest.approx((110 + 210) / 2)
    assert first.effort["first"]["slices"] == 20
    assert last.effort is None


def test_the_table_says_what_is_unknown_and_shows_every_course() -> None:
    text = rounds_markdown(PLAYED)
    assert "Courses: 2, one patient held out in each: p1, p2. The reader is simulated" in text
    assert (
        "| 0 | 1 | 0.900 | 0.400 (1) | 2.00 | 160.0 | 300.0 | 16.0 | 30.0 | 6.0 | 20.0 | 40.0 |"
        in (text)
    )
    assert "| 1 | 2 | 0.910 | 0.600 (1) | 2.00 | – | – | – | – | – | – | – |" in text
    assert "| p2 | 0 | a | 0.900 | – | 2.00 | z | 210.0 | 300.0 |" in text


def test_the_curve_names_what_it_shows() -> None:
    svg = rounds_svg(PLAYED)
    assert "Dice on the patient held out" in svg
    assert "first network" in svg
    assert rounds_svg(PLAYED) == svg
    assert "infection" not in rounds_svg(PLAYED[2:])


def test_a_study_is_written_as_table_curve_and_numbers(tmp_path: Path) -> None:
    text = write_rounds(PLAYED, tmp_path)
    assert (tmp_path / "rounds.md").read_text(encoding="utf-8") == text
    assert json.loads((tmp_path / "rounds.json").read_bytes())["rounds"] == PLAYED
    assert (tmp_path / "rounds.svg").read_text(encoding="utf-8").startswith("<?xml")
