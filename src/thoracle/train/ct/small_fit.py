"""Fit a small network on pictures that fit into memory; finished weights are kept and reused."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of, write_atomically
from thoracle.train.weights import read_weights

WEIGHTS: Final = "weights.safetensors"
PLAN: Final = "plan.json"
_BATCH_JUDGED: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """How long and how: `shift`, `contrast` and `noise` vary the grey, which is −1 to 1.

    Fixed before anything was judged; there is no tune set, and the last weights are kept.
    """

    epochs: int
    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    shift: float = 0.15
    contrast: float = 0.2
    noise: float = 0.05
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Pictures with what they are, and the patient or group each is of.

    `inputs` is (n, channels, rows, columns) float32, `targets` (n,) int64.
    """

    inputs: FloatArray
    targets: IntArray
    groups: tuple[str, ...]

    def take(self, places: IntArray) -> "Pictures":
        """Return some of them, by position."""
        groups = tuple(self.groups[one] for one in places)
        return Pictures(inputs=self.inputs[places], targets=self.targets[places], groups=groups)

    @property
    def digest(self) -> str:
        """SHA-256 over all of it."""
        names = json.dumps(self.groups).encode("utf-8")
        return sha256_of(self.inputs.tobytes() + self.targets.tobytes() + names)


def fit_small(network: nn.Module, examples: Pictures, plan: FitPlan, folder: Path) -> nn.Module:
    """Train a network, or read what an earlier run of the same left.

    Parameters
    ----------
    network
        With fresh weights.
    examples
        To learn from.
    plan
        How.
    folder
        Gets the plan and the weights.

    Returns
    -------
    torch.nn.Module
        The same network in evaluation mode.

    Raises
    ------
    RecipeError
        The folder holds the weights of another plan, or of other examples.
    """
    wanted = json.dumps({**asdict(plan), "examples": examples.digest}, indent=1) + "\n"
    written = folder / PLAN
    if written.exists() and written.read_text(encoding="utf-8") != wanted:
        raise RecipeError(
            f"found another run in {folder} – expected the plan and the pictures that began it. "
            "Give another folder with --out.",
            code="run-input",
        )
    write_atomically(written, wanted.encode("utf-8"))
    if not (folder / WEIGHTS).exists():
        _train(network, examples, plan)
        partial = folder / f"{WEIGHTS}.partial"
        save_file(network.state_dict(), partial)
        partial.replace(folder / WEIGHTS)
    network.load_state_dict(read_weights(folder / WEIGHTS))
    return network.eval()


def chances_of(network: nn.Module, inputs: FloatArray) -> DoubleArray:
    """Return probabilities, (n, outputs), of pictures (n, channels, rows, columns)."""
    parts = []
    with torch.no_grad():
        for at in range(0, len(inputs), _BATCH_JUDGED):
            batch = torch.from_numpy(inputs[at : at + _BATCH_JUDGED])
            parts.append(network(batch).double().softmax(dim=1).numpy())
    return np.asarray(np.concatenate(parts), np.float64)


def draw_weights(targets: IntArray, groups: Sequence[str]) -> DoubleArray:
    """Return how often to draw each: kinds equally often, and in a kind its groups.

    Parameters
    ----------
    targets : (n,) int64
        Kinds.
    groups
        Patients.

    Returns
    -------
    (n,) float64
        They sum to 1.
    """
    names = np.asarray(groups)
    weights = np.zeros(len(targets))
    kinds = np.unique(targets)
    for kind in kinds:
        own = targets == kind
        of_kind = np.unique(names[own])
        for name in of_kind:
            both = own & (names == name)
            weights[both] = 1.0 / (kinds.size * of_kind.size * both.sum())
    return weights


def _train(network: nn.Module, examples: Pictures, plan: FitPlan) -> None:
    rng = np.random.default_rng(plan.seed)
    generator = torch.Generator().manual_seed(plan.seed)
    steps = max(1, len(examples.targets) // plan.batch) * plan.epochs
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
    )
    schedule: Any = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=plan.learning_rate, total_steps=steps
    )
    weights = draw_weights(examples.targets, examples.groups)
    network.train()
    for _ in range(steps):
        drawn = rng.choice(len(weights), plan.batch, p=weights)
        pictures = vary_grey(torch.from_numpy(examples.inputs[drawn]), plan, generator=generator)
        logits = network(pictures)
        loss = nn.functional.cross_entropy(logits, torch.from_numpy(examples.targets[drawn]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()


def vary_grey(pictures: Tensor, plan: FitPlan, *, generator: torch.Generator) -> Tensor:
    """Mirror pictures, and change the grey of their first channel.

    Parameters
    ----------
    pictures : (n, channels, rows, columns) float32
        The first channel is grey, −1 to 1.
    plan
        How much.
    generator
        Source of randomness.

    Returns
    -------
    (n, channels, rows, columns) float32
        New ones.
    """
    count = len(pictures)
    draw = torch.rand(3, count, 1, 1, 1, generator=generator)
    mirrored = torch.where(draw[0] < 0.5, pictures.flip(-1), pictures)
    scale = 1.0 + plan.contrast * (2.0 * draw[1] - 1.0)
    shift = plan.shift * (2.0 * draw[2] - 1.0)
    grey = mirrored[:, :1] * scale + shift
    grey = grey + plan.noise * torch.randn(grey.shape, generator=generator)
    return torch.cat((grey.clamp(-1.0, 1.0), mirrored[:, 1:]), dim=1)
