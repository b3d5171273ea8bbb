"""What each task learns from a batch, and the figures its tune films give."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from thoracle.radiograph.preprocess import classifier_margin
from thoracle.train import modules
from thoracle.train.losses import lung_loss, two_sided_loss
from thoracle.train.modules import (
    AnomalyModule,
    ClassifierModule,
    GateModule,
    LungModule,
    TaskModule,
)
from thoracle.train.networks import PooledClassifier
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.table import Batch

Text = Callable[..., str]
PLAIN = "flip = 0.5\nnoise = 0.1\n"


class Fixed(nn.Module):
    """Return one logit vector for every film, and remember what it was shown."""

    def __init__(self, logits: list[float]) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))
        self.shown = torch.zeros(0)

    def forward(self, films: Tensor) -> Tensor:
        self.shown = films
        return self.logits.expand(len(films), -1)


class SameFilm(nn.Module):
    """Return the film times ten, as lung logits."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(10.0))

    def forward(self, films: Tensor) -> Tensor:
        return films * self.factor


@pytest.fixture
def recipe_of(recipe_text: Text) -> Callable[..., Recipe]:
    def make(task: str, *, stage: str = "") -> Recipe:
        return parse_recipe(recipe_text(task, stage=stage).replace(PLAIN, ""))

    return make


def batch_of(films: Tensor, targets: list[int], sources: list[int] | None = None) -> Batch:
    origin = torch.tensor(sources or [0] * len(targets))
    return films, (films > 0.5).float(), torch.tensor(targets), origin


def classifier_module(network: nn.Module, recipe: Recipe) -> ClassifierModule:
    plain = {"weights": torch.ones(3), "offsets": torch.zeros(1, 3)}
    return ClassifierModule(network, recipe, recipe.stages[0], **plain)


