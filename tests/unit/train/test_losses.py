"""The losses equal their formulas."""

import numpy as np
import pytest
import torch

from thoracle.train.losses import class_weights, lung_loss, smoothed_targets, two_sided_loss

COUNTS = torch.tensor([100.0, 50.0, 10.0, 0.0])


def test_the_authors_weights_lift_the_rare_class_and_the_printed_ones_lower_it() -> None:
    assert class_weights(COUNTS, form="authors").tolist() == pytest.approx([1, 2, 10, 0])
    assert class_weights(COUNTS, form="printed").tolist() == pytest.approx([1, 0.5, 0.1, 0])
    assert class_weights(COUNTS, form="none").tolist() == [1, 1, 1, 0]


def test_smoothing_shares_alpha_over_all_classes() -> None:
    soft = smoothed_targets(torch.tensor([1]), classes=4, smoothing=0.2)
    assert soft[0].tolist() == pytest.approx([0.05, 0.85, 0.05, 0.05])
    hard = smoothed_targets(torch.tensor([0, 2]), classes=3, smoothing=0.0)
    assert hard.tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_two_sided_loss_equals_its_formula_in_numpy(smoothing: float) -> None:
    rng = np.random.default_rng(1)
    logits, targets = rng.normal(size=(6, 3)).astype(np.float32) * 2, np.array([0, 1, 2, 2, 1, 0])
    weights = np.array([1.0, 2.5, 7.0])
    powers = np.exp(logits.astype(np.float64))
    chance = powers / powers.sum(axis=1, keepdims=True)
    soft = (1 - smoothing) * np.eye(3)[targets] + smoothing / 3
    expected = -(weights * (soft * np.log(chance) + (1 - soft) * np.log(1 - chance))).sum(1).mean()
    found = two_sided_loss(
        torch.from_numpy(logits),
        torch.from_numpy(targets),
        weights=torch.tensor(weights, dtype=torch.float32),
        smoothing=smoothing,
    )
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_a_class_of_weight_zero_adds_nothing() -> None:
    logits, targets = torch.tensor([[2.0, 1.0, 3.0]]), torch.tensor([0])
    with_third, without = (
        float(two_sided_loss(logits, targets, weights=torch.tensor(one), smoothing=0.1))
        for one in ([1.0, 1.0, 1.0], [1.0, 1.0, 0.0])
    )
    assert 0 < without < with_third


def test_a_certain_answer_gives_a_finite_loss() -> None:
    logits = torch.tensor([[200.0, -200.0, 0.0]], requires_grad=True)
    loss = two_sided_loss(logits, torch.tensor([1]), weights=torch.ones(3), smoothing=0.1)
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_the_lung_loss_of_a_perfect_mask_is_zero_and_of_a_wrong_one_is_not() -> None:
    masks = torch.zeros(2, 1, 8, 8)
    masks[:, :, 2:6, 2:6] = 1
    sure = (masks * 2 - 1) * 50
    assert float(lung_loss(sure, masks)) == pytest.approx(0, abs=1e-6)
    assert float(lung_loss(-sure, masks)) > 1


def test_the_lung_loss_of_even_odds_is_known() -> None:
    masks = torch.zeros(1, 1, 4, 4)
    masks[0, 0, :2] = 1  # 8 of 16
    dice = (2 * 4 + 1) / (8 + 8 + 1)
    assert float(lung_loss(torch.zeros_like(masks), masks)) == pytest.approx(
        1 - dice + np.log(2), rel=1e-6
    )


def test_an_empty_mask_is_no_fault() -> None:
    nothing = torch.zeros(1, 1, 4, 4)
    assert float(lung_loss(nothing - 50, nothing)) == pytest.approx(0, abs=1e-6)
