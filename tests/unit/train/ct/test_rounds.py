"""In each round a new patient is corrected and learned from; who is held out never is."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import RecipeError
from thoracle.ct.types import Segmentation
from thoracle.datasets.ct_cases import CtCase, read_case
from thoracle.imaging.scan import CtScan
from thoracle.jobs import evaluate_ct
from thoracle.train.ct import rounds as module
from thoracle.train.ct.fit import CtRun
from thoracle.train.ct.recipe import parse_ct_recipe
from thoracle.train.ct.retrain_recipe import CtContinuation
from thoracle.train.ct.rounds import Course, Rounds, claim_study, courses, play

PATIENTS = ("p1", "p2", "p3", "p4", "p5")
GOES_ON = CtContinuation(epochs=1, crops_per_epoch=2, learning_rate=1e-4)


def test_everybody_is_held_out_once_and_corrected_as_often_in_each_round() -> None:
    planned = courses(PATIENTS, held_out=(), start=1, rounds=3)
    assert [one.held_out for one in planned] == list(PATIENTS)
    for number in range(3):
        assert sorted(one.corrected[number] for one in planned) == list(PATIENTS)
    first = planned[0]
    assert (first.start, first.corrected) == (("p2",), ("p3", "p4", "p5"))
    assert first.learned(2) == ("p2", "p3", "p4")
    assert all(one.held_out not in one.learned(3) for one in planned)


def test_patients_may_be_named_and_too_few_are_refused() -> None:
    (only,) = courses(PATIENTS, held_out=("p4",), start=2, rounds=1)
    assert (only.held_out, only.start, only.corrected) == ("p4", ("p5", "p1"), ("p2",))
    with pytest.raises(RecipeError, match="found no patient 'p9'"):
        courses(PATIENTS, held_out=("p9",), start=1, rounds=1)
    with pytest.raises(RecipeError, match="found 5 patients for 2 to begin with, 3 rounds"):
        courses(PATIENTS, held_out=(), start=2, rounds=3)


@pytest.fixture
def study(cases: tuple[CtCase, ...], ct_recipe_text: Callable[..., str], tmp_path: Path) -> Rounds:
    recipe = parse_ct_recipe(ct_recipe_text())
    return Rounds(recipe=recipe, goes_on=GOES_ON, cases=cases, folder=tmp_path / "rounds")


@pytest.fixture
def trained(
    study: Rounds, cases: tuple[CtCase, ...], monkeypatch: pytest.MonkeyPatch
) -> list[CtRun]:
    """Each training; a network misses slices of lung, fewer of them the more it learned from."""
    seen: list[CtRun] = []
    reference = read_case(cases[0]).label_map

    def fit_and_pack(run: CtRun) -> None:
        run.folder.mkdir(parents=True)
        seen.append(run)

    def segmenter(bundle: str, *, threads: int) -> SimpleNamespace:
        assert threads == 1
        missed = 4 if "round-0" in bundle else 1

        def segment(_scan: CtScan) -> Segmentation:
            label_map = reference.copy()
            label_map[6 : 6 + missed] = 0
            return Segmentation(label_map=label_map)

        return SimpleNamespace(segment=segment)

    monkeypatch.setattr(module, "fit_and_pack", fit_and_pack)
    monkeypatch.setattr(module, "open_bundle", str)
    monkeypatch.setattr(module, "CtSegmenter", segmenter)
    monkeypatch.setattr(evaluate_ct, "INFECTION_MIN_ML", 0.0)
    return seen


def _course() -> Course:
    return Course(held_out="p3", start=("p2",), corrected=("p1",))


def test_a_course_goes_on_from_the_weights_of_the_round_before(
    study: Rounds, trained: list[CtRun]
) -> None:
    told: list[str] = []
    first, last = play(study, _course(), told=told.append)
    assert [one.patients for one in trained] == [("p2",), ("p1", "p2")]
    assert [one.left_out for one in trained] == [("p1", "p3"), ("p3",)]
    assert (trained[0].start, trained[1].start) == (None, trained[0].weights)
    assert trained[1].recipe.version == "0.0.1+corrections.1"
    assert told[1] == "without-p3, round 1: learns from p1, p2"
    assert (first["learned"], last["learned"]) == (["p2"], ["p2", "p1"])
    assert last["next"] is None
    slice_voxels = 2 * 16 * 24
    assert last["figures"]["lungs"] == pytest.approx(2 * 17 / (17 + 18))
    assert first["figures"]["lungs"] == pytest.approx(2 * 14 / (14 + 18))
    scans = first["next"]["scans"]
    assert [one["case"] for one in scans] == ["a", "b"]
    assert scans[0]["own"]["volume_ml"] == pytest.approx(4 * slice_voxels * 0.125)
    assert scans[0]["own"]["slices"] == 4
    assert scans[0]["nothing"]["slices"] == 18


def test_later_rounds_are_measured_beside_the_first_network(
    study: Rounds, trained: list[CtRun]
) -> None:
    course = Course(held_out="p3", start=("p2",), corrected=("p1", "p1"))
    _, second, _ = play(study, course, told=lambda _text: None)
    scan = second["next"]["scans"][0]
    assert (scan["own"]["slices"], scan["first"]["slices"]) == (1, 4)
    assert len(trained) == 3


def test_what_is_played_is_kept(study: Rounds, trained: list[CtRun]) -> None:
    once = list(play(study, _course(), told=lambda _text: None))
    again = list(play(study, _course(), told=lambda _text: None))
    assert (again, len(trained)) == (once, 2)
    kept = study.folder / "without-p3" / "round-1" / "round.json"
    assert json.loads(kept.read_bytes()) == once[1]


def test_a_folder_of_another_study_is_refused(study: Rounds) -> None:
    planned = [_course()]
    claim_study(study, planned)
    claim_study(study, planned)
    others: list[tuple[Any, list[Course]]] = [
        (study, [Course(held_out="p3", start=("p2", "p1"), corrected=("p1",))]),
        (Rounds(recipe=study.recipe, goes_on=GOES_ON, cases=study.cases[:3],
                folder=study.folder), planned),
    ]  # fmt: skip
    for other, plan in others:
        with pytest.raises(RecipeError, match="found another study"):
            claim_study(other, plan)
    assert np.all([path.name == "plan.json" for path in study.folder.iterdir()])
