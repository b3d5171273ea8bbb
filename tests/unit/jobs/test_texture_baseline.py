import json
import sys
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError, MissingExtraError
from thoracle.datasets.manifest import Manifest
from thoracle.jobs import texture_baseline as module
from thoracle.jobs.evaluation_scope import EvaluationScope
from thoracle.jobs.texture_baseline import (
    _all_findings,
    _boosted,
    _known,
    require_trees,
    texture_baseline,
)


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROUNDS_MAX", 30)


@pytest.fixture
def scope(collection: Manifest) -> EvaluationScope:
    """Patients in train, tune and test: ten, ten and ten."""
    parts = ("train", "tune", "test")
    splits = {film.path: parts[int(str(film.patient)[1:]) % 3] for film in collection.films}
    return EvaluationScope(name="All", manifest=collection, splits=splits)


def test_both_are_judged_on_the_same_films_with_intervals_by_patient(
    bundles: Path, scope: EvaluationScope, tmp_path: Path
) -> None:
    report, found = texture_baseline("radiograph", scope, folder=tmp_path, workers=1)
    content = json.loads(report.json)

    assert found.films == (20, 20, 20)
    assert found.paired.films == found.texture.films == found.network.films == 20
    assert found.paired.patients == 10
    assert 1 <= found.rounds <= module.ROUNDS_MAX
    figures = [one["figure"] for one in content["rows"]]
    assert [one.split(",")[0] for one in figures] == ["AUROC"] * 3 + ["Balanced accuracy"]
    assert "Go by AUROC" in report.markdown
    assert "20 train, 20 tune and 20 test films of 10 patients" in report.markdown
    assert "nearly its collection" in report.markdown
    assert (tmp_path / "texture.npz").is_file()


def test_trees_learn_what_the_features_tell_and_rounds_are_chosen_on_tune_films() -> None:
    generator = np.random.default_rng(0)
    references = [generator.integers(0, 3, size=number) for number in (600, 200, 200)]
    features = [
        np.column_stack([one + 0.3 * generator.normal(size=one.size), generator.random(one.size)])
        for one in references
    ]
    chances, rounds = _boosted([one.astype(np.float32) for one in features], references)

    assert np.mean(chances.argmax(axis=1) == references[2]) > 0.85
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert 1 < rounds <= module.ROUNDS_MAX


def test_columns_that_nothing_can_be_told_from_are_left_out() -> None:
    nan = np.nan
    values = np.array([[1, nan, 3, nan], [2, nan, 3, nan], [nan, nan, 3, 5]], np.float32)

    assert _known(values).tolist() == [True, False, True, True]


def test_a_finding_that_no_train_film_has_is_nearly_impossible() -> None:
    found = _all_findings(np.array([[0.25, 0.75]]), np.array([0, 2]))

    assert found[0, 1] < 1e-8
    assert found[0, [0, 2]] == pytest.approx([0.25, 0.75])


def test_without_a_split_nothing_is_said(collection: Manifest, tmp_path: Path) -> None:
    scope = EvaluationScope(name="All", manifest=collection)

    with pytest.raises(EvaluationError, match="--split"):
        texture_baseline("radiograph", scope, folder=tmp_path, workers=1)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)

    with pytest.raises(MissingExtraError, match="research"):
        require_trees()
