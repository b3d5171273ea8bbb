"""`thoracle train ct-rounds` plays the courses that are asked for, and prints their table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.train.ct import rounds
from thoracle.train.ct.rounds import Course, Rounds

RECIPES = Path(__file__).parents[3] / "recipes"


def test_the_table_of_the_courses_played_is_printed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["case,patient", *(f"c{number},p{number}" for number in range(5))]
    (tmp_path / "cases.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for number in range(5):
        for kind in ("image", "labels"):
            (tmp_path / f"c{number}_{kind}.nii.gz").touch()
    seen: list[tuple[Rounds, Course]] = []

    def play(study: Rounds, course: Course, *, told: Any) -> Iterator[dict[str, Any]]:
        seen.append((study, course))
        for number in range(3):
            yield {
                "round": number, "held_out": course.held_out,
                "learned": list(course.learned(number)), "next": None,
                "figures": {"lungs": 0.9, "infection": 0.5, "poi_points": 1.0},
            }  # fmt: skip

    monkeypatch.setattr(rounds, "play", play)
    done = CliRunner().invoke(
        app,
        [
            "train", "ct-rounds", str(RECIPES / "ct-quick.toml"), "--cases", str(tmp_path),
            "--retrain", str(RECIPES / "retrain" / "ct-quick.toml"), "--held-out", "p4,p1",
            "--rounds", "2", "--out", str(tmp_path / "study"),
        ],
        catch_exceptions=False,
    )  # fmt: skip
    assert [course.held_out for _, course in seen] == ["p4", "p1"]
    assert seen[0][0].goes_on.epochs == 12
    assert seen[0][1].corrected == ("p1", "p2")
    assert "Courses: 2, one patient held out in each: p1, p4." in done.output
    assert (tmp_path / "study" / "rounds.md").read_text(encoding="utf-8") in done.output
    assert (tmp_path / "study" / "plan.json").is_file()
