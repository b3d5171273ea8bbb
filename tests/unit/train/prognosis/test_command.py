"""Which patients are learned from is said, and nobody else is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort, write_cohort
from thoracle.prognosis.types import Chart
from thoracle.train.export import Parity
from thoracle.train.prognosis import command
from thoracle.train.prognosis.command import TrainingPart, train_risks
from thoracle.train.prognosis.ensemble import Ensemble
from thoracle.train.prognosis.run import FACTS


@pytest.fixture
def cohort(stays: tuple[Chart, ...]) -> Cohort:
    """Of simulated stays, one without an outcome."""
    charts = (replace(stays[0], outcome=None), *stays[1:])
    return Cohort(name="made up", charts=charts, problems=(), sources=())


def test_stays_without_outcome_and_patients_left_out_teach_nothing(
    cohort: Cohort, tmp_path: Path
) -> None:
    left_out = tmp_path / "left-out.txt"
    left_out.write_text(f"{cohort.charts[3].patient}\n\n", encoding="utf-8")
    found = TrainingPart(leave_out=left_out).of(cohort)
    assert len(found) == len(cohort.charts) - 2
    assert cohort.charts[3] not in found
    left_out.write_text("nobody\n", encoding="utf-8")
    with pytest.raises(ChartError, match="found the patient 'nobody'") as caught:
        TrainingPart(leave_out=left_out).of(cohort)
    assert caught.value.code == "chart-left-out"
    with pytest.raises(ChartError, match="found no file"):
        TrainingPart(leave_out=tmp_path / "none.txt").of(cohort)


def test_only_stays_admitted_before_a_date_are_learned_from(cohort: Cohort) -> None:
    dates = sorted(one.admitted_at[:10] for one in cohort.charts[1:])
    found = TrainingPart(before=dates[20]).of(cohort)
    assert found
    assert all(one.admitted_at[:10] < dates[20] for one in found)
    undated = replace(cohort, charts=tuple(replace(one, admitted_at="") for one in found))
    assert TrainingPart(before=dates[20]).of(undated) == ()
    with pytest.raises(ChartError, match="found the date '10 February'") as caught:
        TrainingPart(before="10 February").of(cohort)
    assert caught.value.code == "chart-date"


def test_a_finished_run_is_packed_and_not_trained_again(
    cohort: Cohort,
    small_ensemble: Ensemble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained = []

    def fit(charts: tuple[Chart, ...], *_: object, **__: object) -> Ensemble:
        trained.append(len(charts))
        return small_ensemble

    def pack(run: Path, out: Path) -> Parity:
        packed.append((run, out))
        return Parity(films=1, logit_difference=0.0, map_difference=0.0)

    packed: list[tuple[Path, Path]] = []
    monkeypatch.setattr(command, "fit_ensemble", fit)
    monkeypatch.setattr(command, "pack_risks", pack)
    write_cohort(cohort, tmp_path / "cohort")
    recipe = tmp_path / "small.toml"
    recipe.write_text(small_ensemble.recipe.text, encoding="utf-8")
    for _ in range(2):
        train_risks(recipe, tmp_path / "cohort", tmp_path / "run", TrainingPart(), told=print)
    assert trained == [39]
    assert packed == [(tmp_path / "run", tmp_path / "run" / "bundle")] * 2
    facts = json.loads((tmp_path / "run" / FACTS).read_text(encoding="utf-8"))
    assert (facts["cohort"], facts["patients"], facts["left_out"]) == ("made up", 39, 1)
