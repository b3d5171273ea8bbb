"""The whole report: tables in three forms and the plot, and no name of a film."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.severity import ReaderScores
from thoracle.inference.bundle import open_bundle
from thoracle.jobs import severity_report as job
from thoracle.jobs.evaluate_severity import Predictions, ScoredRun
from thoracle.jobs.evaluation_scope import EvaluationScope
from thoracle.jobs.severity_checks import JudgedFilms


def scored_run(films: tuple[Film, ...]) -> ScoredRun:
    rng = np.random.default_rng(0)
    zones = rng.integers(0, 4, (len(films), 2, 6)).astype(float)
    scores = tuple(
        ReaderScores(film=film, zones=zones[i], extent=float(i % 9), opacity=float(i % 7))
        for i, film in enumerate(films)
    )
    sums: dict[str, DoubleArray] = {
        name: rng.uniform(0, 6, len(films)) for name in ("Brixia", "extent", "opacity", "days")
    }
    made = Predictions(method="network", zones=zones.mean(axis=1), sums=sums)
    return ScoredRun(
        scores=scores, patients=tuple(str(i // 2) for i in range(len(films))), predictions=(made,)
    )


@pytest.mark.usefixtures("bundles")
def test_the_report_holds_agreement_normal_films_and_outcomes(
    tmp_path: Path, shared_bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cohen").mkdir()
    (tmp_path / "cohen" / "metadata.csv").write_text(
        "filename,went_icu,intubated,survival\nother.jpg,Y,N,Y\n", encoding="utf-8"
    )
    own = tuple(
        Film(path=f"cohen/images/f{i}.jpg", source="cohen", view="PA", label="covid-19")
        for i in range(20)
    )
    normal = Film(path="nih/n.png", source="nih", view="PA", label="normal")
    other = Film(
        path="cohen/images/other.jpg", source="cohen", view="PA", label="covid-19", patient="c:9"
    )
    manifest = Manifest(films=(*own, normal, other), root=tmp_path)
    asked: list[str] = []

    def judge(_manifest: Manifest, films: list[Film], **_: object) -> JudgedFilms:
        asked.extend(film.path for film in films)
        told = np.zeros(len(films), bool)
        return JudgedFilms(films=tuple(films), scores=np.full(len(films), 2.0), is_told=told)

    monkeypatch.setattr(job, "read_run", lambda *_: scored_run(own))
    monkeypatch.setattr(job, "judge_films", judge)
    monkeypatch.setattr(job, "SeverityScorer", lambda _bundle: SimpleNamespace())
    scope = EvaluationScope(name="Unseen", manifest=manifest, splits={normal.path: "test"})
    bundle = open_bundle(str(shared_bundles / "lungs"))
    made = job.severity_report(tmp_path, bundle, scope, {})
    assert asked == [normal.path, other.path]
    made.write(tmp_path / "out")
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "bland-altman.svg",
        "evaluation.html",
        "evaluation.json",
        "evaluation.md",
    ]
    content = json.loads(made.report.json)
    assert content["normal nih"] == {"films": 1, "mean": 2.0, "above_3": 0, "told": 0}
    assert "two readers" in made.report.markdown
    for text in (made.report.markdown, made.report.json.decode()):
        assert "f1.jpg" not in text
        assert "other.jpg" not in text