def logged(module: TaskModule, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(module, "log", lambda name, value, **_: found.update({name: value.item()}))
    return found


def test_the_lung_module_learns_from_films_in_minus_1_to_1_and_their_masks(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("lungs")
    module = LungModule(SameFilm(), recipe, recipe.stages[0])
    batch = batch_of((torch.rand(2, 1, 32, 32) > 0.5).float(), [0, 0])
    loss = module.loss_of(batch)
    expected = lung_loss((batch[0] * 2 - 1) * 10, batch[1])
    assert loss.item() == pytest.approx(expected.item(), abs=1e-4)


def test_the_training_step_logs_its_loss(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("lungs")
    module = LungModule(SameFilm(), recipe, recipe.stages[0])
    found = logged(module, monkeypatch)
    loss = module.training_step(batch_of(torch.rand(2, 1, 32, 32), [0, 0]), 0)
    assert found == {"train_loss": pytest.approx(loss.item())}


def test_dice_is_the_mean_over_films_and_its_low_end(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("lungs")
    module = LungModule(SameFilm(), recipe, recipe.stages[0])
    found = logged(module, monkeypatch)
    films = torch.zeros(2, 1, 32, 32)
    films[:, :, :16] = 1
    masks = films.clone()
    masks[1, :, 8:16] = 0  # the second film: 16 rows found, 8 wanted
    module.validation_step((films, masks, torch.zeros(2), torch.zeros(2)), 0)
    module.on_validation_epoch_end()
    second = 2 * 8 / (16 + 8)
    assert found["score"] == pytest.approx((1 + second) / 2)
    assert found["dice_p5"] == pytest.approx(second + 0.05 * (1 - second))
    assert module.kept == []


def test_two_empty_masks_count_as_no_overlap_not_as_an_error(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("lungs")
    module = LungModule(SameFilm(), recipe, recipe.stages[0])
    nothing = torch.full((1, 1, 4, 4), -1.0)
    assert float(module.figures(nothing, nothing)["score"]) == 0


def test_the_gate_learns_kind_and_polarity(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("gate")
    network = Fixed([0.0] * 8 + [2.0])
    module = GateModule(network, recipe, recipe.stages[0])
    monkeypatch.setattr(
        module.variations, "pose", lambda films, targets: (films, targets, torch.tensor([0, 1, -1]))
    )
    loss = module.loss_of(batch_of(torch.rand(3, 1, 36, 36), [0, 0, 5]))
    kind = torch.tensor(8.0).log()
    upright, inverted = torch.nn.functional.softplus(torch.tensor([2.0, -2.0]))
    assert loss.item() == pytest.approx(float(kind + 0.3 * (upright + inverted) / 2), abs=1e-5)
    assert network.shown.shape == (3, 1, 32, 32)
    assert -1 <= float(network.shown.min()) < -0.5 < 0.5 < float(network.shown.max()) <= 1


def test_a_batch_without_any_chest_film_has_a_loss(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("gate")
    module = GateModule(Fixed([0.0] * 9), recipe, recipe.stages[0])
    loss = module.loss_of(batch_of(torch.rand(2, 1, 32, 32), [5, 7]))
    assert loss.item() == pytest.approx(float(torch.tensor(8.0).log()))


def test_the_gates_score_is_its_accuracy_of_the_kind(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("gate")
    module = GateModule(Fixed([0.0] * 9), recipe, recipe.stages[0])
    logits = torch.zeros(4, 9)
    logits[[0, 1, 2, 3], [0, 1, 2, 2]] = 1
    logits[:, 8] = 9  # polarity is no kind
    assert float(module.figures(logits, torch.tensor([0, 1, 2, 3]))["score"]) == 0.75


def test_the_classifier_learns_from_inner_crops_with_class_weights(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("classifier", stage="label_smoothing = 0.2")
    weights = torch.tensor([1.0, 2.0, 5.0])
    network = Fixed([0.3, -0.2, 1.0])
    offsets = torch.tensor([[0.0, -1.0, -3.0], [-2.0, -0.5, -1.0]])
    module = ClassifierModule(network, recipe, recipe.stages[0], weights=weights, offsets=offsets)
    loss = module.loss_of(batch_of(torch.rand(3, 1, 36, 36) ** 3, [2, 0, 1], [1, 0, 1]))
    shifted = network.logits + offsets[[1, 0, 1]]
    expected = two_sided_loss(shifted, torch.tensor([2, 0, 1]), weights=weights, smoothing=0.2)
    assert loss.item() == pytest.approx(expected.item())
    assert network.shown.shape == (3, 1, 32, 32)
    assert -1 <= float(network.shown.min()) < float(network.shown.max()) <= 1
    assert "weights" in dict(module.named_buffers())


def test_films_without_a_finding_are_given_opacities_and_count_as_such(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("classifier")
    always = replace(recipe, stages=(replace(recipe.stages[0], inserted_opacity=1.0),))
    chosen: list[list[bool]] = []

    def insert(films: Tensor, _lungs: Tensor, wanted: Tensor, **_: Any) -> tuple[Tensor, Tensor]:
        chosen.append(wanted.tolist())
        return films, wanted & torch.tensor([True, True, False, True])

    monkeypatch.setattr(modules, "insert_opacities", insert)
    module = classifier_module(Fixed([0.3, -0.2, 1.0]), always)
    loss = module.loss_of(batch_of(torch.rand(4, 1, 36, 36), [0, 2, 0, 1]))
    assert chosen == [[True, False, True, False]]
    expected = two_sided_loss(
        module.network.logits.expand(4, 3),
        torch.tensor([1, 2, 0, 1]),
        weights=torch.ones(3),
        smoothing=recipe.stages[0].label_smoothing,
    )
    assert loss.item() == pytest.approx(expected.item())
    never = classifier_module(Fixed([0.3, -0.2, 1.0]), recipe)
    never.loss_of(batch_of(torch.rand(4, 1, 36, 36), [0, 2, 0, 1]))
    assert chosen[1] == [False] * 4


def test_of_films_with_hidden_lungs_it_learns_to_say_nothing(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("classifier")
    hiding = replace(recipe, stages=(replace(recipe.stages[0], hidden_lungs=1.0),))
    logits = [0.3, -0.2, 1.0]
    films, lungs, targets, sources = batch_of(torch.rand(4, 1, 36, 36), [0, 2, 0, 1])
    lungs[:, :, 8:28, 8:28] = 1
    with_them, without = (
        classifier_module(Fixed(logits), one).loss_of((films, lungs, targets, sources)).item()
        for one in (hiding, recipe)
    )
    said = torch.tensor(logits).log_softmax(dim=0)
    assert with_them - without == pytest.approx(-said.mean().item() - math.log(3), abs=1e-5)


def test_a_stage_for_the_kind_alone_leaves_the_rest_as_it_was(
    recipe_of: Callable[..., Recipe], small_network: PooledClassifier
) -> None:
    recipe = recipe_of("classifier")
    stage = replace(recipe.stages[0], kind_only=True)
    before = {name: value.clone() for name, value in small_network.state_dict().items()}
    module = ClassifierModule(
        small_network,
        recipe,
        stage,
        weights=torch.tensor([0.0, 1.0, 3.0]),
        offsets=torch.zeros(1, 3),
    ).train()
    learned = [p for p in module.network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=1e-2, weight_decay=0.0)
    for _ in range(3):
        optimizer.zero_grad()
        module.loss_of(batch_of(torch.rand(6, 1, 36, 36), [1, 2, 1, 2, 2, 1])).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    after = small_network.state_dict()
    for name, value in before.items():
        if not name.startswith("head."):
            assert torch.equal(after[name], value), name
    for name in ("head.weight", "head.bias"):
        moved = after[name] - before[name]
        assert not moved[0].any()
        assert moved[1].any()
        torch.testing.assert_close(moved[1], -moved[2])
    again = ClassifierModule(
        small_network, recipe, recipe.stages[0], weights=torch.ones(3), offsets=torch.zeros(1, 3)
    )
    assert all(parameter.requires_grad for parameter in again.train().parameters())
    assert small_network.backbone.training


def test_training_varies_about_the_middle_that_serving_shows(
    recipe_of: Callable[..., Recipe],
) -> None:
    module = classifier_module(network := Fixed([0.0] * 3), recipe_of("classifier"))
    side = 224 + 2 * classifier_margin(224)
    ramp = (torch.arange(side) + 0.5) / side
    module.side = 224
    films = ramp.expand(1, 1, side, side)
    module.loss_of((films, films, torch.tensor([0]), torch.tensor([0])))
    served = module.plain(films)
    torch.testing.assert_close(network.shown, served, atol=1e-4, rtol=0)


def test_the_classifiers_score_is_the_mean_auroc_of_the_classes_present(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("classifier")
    module = classifier_module(Fixed([0.0] * 3), recipe)
    logits = torch.tensor([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [1.0, 1.0, 0.0], [3.0, 0.0, 0.0]])
    targets = torch.tensor([0, 1, 1, 1])
    figures = module.figures(logits, targets)
    # Class 0: its film is above two of three. Class 1: the same pairs the other way round.
    assert float(figures["score"]) == pytest.approx(2 / 3)
    assert float(module.figures(logits, torch.zeros(4, dtype=torch.long))["score"]) == 0.5


def test_ties_count_half(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("classifier")
    module = classifier_module(Fixed([0.0] * 3), recipe)
    figures = module.figures(torch.zeros(4, 3), torch.tensor([0, 1, 0, 1]))
    assert float(figures["score"]) == 0.5


def test_tune_films_are_shown_without_margin_at_the_stages_size(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("classifier", stage="size = 16")
    module = classifier_module(Fixed([0.0] * 3), recipe)
    films = torch.zeros(1, 1, 64, 64)
    films[..., 4:60, 4:60] = 0.3  # 7/8 of the side
    films[..., 4:60, 32:60] = 0.6
    shown = module.plain(films)
    assert shown.shape == (1, 1, 16, 16)
    # Seven columns of each grey beside two mixed ones, shown in -1 to 1; nothing of the margin.
    torch.testing.assert_close(shown[0, 0, :, :7], torch.full((16, 7), -0.4))
    torch.testing.assert_close(shown[0, 0, :, 9:], torch.full((16, 7), 0.2))
    same_size = LungModule(SameFilm(), recipe, recipe.stages[0])
    assert torch.equal(same_size.plain(films[..., :16, :16]), films[..., :16, :16] * 2 - 1)


def test_epochs_are_seeded_so_that_a_resumed_run_sees_the_same_films(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("gate")
    module = GateModule(Fixed([0.0] * 9), recipe, recipe.stages[0])

    def draws(epoch: int) -> tuple[float, float]:
        monkeypatch.setattr(GateModule, "current_epoch", epoch)
        module.on_train_epoch_start()
        return (
            float(torch.rand((), generator=module.augmenter.generator)),
            float(torch.rand((), generator=module.variations.generator)),
        )

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)


def test_the_rate_warms_up_then_falls_to_zero_and_biases_do_not_decay(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("lungs", stage="warmup_share = 0.2\nweight_decay = 0.5")
    module = LungModule(nn.Conv2d(1, 1, 3), recipe, recipe.stages[0])
    trainer = type("Trainer", (), {"estimated_stepping_batches": 10})()
    monkeypatch.setattr(LungModule, "trainer", trainer)
    made = module.configure_optimizers()
    decay = {
        group["weight_decay"]: len(group["params"]) for group in made["optimizer"].param_groups
    }
    assert decay == {0.5: 1, 0.0: 1}
    share = made["lr_scheduler"]["scheduler"].lr_lambdas[0]
    assert [share(step) for step in (0, 1)] == [0.5, 1.0]
    assert share(2) == 1.0
    assert share(6) == pytest.approx(0.5)
    assert share(10) == pytest.approx(0)
    assert made["lr_scheduler"]["interval"] == "step"


def test_a_task_says_what_it_must_add(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("lungs")
    module = TaskModule(SameFilm(), recipe, recipe.stages[0])
    films = torch.zeros(1, 1, 4, 4)
    with pytest.raises(NotImplementedError):
        module.loss_of((films, films, films, films))
    with pytest.raises(NotImplementedError):
        module.figures(films, films)


class SameGrey(nn.Module):
    """Return the film as it is shown, and remember it."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(1.0))
        self.shown = torch.zeros(0)

    def forward(self, films: Tensor) -> Tensor:
        self.shown = films
        return films * self.factor


def test_a_plain_auto_encoder_that_gives_back_what_it_sees_has_no_loss(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("anomaly")
    module = AnomalyModule(SameGrey(), recipe, recipe.stages[0])
    assert float(module.loss_of(batch_of(torch.rand(3, 1, 36, 36), [0, 1, 0])).detach()) == 0


def test_noise_is_shown_but_the_film_itself_is_wanted(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("anomaly", stage="coarse_noise = 0.2")
    network = SameGrey()
    module = AnomalyModule(network, recipe, recipe.stages[0])
    films = torch.full((3, 1, 36, 36), 0.5)
    loss = module.loss_of(batch_of(films, [0, 1, 0]))
    assert float(network.shown.std()) > 0.1
    # The film is mid grey, 0 in the network's range: what is shown beyond it is the loss.
    blocks = torch.nn.functional.avg_pool2d(network.shown, 4)
    expected = network.shown.abs().mean() + 0.5 * blocks.abs().mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_inserted_opacities_have_to_be_taken_away_again(
    recipe_of: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("anomaly", stage="inserted_opacity = 1.0")

    def insert(films: Tensor, _lungs: Tensor, wanted: Tensor, **_: Any) -> tuple[Tensor, Tensor]:
        return films + 0.25 * wanted.view(-1, 1, 1, 1), wanted

    monkeypatch.setattr(modules, "insert_opacities", insert)
    module = AnomalyModule(SameGrey(), recipe, recipe.stages[0])
    loss = module.loss_of(batch_of(torch.full((2, 1, 36, 36), 0.5), [0, 1]))
    assert loss.item() == pytest.approx(0.5 * 1.5)


def test_the_auto_encoders_score_counts_adults_and_children_alike(
    recipe_of: Callable[..., Recipe],
) -> None:
    recipe = recipe_of("anomaly")
    module = AnomalyModule(SameGrey(), recipe, recipe.stages[0])
    found = module.figures(torch.tensor([0.1, 0.3, 0.6]), torch.tensor([0, 0, 1]))
    assert float(found["tune_difference"]) == pytest.approx(0.4)
    assert float(found["score"]) == pytest.approx(-0.4)


def test_tune_films_are_given_back_plain(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("anomaly", stage="coarse_noise = 0.2")
    network = SameGrey()
    with torch.no_grad():
        network.factor.fill_(0.5)
    module = AnomalyModule(network, recipe, recipe.stages[0])
    module.validation_step(batch_of(torch.full((2, 1, 36, 36), 0.75), [0, 1]), 0)
    ((apart, kinds),) = module.kept
    assert apart.tolist() == pytest.approx([0.125, 0.125])
    assert kinds.tolist() == [0, 1]
