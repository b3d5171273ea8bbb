"""Films without a finding and outcomes: which films, and what their scores say."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.scoring import readable_pixels
from thoracle.jobs.severity_checks import (
    JudgedFilms,
    judge_films,
    normal_films,
    normals_table,
    outcome_films,
    outcomes_table,
    read_outcomes,
)
from thoracle.radiograph.analyze import Models
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs


def film(name: str, *, source: str = "cohen", **facts: object) -> Film:
    facts = {"view": "PA", "label": "covid-19"} | facts
    return Film(path=f"{source}/images/{name}.jpg", source=source, **facts)  # type: ignore[arg-type]


def test_only_test_films_without_a_finding_count_as_normal() -> None:
    films = (
        film("a", source="nih", label="normal"),
        film("b", source="nih", label="normal"),
        film("c", source="nih", label="viral"),
        film("d", source="nih", label="normal", view="L"),
    )
    splits = {films[0].path: "train"} | {one.path: "test" for one in films[1:]}
    found = normal_films(Manifest(films=films, root=Path()), splits)
    assert [one.path for one in found] == [films[1].path]


def test_normal_films_should_score_near_zero_and_those_above_three_are_counted() -> None:
    films = (film("a", source="nih"), film("b", source="nih"), film("c", source="kermany"))
    content: dict[str, object] = {}
    told = np.array([False, True, False])
    judged = JudgedFilms(films=films, scores=np.array([1.0, 5.0, 0.5]), is_told=told)
    table = normals_table(judged, content)
    assert table.rows == (("kermany", "1", "0.50", "0", "0"), ("nih", "2", "3.00", "1", "1"))
    assert content["normal nih"] == {"films": 2, "mean": 3.0, "above_3": 1, "told": 1}


def test_outcomes_are_judged_on_patients_tied_to_no_scored_film() -> None:
    scored = film("scored", patient="cohen:1")
    films = (
        scored,
        film("same", patient="cohen:1"),
        film("copy", patient="cohen:2"),
        film("free", patient="cohen:3"),
        film("child", patient="cohen:4", population=Population.CHILD),
        film("other", patient="cohen:5", label="viral"),
    )
    groups = {one.path: one.path for one in films} | {films[2].path: scored.path}
    found = outcome_films(Manifest(films=films, root=Path()), [scored], groups)
    assert [one.path for one in found] == ["cohen/images/free.jpg"]


def test_outcomes_are_read_where_they_are_told(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text(
        "filename,went_icu,intubated,survival\na.jpg,Y,N,N\nb.jpg,,N,Y\nc.jpg,unclear,,\n",
        encoding="utf-8",
    )
    assert read_outcomes(tmp_path) == {
        "a": {"intensive care": True, "intubated": False, "died": True},
        "b": {"intubated": False, "died": False},
        "c": {},
    }


def test_higher_scores_that_go_with_an_outcome_give_area_and_odds_above_chance() -> None:
    rng = np.random.default_rng(0)
    happened = rng.random(120) < 0.5
    scores = np.clip(6 + 3 * happened + rng.normal(0, 2.5, 120), 0, 18)
    films = tuple(
        film(
            f"f{i}",
            patient=f"p{i // 2}",
            age_years=float(rng.integers(20, 90)) if i % 5 else None,
            sex="MF"[int(rng.integers(2))] if i % 7 else None,
            view=("PA", "AP")[int(rng.integers(2))],
        )
        for i in range(120)
    )
    outcomes = {f"f{i}": {"died": bool(one)} for i, one in enumerate(happened)}
    content: dict[str, object] = {}
    judged = JudgedFilms(films=films, scores=scores, is_told=happened)
    table = outcomes_table(judged, outcomes, content)
    died = content["outcome died"]
    assert died["auroc"][0] == pytest.approx(0.8, abs=0.1)  # type: ignore[index]
    assert died["odds_ratio"][1] > 1  # type: ignore[index]
    assert died["films"] == 120  # type: ignore[index]
    lacking = sum(not (i % 5 and i % 7) for i in range(120))
    assert died["films_left_out"] == lacking  # type: ignore[index]
    assert table.rows[2][-1] == str(lacking)
    known = np.array([bool(i % 5 and i % 7) for i in range(120)])
    alone = outcomes_table(judged.take(known), outcomes, {})
    assert alone.rows[2][-2:] == (table.rows[2][-2], "0")  # nothing is put in their place
    assert table.rows[0] == ("intensive care", "0", "0", "–", "–", "–")  # nobody said


@pytest.mark.parametrize(("events", "is_told"), [(19, False), (20, True)])
def test_four_factors_need_five_events_each(events: int, *, is_told: bool) -> None:
    rng = np.random.default_rng(4)
    happened = np.arange(90) < events
    films = tuple(
        film(
            f"f{i}",
            patient=f"p{i}",
            age_years=float(rng.integers(20, 90)),
            sex="MF"[int(rng.integers(2))],
            view=("PA", "AP")[int(rng.integers(2))],
        )
        for i in range(90)
    )
    judged = JudgedFilms(films=films, scores=rng.normal(6, 3, 90), is_told=happened)
    content: dict[str, object] = {}
    outcomes = {f"f{i}": {"died": bool(one)} for i, one in enumerate(happened)}
    row = outcomes_table(judged, outcomes, content).rows[2]
    assert row[3] != "–"  # the area needs no model
    assert (row[4] != "–") is is_told
    assert (content["outcome died"]["odds_ratio"] is not None) is is_told  # type: ignore[index]


class BrightScorer:
    """Says how bright a film is, as a score."""

    def scores(self, pixels: FloatArray, _lungs: Lungs) -> SimpleNamespace:
        return SimpleNamespace(brixia=float(pixels.mean()) * 18)


def test_films_are_judged_as_served_and_unreadable_ones_left_out(
    bundles: Path, collection: Manifest
) -> None:
    films = list(collection.films[:4])
    collection.resolve(films[1]).write_bytes(b"no picture")
    models = Models(
        gate=Gate(open_bundle(str(bundles / "gate"))),
        lungs=LungFinder(open_bundle(str(bundles / "lungs"))),
        classifier=Classifier(open_bundle(str(bundles / "radiograph"))),
    )
    judged = judge_films(collection, films, models=models, scorer=BrightScorer())  # type: ignore[arg-type]
    assert judged.films == (films[0], films[2], films[3])
    assert judged.scores[1] > judged.scores[0]  # the third film is brighter than the first
    for film, told in zip(judged.films, judged.is_told, strict=True):
        pixels = readable_pixels(collection.resolve(film))
        assert pixels is not None
        found = models.classifier.score(pixels, models.lungs.locate(pixels).box, with_maps=False)
        first = max(models.classifier.findings(found.logits), key=lambda one: one.probability)
        assert told == (first.label != "No finding")
