"""What Lightning runs: one module for each task, and what they share."""

import math
from typing import Any, Self

import lightning
import torch
from torch import Tensor, nn
from torch.nn import functional

from thoracle.datasets.labels import FINDINGS, NO_FINDING, OTHER_LUNG_OPACITY
from thoracle.radiograph.preprocess import MARGIN_SHARE
from thoracle.train.augment import Augmenter, as_served
from thoracle.train.autoencoder import add_coarse_noise, reconstruction_loss
from thoracle.train.gate_variations import GateVariations
from thoracle.train.hidden_lungs import hide_lungs, kept_statistics, surprise
from thoracle.train.losses import lung_loss, two_sided_loss
from thoracle.train.opacities import insert_opacities
from thoracle.train.recipe import Recipe, StageRecipe
from thoracle.train.table import Batch

CLASSIFIER_INNER_SHARE = 1.0 / (1.0 + 2.0 * MARGIN_SHARE)
"""Share of a side that serving shows of the films that training varies."""


class TaskModule(lightning.LightningModule):  # type: ignore[misc]  # lightning has no types
    """Network, optimizer and schedule; a task adds `loss_of` and `figures`."""

    inner_share = 1.0

    def __init__(self, network: nn.Module, recipe: Recipe, stage: StageRecipe) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.recipe = recipe
        self.stage = stage
        self.side = stage.size or recipe.size
        self.augmenter = Augmenter(recipe.augment, seed=recipe.seed, inner_share=self.inner_share)
        self.kept: list[tuple[Tensor, Tensor]] = []

    def configure_optimizers(self) -> Any:
        """Return AdamW with warm-up and a cosine to zero, stepped at each batch."""
        learned = [p for p in self.network.parameters() if p.requires_grad]
        decayed = [p for p in learned if p.ndim > 1]
        plain = [p for p in learned if p.ndim <= 1]
        groups = [
            {"params": decayed, "weight_decay": self.stage.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=self.stage.learning_rate)
        total = int(self.trainer.estimated_stepping_batches)
        warm = max(1, round(total * self.stage.warmup_share))

        def share(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, total - warm))))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_train_epoch_start(self) -> None:
        """Reseed the variations by epoch, so that a resumed run sees what it would have seen."""
        self.augmenter.generator.manual_seed(self.recipe.seed * 1000 + self.current_epoch)

    def training_step(self, batch: Batch, _index: int) -> Tensor:
        """Return the loss of one varied batch."""
        loss = self.loss_of(batch)
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=len(batch[0]))
        return loss

    def validation_step(self, batch: Batch, _index: int) -> None:
        """Keep what the network says of one plain batch of the tune split."""
        films, masks, targets, _ = batch
        logits = self.network(self.plain(films)).float()
        self.kept.append((logits, masks if logits.ndim == masks.ndim else targets))

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the tune split."""
        first = torch.cat([one for one, _ in self.kept])
        second = torch.cat([two for _, two in self.kept])
        self.kept.clear()
        for name, value in self.figures(first, second).items():
            self.log(name, value, prog_bar=True)

    def plain(self, films: Tensor) -> Tensor:
        """Return films as serving sees them."""
        shown = as_served(films, size=self.side, inner_share=self.inner_share)
        return shown.contiguous(memory_format=torch.channels_last)

    def varied(self, films: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        """Return varied films in -1…1, and masks moved alike."""
        with torch.autocast(films.device.type, enabled=False):  # a bf16 grid is off by half a pixel
            films, masks = self.augmenter(films, masks, size=self.side)
        return (films * 2.0 - 1.0).contiguous(memory_format=torch.channels_last), masks

    def loss_of(self, batch: Batch) -> Tensor:
        """Return the training loss of one batch."""
        raise NotImplementedError

    def figures(self, first: Tensor, second: Tensor) -> dict[str, Tensor]:
        """Return named figures of the tune split; "score" is the one to be highest."""
        raise NotImplementedError


class LungModule(TaskModule):
    """Trains the lung network on masks."""

    def loss_of(self, batch: Batch) -> Tensor:
        """Return Dice plus cross-entropy."""
        films, masks = self.varied(batch[0], batch[1])
        return lung_loss(self.network(films).float(), masks)

    def figures(self, first: Tensor, second: Tensor) -> dict[str, Tensor]:
        """Return mean Dice and its 5th percentile."""
        mask, reference = first > 0, second > 0.5
        overlap = (mask & reference).sum(dim=(1, 2, 3))
        dice = 2 * overlap / (mask.sum(dim=(1, 2, 3)) + reference.sum(dim=(1, 2, 3))).clamp_min(1)
        return {"score": dice.mean(), "dice_p5": dice.quantile(0.05)}


class GateModule(TaskModule):
    """Trains the gate: the kind of picture, its rotation, and its polarity."""

    def __init__(self, network: nn.Module, recipe: Recipe, stage: StageRecipe) -> None:
        super().__init__(network, recipe, stage)
        self.variations = GateVariations(seed=recipe.seed)

    def on_train_epoch_start(self) -> None:
        """Reseed all variations by epoch."""
        super().on_train_epoch_start()
        self.variations.generator.manual_seed(self.recipe.seed * 1000 + 500 + self.current_epoch)

    def loss_of(self, batch: Batch) -> Tensor:
        """Return cross-entropy of the kind plus that of the polarity, where a film has one."""
        films, targets, polarity = self.variations.pose(batch[0], batch[2])
        with torch.autocast(films.device.type, enabled=False):
            films, _ = self.augmenter(films, torch.zeros_like(films), size=self.side)
            films = self.variations.finish(films, polarity)
        shown = (films * 2.0 - 1.0).contiguous(memory_format=torch.channels_last)
        logits = self.network(shown).float()
        kind = functional.cross_entropy(
            logits[:, :-1], targets, label_smoothing=self.stage.label_smoothing
        )
        known = polarity >= 0
        if not bool(known.any()):  # the mean over no film is NaN
            return kind
        tone = functional.binary_cross_entropy_with_logits(
            logits[known, -1], polarity[known].float()
        )
        return kind + 0.3 * tone

    def figures(self, first: Tensor, second: Tensor) -> dict[str, Tensor]:
        """Return accuracy of the kind, and cross-entropy."""
        kinds = first[:, :-1]
        return {
            "score": (kinds.argmax(dim=1) == second).float().mean(),
            "tune_loss": functional.cross_entropy(kinds, second),
        }


class AnomalyModule(TaskModule):
    """Trains an auto-encoder to give back normal films, also from what was done to them."""

    inner_share = CLASSIFIER_INNER_SHARE

    def loss_of(self, batch: Batch) -> Tensor:
        """Return how far what the network makes of a changed film is from the film itself."""
        generator = self.augmenter.generator
        with torch.autocast(batch[0].device.type, enabled=False):
            films, lungs = self.augmenter(batch[0], batch[1], size=self.side)
            drawn = torch.rand(len(films), generator=generator) < self.stage.inserted_opacity
            shown, _ = insert_opacities(films, lungs, drawn, generator=generator)
            if self.stage.coarse_noise:
                shown = add_coarse_noise(
                    shown, strength=self.stage.coarse_noise, generator=generator
                )
        seen = (shown * 2.0 - 1.0).contiguous(memory_format=torch.channels_last)
        return reconstruction_loss(self.network(seen).float(), films * 2.0 - 1.0)

    def validation_step(self, batch: Batch, _index: int) -> None:
        """Keep each plain tune film's mean absolute difference."""
        films = self.plain(batch[0])
        apart = (self.network(films).float() - films).abs().mean(dim=(1, 2, 3)) / 2
        self.kept.append((apart, batch[2]))

    def figures(self, first: Tensor, second: Tensor) -> dict[str, Tensor]:
        """Return the mean absolute difference in grey, 0 to 1, of adults and children alike."""
        of_each = torch.stack([first[second == one].mean() for one in sorted(set(second.tolist()))])
        return {"score": -of_each.mean(), "tune_difference": of_each.mean()}


