"""Training learns, repeats, and hides what it says it hides."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_pinball_loss

from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis.examples import examples, fit_scaling, training_landmarks
from thoracle.train.prognosis.fit import (
    TrainingSet,
    _Draw,
    fit_members,
    forecast_loss,
    hide,
    risk_loss,
    shown_inputs,
    tell,
)
from thoracle.train.prognosis.network import Answers
from thoracle.train.prognosis.recipe import DrawRecipe, RiskRecipe


@pytest.fixture(scope="module")
def data(stays: tuple[Chart, ...]) -> TrainingSet:
    """Examples of all simulated stays."""
    scaling = fit_scaling(stays, patients_min=5)
    made = examples(stays, training_landmarks(stays, event="death"), scaling)
    return TrainingSet(examples=made, markers=scaling.places == place_of("ldh"))


def answers(logits: torch.Tensor, quantiles: torch.Tensor) -> Answers:
    nothing = torch.zeros(0)
    return Answers(logits=logits, attention=nothing, contributions=nothing, quantiles=quantiles)


def test_training_lowers_the_loss_and_repeats(risk_recipe: RiskRecipe, data: TrainingSet) -> None:
    everybody = [np.arange(len(data.examples.patients))] * 2
    longer = replace(risk_recipe, training=replace(risk_recipe.training, epochs=15))
    said: list[str] = []
    short, first, second = (
        fit_members(one, data, everybody, told=said.append) for one in (risk_recipe, longer, longer)
    )
    assert all(
        torch.equal(one, two)
        for one, two in zip(first.parameters(), second.parameters(), strict=True)
    )
    labels = torch.from_numpy(data.examples.labels)[None]
    losses = []
    for network in (short, first):
        told = torch.from_numpy(tell(network, data.examples.packed, [0, 1]).logits)[None]
        losses.append(float(risk_loss(answers(told, torch.zeros(0)), labels.double())))
    assert losses[1] < 0.95 * losses[0]
    assert said[-1].startswith("step ")


def test_members_see_other_samples_of_their_patients(
    risk_recipe: RiskRecipe, data: TrainingSet
) -> None:
    network = fit_members(risk_recipe, data, [np.arange(10)] * 2)
    one, two = (tell(network, data.examples.packed[:5], [member]).logits for member in (0, 1))
    assert not np.allclose(one, two)
    both = tell(network, data.examples.packed[:5], [0, 1]).logits
    np.testing.assert_allclose(both, (one + two) / 2, rtol=1e-6)


def test_labels_nobody_knows_do_not_count() -> None:
    logits = torch.zeros(1, 2, 4)
    labels = torch.tensor([[[1.0, torch.nan, 0.0, 1.0], [torch.nan] * 4]])
    loss = risk_loss(answers(logits, torch.zeros(0)), labels)
    assert loss.tolist() == pytest.approx([np.log(2)])


def test_the_loss_of_forecasts_is_the_pinball_loss_of_what_was_measured() -> None:
    rng = np.random.default_rng(2)
    quantiles = np.sort(rng.normal(size=(2, 6, 2, 3, 3)), axis=-1).astype(np.float32)
    ahead = rng.normal(size=(2, 6, 2, 3)).astype(np.float32)
    ahead[rng.random(ahead.shape) < 0.5] = np.nan
    found = forecast_loss(
        answers(torch.zeros(0), torch.from_numpy(quantiles)), torch.from_numpy(ahead)
    )
    for member in range(2):
        known = ~np.isnan(ahead[member])
        each = [
            mean_pinball_loss(
                ahead[member][known], quantiles[member, ..., place][known], alpha=share
            )
            for place, share in enumerate((0.025, 0.5, 0.975))
        ]
        assert float(found[member]) == pytest.approx(np.mean(each), rel=1e-5)


def test_what_is_hidden_is_as_if_it_had_never_been_measured() -> None:
    packed = torch.ones(1, 2, 14, 3 * 2 + 4)
    is_shown = torch.tensor([[[True, False], [False, True]]])
    hidden = hide(packed, is_shown, torch.tensor([[False, True]]))
    assert hidden[0, 0, 3].tolist() == [1, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    assert hidden[0, 1, 13].tolist() == [0, 1, 0, 1, 0, 1, 1, 1, 1, 1]


def test_variables_are_hidden_as_often_as_said() -> None:
    rng = np.random.default_rng(4)
    markers = np.arange(20) < 3
    draws = DrawRecipe(hidden_max=0.6, only_markers=0.25)
    shown = shown_inputs(draws, markers, (8000,), rng=rng)
    assert (shown == markers).all(axis=1).mean() == pytest.approx(0.25, abs=0.02)
    assert shown[:, 3:].mean() == pytest.approx(0.75 * 0.7, abs=0.02)


@pytest.mark.parametrize("days_alike", [True, False])
def test_index_times_or_patients_are_drawn_alike(
    risk_recipe: RiskRecipe, data: TrainingSet, *, days_alike: bool
) -> None:
    recipe = replace(
        risk_recipe,
        draws=replace(risk_recipe.draws, days_alike=days_alike),
        training=replace(risk_recipe.training, batch=20_000),
    )
    own = np.array([3, 8, 9])
    drawn = _Draw(recipe, data, [own], np.random.default_rng(5))._patients(own)
    shares = np.bincount(drawn, minlength=10)[own] / len(drawn)
    counts = np.bincount(data.examples.owners)[own]
    expected = counts / counts.sum() if days_alike else np.full(3, 1 / 3)
    np.testing.assert_allclose(shares, expected, atol=0.02)
