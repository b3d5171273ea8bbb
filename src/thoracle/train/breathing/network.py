"""BI-AT-GRU and its ablations: windows in, logits and what was attended to out."""

import torch
from torch import Tensor, nn

from thoracle.respiration.types import CLASSES
from thoracle.train.breathing.recipe import PatternNetworkRecipe

STEM_CHANNELS = (24, 32)
STEM_SIZES = (9, 7)  # samples: a second of breathing, as seen by the first cell
ATTENTION_UNITS = 32


class PatternNetwork(nn.Module):
    """A recurrent network over a window, after Wang et al. 2020.

    Parameters
    ----------
    recipe
        Cell, width, directions, attention and stem.

    References
    ----------
    Wang et al., arXiv 2002.05534: a bidirectional GRU whose states are weighed by attention. The
    stem of two strided convolutions is ours: it quarters the steps.
    """

    def __init__(self, recipe: PatternNetworkRecipe) -> None:
        super().__init__()
        self.recipe = recipe
        first, second = STEM_CHANNELS
        self.stem = (
            nn.Sequential(_halving(1, first, STEM_SIZES[0]), _halving(first, second, STEM_SIZES[1]))
            if recipe.has_stem
            else None
        )
        cell = nn.GRU if recipe.cell == "gru" else nn.LSTM
        self.cells = cell(
            second if recipe.has_stem else 1,
            recipe.hidden,
            batch_first=True,
            bidirectional=recipe.is_bidirectional,
        )
        width = recipe.hidden * (2 if recipe.is_bidirectional else 1)
        self.width = width
        self.attend = nn.Linear(width, ATTENTION_UNITS) if recipe.has_attention else None
        self.score = nn.Linear(ATTENTION_UNITS, 1, bias=False) if recipe.has_attention else None
        self.head = nn.Linear(width, len(CLASSES))

    def forward(self, windows: Tensor) -> Tensor:
        """Return logits, (n, 7), of windows (n, 600), 0 to 1."""
        return self.explained(windows)[0]

    def explained(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, and the weight of each step, (n, steps), which sum to 1."""
        steps = windows[:, :, None]
        if self.stem is not None:
            steps = self.stem(windows[:, None]).transpose(1, 2)
        states, _last = self.cells(steps)
        weights = self._weights(states)
        return self.head(self._told(states, weights)), weights

    def _weights(self, states: Tensor) -> Tensor:
        if self.attend is None or self.score is None:
            weights = torch.zeros(states.shape[:2], dtype=states.dtype)
            weights[:, -1] = 1.0
            return weights
        return torch.softmax(self.score(torch.tanh(self.attend(states)))[..., 0], dim=1)

    def _told(self, states: Tensor, weights: Tensor) -> Tensor:
        if self.attend is not None:
            return (states * weights[..., None]).sum(dim=1)
        if not self.recipe.is_bidirectional:
            return states[:, -1]
        hidden = self.recipe.hidden
        # The end of each reading: the last step forwards, the first one backwards.
        return torch.cat([states[:, -1, :hidden], states[:, 0, hidden:]], dim=1)


def _halving(inputs: int, outputs: int, size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, size, stride=2, padding=size // 2, bias=False),
        nn.BatchNorm1d(outputs),
        nn.ReLU(),
    )