class ClassifierModule(TaskModule):
    """Trains the findings with PUC-RIO's loss.

    `weights` (classes,) are those of the classes; `offsets` (sources, classes) are added to the
    logits in training.
    """

    inner_share = CLASSIFIER_INNER_SHARE

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        stage: StageRecipe,
        *,
        weights: Tensor,
        offsets: Tensor,
    ) -> None:
        super().__init__(network, recipe, stage)
        self.register_buffer("weights", weights)
        self.register_buffer("offsets", offsets)
        self.first = int(stage.kind_only)
        for name, parameter in self.network.named_parameters():
            parameter.requires_grad_(name.startswith("head.") or not stage.kind_only)

    def train(self, mode: bool = True) -> Self:
        """Switch to training or evaluation; a backbone that rests stays in evaluation."""
        super().train(mode)
        if self.stage.kind_only:
            self.network.get_submodule("backbone").eval()
        return self

    def loss_of(self, batch: Batch) -> Tensor:
        """Return the weighted two-sided cross-entropy, with `kind_only` among the findings.

        That one moves the findings' outputs against each other by equal amounts, and so hardly
        their sum: what was learned of no finding stays.
        """
        films, targets = self._with_opacities(batch)
        films, lungs = self.varied(films, batch[1])
        logits = self.network(films).float() + self.get_buffer("offsets")[batch[3]]
        loss = two_sided_loss(
            logits[:, self.first :],
            targets - self.first,
            weights=self.get_buffer("weights")[self.first :],
            smoothing=self.stage.label_smoothing,
        )
        return loss + self._said_of_hidden_lungs(films, lungs) if self.stage.hidden_lungs else loss

    def _said_of_hidden_lungs(self, films: Tensor, lungs: Tensor) -> Tensor:
        """Return how far what is said of films without their lungs lies from saying nothing."""
        generator = self.augmenter.generator
        drawn = torch.rand(len(films), generator=generator) < self.stage.hidden_lungs
        chosen = drawn & (lungs.amax(dim=(1, 2, 3)) > 0.5)
        if not bool(chosen.any()):
            return torch.zeros(())
        hidden = hide_lungs(films[chosen], lungs[chosen], generator=generator)
        with kept_statistics(self.network):
            said = self.network(hidden).float()
        return surprise(said, self.get_buffer("weights") > 0)

    def _with_opacities(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return films and classes after some without a finding were given an opacity."""
        films, lungs, targets, _ = batch
        generator = self.augmenter.generator
        drawn = torch.rand(len(films), generator=generator) < self.stage.inserted_opacity
        chosen = drawn & (targets == FINDINGS.index(NO_FINDING))
        films, changed = insert_opacities(films, lungs, chosen, generator=generator)
        return films, targets.masked_fill(changed, FINDINGS.index(OTHER_LUNG_OPACITY))

    def figures(self, first: Tensor, second: Tensor) -> dict[str, Tensor]:
        """Return the mean one-against-rest AUROC of the classes present, and cross-entropy."""
        chances = first.log_softmax(dim=1)
        areas = [_area(chances[:, one], second == one) for one in sorted(set(second.tolist()))]
        return {
            "score": torch.stack(areas).mean(),
            "tune_loss": functional.cross_entropy(first, second),
        }


def _area(scores: Tensor, positive: Tensor) -> Tensor:
    """Return the AUROC of scores, 0.5 when only one class is there."""
    up, down = scores[positive], scores[~positive]
    if not len(up) or not len(down):
        return torch.tensor(0.5)
    wins = (up[:, None] > down[None]).float() + 0.5 * (up[:, None] == down[None]).float()
    return wins.mean()
