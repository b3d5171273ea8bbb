"""One step of training learns, stops early on the best weights, and repeats by seed."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from thoracle.train.augment import Augmenter
from thoracle.train.protocols.fit import BestWeights, Examples, Fit, StepModule, fit, logits_of
from thoracle.train.protocols.protocol import Step
from thoracle.train.recipe import AugmentRecipe

STEP = Step(name="only", epochs=6, learning_rate=0.05, batch=8)


def vectors(count: int = 48, *, seed: int = 0) -> Examples:
    """Two classes that lie on two sides of 0."""
    rng = np.random.default_rng(seed)
    targets = np.arange(count) % 2
    inputs = rng.normal(size=(count, 4)).astype(np.float32)
    inputs[:, 0] = np.where(targets == 1, 1.5, -1.5) + 0.2 * inputs[:, 0]
    return Examples(inputs=inputs, rows=np.arange(count), targets=targets)


def plan(folder: Path, **changes: Any) -> Fit:
    made = Fit(
        step=STEP,
        classes=2,
        times=(1.0, 1.0),
        seed=3,
        curve=folder / "curve.csv",
        precision="32-true",
    )
    return replace(made, **changes)


def head() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 2)


def test_it_learns_and_writes_a_curve_of_both_parts(tmp_path: Path) -> None:
    learner = head()
    assert fit(learner, vectors(), vectors(seed=1), plan(tmp_path)) == 6
    with (tmp_path / "curve.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 6
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    assert float(rows[-1]["tune_accuracy"]) == 1.0
    said = logits_of(learner, vectors(seed=2)).argmax(axis=1)
    assert np.array_equal(said, vectors(seed=2).targets)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    both = [head(), head()]
    for learner in both:
        fit(learner, vectors(), vectors(seed=1), plan(tmp_path))
    assert torch.equal(both[0].weight, both[1].weight)  # type: ignore[arg-type]


def test_early_stopping_puts_the_best_weights_back(tmp_path: Path) -> None:
    wild = replace(STEP, learning_rate=30.0, epochs=30, patience=2)
    learner, tune = head(), vectors(seed=1)
    epochs = fit(learner, vectors(), tune, plan(tmp_path, step=wild))
    with (tmp_path / "curve.csv").open() as stream:
        lowest = min(float(row["tune_loss"]) for row in csv.DictReader(stream))
    logits = torch.from_numpy(logits_of(learner, tune))
    loss = nn.functional.cross_entropy(logits, torch.from_numpy(tune.targets))
    assert epochs < 30
    assert float(loss) == np.float32(lowest).item() or abs(float(loss) - lowest) < 1e-4


def test_the_rate_is_halved_at_fixed_epochs_or_when_the_tune_loss_rests(tmp_path: Path) -> None:
    def rate(step: Step) -> Any:
        module = StepModule(head(), plan(tmp_path, step=step), weights=torch.ones(2))
        return module.configure_optimizers()

    assert isinstance(rate(STEP), torch.optim.Adam)
    fixed = rate(replace(STEP, halve_every=5))["lr_scheduler"]
    assert (fixed.step_size, fixed.gamma) == (5, 0.5)
    resting = rate(replace(STEP, halve_patience=2))["lr_scheduler"]
    assert (resting["monitor"], resting["scheduler"].factor) == ("tune_loss", 0.5)


def test_a_class_drawn_more_often_makes_an_epoch_longer(tmp_path: Path) -> None:
    examples = vectors(40)
    seen: list[int] = []

    class Counting(nn.Linear):
        def forward(self, given: torch.Tensor) -> torch.Tensor:
            if self.training:
                seen.append(len(given))
            return super().forward(given)

    step = replace(STEP, epochs=1)
    fit(Counting(4, 2), examples, examples, plan(tmp_path, step=step, times=(1.0, 3.0)))
    assert sum(seen) == 20 + 60


def test_films_are_varied_in_training_only(tmp_path: Path) -> None:
    films = np.full((16, 16, 16), 128, np.uint8)
    examples = Examples(inputs=films, rows=np.arange(16), targets=np.arange(16) % 2)
    augmenter = Augmenter(AugmentRecipe(salt_pepper=0.5), seed=1)
    seen: dict[bool, list[float]] = {True: [], False: []}

    class Watching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(2))

        def forward(self, given: torch.Tensor) -> torch.Tensor:
            seen[self.training].append(float(given.std()))
            return self.bias.expand(len(given), 2)

    step = replace(STEP, epochs=1)
    fit(Watching(), examples, examples, plan(tmp_path, step=step, augmenter=augmenter))
    assert min(seen[True]) > 0.05
    assert max(seen[False]) < 1e-6


def test_best_weights_keep_the_lowest_loss() -> None:
    keeper = BestWeights()
    module = type("Module", (), {"learner": nn.Linear(1, 1)})()
    for loss, value in ((2.0, 1.0), (1.0, 2.0), (3.0, 3.0)):
        nn.init.constant_(module.learner.weight, value)
        trainer = type("Trainer", (), {"callback_metrics": {"tune_loss": loss}})()
        keeper.on_validation_end(trainer, module)
    keeper.on_fit_end(None, module)
    assert module.learner.weight.tolist() == [[2.0]]
