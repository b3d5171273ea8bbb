"""The command compare reads its options and leaves its report."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, read_manifest, write_manifest
from thoracle.datasets.split import make_split, write_split
from thoracle.evaluation.paired import PairedFigures
from thoracle.jobs import compare as job
from thoracle.jobs.compare import Question
from thoracle.jobs.evaluation_scope import EvaluationScope, Report

RUNNER = CliRunner()


def test_every_option_reaches_the_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = [
        Film(path=f"{number}.png", source="here", patient=str(number), label="normal")
        for number in range(40)
    ]
    path = tmp_path / "manifest.csv"
    write_manifest(Manifest(films=tuple(films), root=tmp_path), path)
    split = tmp_path / "split.csv"
    write_split(make_split(read_manifest(path), [], {"tune": 0.5, "test": 0.5}, 0), split)
    asked: list[tuple[str, str, EvaluationScope, Question]] = []

    def answer(
        first: str, second: str, scope: EvaluationScope, question: Question
    ) -> tuple[Report, PairedFigures | None]:
        asked.append((first, second, scope, question))
        return Report(name="x", json=b"{}", markdown="said", html="", stem="comparison"), None

    monkeypatch.setattr(job, "compare_bundles", answer)
    found = RUNNER.invoke(
        app,
        ["compare", "new", "old", str(path), "--out", str(tmp_path / "out"), "--split", str(split),
         "--part", "tune", "--sources", "here, there", "--sites", "north", "--populations",
         "adult", "--name", "Mine", "--figure", "accuracy", "--margin", "0.03"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert found.output.strip() == "said"
    ((first, second, scope, question),) = asked
    assert (first, second) == ("new", "old")
    assert question == Question(primary="accuracy", margin=0.03)
    assert scope.sources == ("here", "there")
    assert (scope.sites, scope.populations) == (("north",), ("adult",))
    assert (scope.name, scope.part) == ("Mine", "tune")
    assert scope.splits is not None
    assert (tmp_path / "out" / "comparison.json").read_bytes() == b"{}"
