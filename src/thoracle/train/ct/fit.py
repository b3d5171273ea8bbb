"""Train a network on cases: checkpoints, resume, averaged weights, a folder that says all."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lightning
import torch
from torch import Tensor

from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of_file, write_atomically
from thoracle.datasets.ct_cases import CtCase, read_case
from thoracle.train.averaged import AveragedFit, fit_averaged
from thoracle.train.ct.crops import Crop, CropBatches, training_scan
from thoracle.train.ct.losses import deep_loss
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.recipe import CtRecipe
from thoracle.train.weights import read_weights

WEIGHTS: Final = "ct.safetensors"
CASES: Final = "cases.json"
RECIPE: Final = "recipe.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CtRun:
    """What one training learns from, which patients it never sees, and where its files lie.

    `start` holds the weights it begins with, of the same network; None for random ones.
    """

    recipe: CtRecipe
    cases: tuple[CtCase, ...]
    left_out: tuple[str, ...]
    folder: Path
    start: Path | None = None

    @property
    def weights(self) -> Path:
        """The finished run's weights."""
        return self.folder / WEIGHTS

    @property
    def patients(self) -> tuple[str, ...]:
        """Whom it learns from."""
        return tuple(sorted({one.patient for one in self.cases}))


def run_without(
    recipe: CtRecipe,
    cases: Sequence[CtCase],
    *,
    left_out: Sequence[str],
    folder: Path,
    start: Path | None = None,
) -> CtRun:
    """Plan a training that never sees some patients.

    Parameters
    ----------
    recipe
        What to train.
    cases
        All labeled scans.
    left_out
        Names of patients; every scan of theirs is left out.
    folder
        Of the run.
    start
        Weights to begin with, of a network of the same recipe.

    Returns
    -------
    CtRun
        With the other patients' cases.

    Raises
    ------
    RecipeError
        A name is of no patient, or nobody is left.
    """
    known = sorted({one.patient for one in cases})
    unknown = [name for name in left_out if name not in known]
    if unknown:
        raise RecipeError(
            f"found no patient {unknown[0]!r} – expected one of {', '.join(known)}. Correct "
            "--leave-out."
        )
    kept = tuple(one for one in cases if one.patient not in left_out)
    if not kept:
        raise RecipeError(
            "found no case that is not left out – expected some to learn from. Leave out fewer."
        )
    return CtRun(
        recipe=recipe,
        cases=kept,
        left_out=tuple(sorted(left_out)),
        folder=folder,
        start=start,
    )


def fit(run: CtRun) -> CtNetwork:
    """Train, or take up a training where it stopped, or open its result.

    The folder gets the recipe, the cases with their digests, a checkpoint after each epoch, the
    learning curve, and the weights at the end. A folder with a run of another recipe or of other
    cases is a RecipeError.

    Parameters
    ----------
    run
        From `run_without`.

    Returns
    -------
    CtNetwork
        In evaluation mode, with the averaged weights.
    """
    claim(run)
    torch.manual_seed(run.recipe.seed)
    network = CtNetwork(run.recipe.network)
    if not run.weights.exists():
        if run.start is not None:
            network.load_state_dict(read_weights(run.start))
        _train(run, network)
    network.load_state_dict(read_weights(run.weights))
    return network.eval()


def claim(run: CtRun) -> None:
    """Keep recipe and cases in the run's folder, or check them against what is there.

    Raises
    ------
    RecipeError
        The folder holds a run of another recipe, or of other cases.
    """
    described: dict[str, Any] = {
        "patients": list(run.patients),
        "left_out": list(run.left_out),
        "cases": {
            one.name: {"image": sha256_of_file(one.image), "labels": sha256_of_file(one.labels)}
            for one in run.cases
        },
    }
    if run.start is not None:
        described["start"] = sha256_of_file(run.start)
    wanted = {RECIPE: run.recipe.text, CASES: json.dumps(described, indent=1) + "\n"}
    for name, text in wanted.items():
        path = run.folder / name
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise RecipeError(
                f"found another run in {path} – expected the recipe and the cases that began it. "
                "Give another folder with --run.",
                code="run-input",
            )
    for name, text in wanted.items():
        write_atomically(run.folder / name, text.encode("utf-8"))


class CtModule(lightning.LightningModule):  # type: ignore[misc]  # lightning has no types
    """Network, loss, optimizer and schedule."""

    def __init__(self, network: CtNetwork, recipe: CtRecipe) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.recipe = recipe

    def training_step(self, batch: Crop, _index: int) -> Tensor:
        """Return the loss of one batch of crops."""
        grey, label_map = batch
        loss = deep_loss(
            self.network.all_logits(grey), label_map, gamma=self.recipe.training.focal_gamma
        )
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=len(grey))
        return loss

    def configure_optimizers(self) -> Any:
        """Return AdamW with warm-up and a cosine to zero, stepped at each batch."""
        plan = self.recipe.training
        parameters = list(self.network.parameters())
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": plan.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=plan.learning_rate)
        total = plan.epochs * max(1, plan.crops_per_epoch // plan.batch)
        warm = max(1, round(total * plan.warmup_share))

        def share(step: int) -> float:
            rest = min(1.0, max(0, step - warm) / max(1, total - warm))
            return min(1.0, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * rest))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _train(run: CtRun, network: CtNetwork) -> None:
    plan = run.recipe.training
    slices, rows, columns = run.recipe.spacing_mm
    scans = [training_scan(read_case(one), spacing_mm=(slices, rows, columns)) for one in run.cases]
    fit_averaged(
        CtModule(network, run.recipe),
        CropBatches(scans, run.recipe),
        AveragedFit(
            name="ct",
            epochs=plan.epochs,
            batches=max(1, plan.crops_per_epoch // plan.batch),
            learning_rate=plan.learning_rate,
            average=plan.average,
            weights=run.weights,
            precision="bf16-mixed" if run.recipe.precision == "bf16" else "32-true",
        ),
    )
