"""Lungs are hidden whole, and saying nothing of them costs nothing."""

import math

import pytest
import torch
from torch import nn

from thoracle.train.hidden_lungs import hide_lungs, kept_statistics, surprise


def test_lungs_are_under_one_grey_and_the_rest_is_as_it_was() -> None:
    films = torch.rand(16, 1, 50, 50)
    lungs = torch.zeros(16, 1, 50, 50)
    lungs[:, :, 10:30, 5:20] = 1
    lungs[:, :, 12:34, 30:45] = 1
    hidden = hide_lungs(films, lungs, generator=torch.Generator().manual_seed(1))
    outlines = 0
    for film, made in zip(films, hidden, strict=True):
        changed = (film != made)[0]
        grey = made[0, 20, 10]
        assert torch.equal(made[0, 10:30, 5:20], grey.expand(20, 15))
        assert torch.equal(made[0, 12:34, 30:45], grey.expand(22, 15))
        assert not changed[:8].any()
        assert not changed[36:].any()
        between = bool(changed[20, 25])  # the mediastinum: only the rectangle covers it
        outlines += not between
        assert bool(changed[9, 40]) == between  # above the lower lung's top
    assert 3 < outlines < 13


def test_a_film_without_lungs_is_left_alone() -> None:
    films = torch.rand(4, 1, 20, 20)
    hidden = hide_lungs(films, torch.zeros_like(films), generator=torch.Generator())
    assert torch.equal(hidden, films)


def test_equal_chances_cost_nothing_and_certainty_costs_much() -> None:
    present = torch.tensor([True, True, False])
    assert surprise(torch.tensor([[2.0, 2.0, 9.0]]), present).item() == pytest.approx(0, abs=1e-6)
    sure = surprise(torch.tensor([[math.log(3.0), 0.0, 0.0]]), present).item()
    assert sure == pytest.approx(-0.5 * math.log(3 / 4 * 1 / 4) - math.log(2), abs=1e-6)


def test_statistics_stay_and_gradients_flow() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    before = network[1].running_mean.clone()  # type: ignore[operator]
    with kept_statistics(network):
        network(torch.rand(4, 1, 8, 8)).sum().backward()
        assert not network[1].training
    assert torch.equal(network[1].running_mean, before)  # type: ignore[arg-type]
    assert network[1].training
    assert network[0].weight.grad is not None
