"""What networks promise by construction, whatever their weights."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from thoracle.prognosis.features import DAYS
from thoracle.train.prognosis.network import Answers, RiskNetworks
from thoracle.train.prognosis.packing import made_up_days
from thoracle.train.prognosis.recipe import CELLS, RiskNetworkRecipe

INPUTS = 5


def network(cell: str, *, members: int = 2) -> RiskNetworks:
    recipe = RiskNetworkRecipe(cell=cell, hidden=6)
    return RiskNetworks(recipe, members=members, inputs=INPUTS, seed=4).eval()


@pytest.fixture
def days() -> Tensor:
    """Days of sixteen made-up patients."""
    return torch.from_numpy(made_up_days(INPUTS))[None]


def told(made: RiskNetworks, shown: Tensor) -> Answers:
    with torch.no_grad():
        answers = made(shown)
    assert isinstance(answers, Answers)
    return answers


@pytest.mark.parametrize("cell", CELLS)
def test_risks_never_fall_and_quantiles_never_cross(cell: str, days: Tensor) -> None:
    answers = told(network(cell), days)
    assert answers.logits.shape == (2, 16, 4)
    assert (answers.logits.diff(dim=-1) >= 0).all()
    assert answers.quantiles.shape == (2, 16, 2, INPUTS, 3)
    assert (answers.quantiles.diff(dim=-1) >= 0).all()


@pytest.mark.parametrize("cell", CELLS)
def test_attention_is_on_days_with_news_and_the_latest(cell: str, days: Tensor) -> None:
    answers = told(network(cell), days)
    np.testing.assert_allclose(answers.attention.sum(dim=-1), 1.0, rtol=1e-5)
    has_news = days[0, :, :, INPUTS : 2 * INPUTS].amax(dim=-1) > 0
    has_news[:, 0] = True
    assert (answers.attention[:, ~has_news] == 0).all()


@pytest.mark.parametrize("cell", CELLS)
def test_contributions_add_up_to_the_last_logit(cell: str, days: Tensor) -> None:
    made = network(cell)
    without_statics = days.clone()
    without_statics[..., -4:] = 0
    answers = told(made, without_statics.expand(2, -1, -1, -1))
    total = answers.contributions.sum(dim=(2, 3)) + made.told_bias[..., 0]
    np.testing.assert_allclose(total.detach(), answers.logits[..., -1], rtol=1e-4, atol=1e-5)
    mean = told(made, without_statics)
    np.testing.assert_allclose(mean.logits, answers.logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        mean.contributions.mean(dim=0), answers.contributions.mean(dim=0), rtol=1e-4, atol=1e-5
    )
    unknown = without_statics[0, :, :, :INPUTS] == 0
    assert (answers.contributions[0][unknown].abs() < 2).all()


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_unknown_contributes_nothing(cell: str, days: Tensor) -> None:
    hidden = days.clone()
    for part in range(3):
        hidden[..., part * INPUTS] = 0
    answers = told(network(cell), hidden)
    assert (answers.contributions[..., 0] == 0).all()


@pytest.mark.parametrize("cell", CELLS)
def test_days_before_the_first_measurement_reach_no_other(cell: str, days: Tensor) -> None:
    made = network(cell)
    short = days.clone()
    short[:, :, 5:] = 0
    other = short.clone()
    other[:, :, 9:, -1] = 3.0  # what padding holds
    first, second = told(made, short), told(made, other)
    np.testing.assert_allclose(first.logits, second.logits, rtol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_members_are_reckoned_as_if_alone(cell: str, days: Tensor) -> None:
    made = network(cell, members=3)
    both, alone = told(made, days), told(made.only([2]), days)
    np.testing.assert_allclose(both.logits[2], alone.logits[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(both.quantiles[2], alone.quantiles[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_cells_are_those_of_torch(cell: str) -> None:
    made = network(cell, members=1)
    theirs = nn.GRU(6, 6, batch_first=True) if cell == "gru" else nn.LSTM(6, 6, batch_first=True)
    own = {"weight_ih_l0": made.cell_input[0].T, "weight_hh_l0": made.cell_state[0].T}
    own |= {"bias_ih_l0": made.cell_bias[0, 0], "bias_hh_l0": torch.zeros(made.cell_bias.shape[-1])}
    if cell == "lstm":
        own["bias_hh_l0"][6:12] = 1.0
    theirs.load_state_dict(own)
    with torch.no_grad():
        shown = torch.randn(3, DAYS, 6)
        np.testing.assert_allclose(
            made._states(shown[None])[0], theirs(shown)[0], rtol=1e-4, atol=1e-6
        )


def test_a_carried_value_fades_with_its_age_in_the_decaying_cell() -> None:
    made = network("decay", members=1)
    shown = torch.zeros(1, 1, DAYS, 3 * INPUTS + 4)
    shown[..., 0, 0] = shown[..., 1, 0] = 2.0
    shown[..., 1, INPUTS] = 1.0  # measured yesterday
    shown[..., 0, 2 * INPUTS] = 1 - 1.5 / DAYS
    with torch.no_grad():
        faded = made._faded(shown)
    expected = 2.0 * np.exp(-0.1 * 1.5)
    np.testing.assert_allclose(faded[0, 0, :2, 0], [expected, 2.0], rtol=1e-5)


def test_a_forecast_starts_from_the_last_value_where_there_is_one() -> None:
    made = network("gru", members=1)
    shown = torch.zeros(1, 2, DAYS, 3 * INPUTS + 4)
    shown[0, 1, 0, 0] = 2.0
    shown[0, 1, 0, 2 * INPUTS] = 0.5  # an older value
    with torch.no_grad():
        made.kept.fill_(30.0)
        made.ahead_bias.fill_(-1.0)
        made.ahead.zero_()
    middle = told(made, shown).quantiles[0, :, 0, :, 1]
    np.testing.assert_allclose(middle[:, 0], [-1.0, 2.0], rtol=1e-6)
    np.testing.assert_allclose(middle[:, 1], [-1.0, -1.0], rtol=1e-6)
