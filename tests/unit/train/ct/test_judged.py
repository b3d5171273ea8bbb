"""Figures over groups, and regressions that see the grey alone."""

import numpy as np
import pytest

from thoracle.train.ct.judged import clustered_auroc, folds_of, grey_numbers, trivial_scores


def test_an_interval_is_over_groups() -> None:
    rng = np.random.default_rng(0)
    is_kind = np.arange(40) % 2 == 1
    scores = rng.normal(size=40) + is_kind
    groups = [str(one // 4) for one in range(40)]
    found = clustered_auroc(scores, is_kind, groups)
    pairs = scores[is_kind][:, None] > scores[~is_kind][None]
    assert found.value == pytest.approx(pairs.mean())
    assert found.low is not None
    assert found.low < pairs.mean()
    assert clustered_auroc(scores, is_kind, ["one"] * 40).low is None


def test_grey_is_described_without_form() -> None:
    pictures = np.random.default_rng(1).normal(size=(2, 8, 8)).astype(np.float32)
    mirrored = pictures[:, ::-1, ::-1]
    assert grey_numbers(pictures) == pytest.approx(grey_numbers(mirrored), abs=1e-5)
    steps = np.tile(np.array([0, 1, 0, 1], np.float32), (1, 4, 1))
    assert grey_numbers(steps)[0, -1] == 1.0
    assert grey_numbers(pictures)[0, 0] == pytest.approx(pictures[0].mean(), abs=1e-6)
    assert grey_numbers(pictures)[1, 4] == pytest.approx(np.median(pictures[1]), abs=1e-6)


def test_a_regression_is_judged_on_rows_that_it_did_not_see() -> None:
    rng = np.random.default_rng(2)
    is_kind = rng.random(200) < 0.3
    numbers = np.stack([is_kind + 0.3 * rng.normal(size=200), np.ones(200)], axis=1)
    learn = np.arange(200) < 100
    for weights in (None, np.ones(200)):
        scores = trivial_scores(numbers.astype(np.float32), is_kind, learn, weights)
        assert scores.shape == (100,)
        assert scores[is_kind[100:]].mean() > scores[~is_kind[100:]].mean() + 2.0


def test_folds_keep_groups_together_and_judge_each_once() -> None:
    groups = [str(one // 3) for one in range(60)]
    folds = folds_of(np.arange(60) // 3 % 2, groups, count=5)
    assert sorted(np.concatenate(folds).tolist()) == list(range(60))
    assert all(len(one) == 3 * len({groups[at] for at in one}) for one in folds)
