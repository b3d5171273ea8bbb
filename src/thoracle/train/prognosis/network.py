"""Members of an ensemble as one network: attention over days and variables, risks, forecasts.

All members are reckoned at once, by products of stacks of matrices: networks this small take
their time in starting operators, not in multiplying.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from thoracle.prognosis.features import DAYS, STATICS
from thoracle.prognosis.forecast import AHEAD_DAYS, QUANTILES
from thoracle.prognosis.types import HORIZONS
from thoracle.train.prognosis.recipe import RiskNetworkRecipe

GATES: Final = {"gru": 3, "decay": 3, "lstm": 4}
KEPT_AT_FIRST: Final = 2.5  # of the last value more than nine tenths: a forecast starts there
EMBED_SCALE: Final = 3.0  # of the first weights: of all variables, few are known at a time
_OUT_OF_SIGHT: Final = -1e4  # what the softmax makes nothing of, in single precision too


class Answers(NamedTuple):
    """What members tell of landmarks.

    `logits` (members, landmarks, 4) never fall; `attention` is (members, landmarks, days), sums to
    1; `contributions` (members, landmarks, days, inputs) add up, with the bias and what age and sex
    add, to the last logit: of 1 member, their mean, where all are shown the same, and of none in
    training, where nobody asks for them; `quantiles` (members, landmarks, 2, inputs, 3),
    standardized, never cross.
    """

    logits: Tensor
    attention: Tensor
    contributions: Tensor
    quantiles: Tensor


class RiskNetworks(nn.Module):
    """Members of one recipe, which differ in their weights alone.

    Parameters
    ----------
    recipe
        Cell, width, dropout.
    members
        How many.
    inputs
        Variables that are shown.
    seed
        Of the first weights.

    References
    ----------
    Choi et al. 2016, RETAIN (two attentions, the latest first, contributions that add up); Che et
    al. 2018, GRU-D (decay of what was carried forward).
    """

    def __init__(self, recipe: RiskNetworkRecipe, *, members: int, inputs: int, seed: int) -> None:
        super().__init__()
        self.recipe, self.members, self.inputs = recipe, members, inputs
        self._made_by = torch.Generator().manual_seed(seed)
        width, gates = recipe.hidden, GATES[recipe.cell]
        self.embed = self._matrix(3 * inputs + len(STATICS), width, scale=EMBED_SCALE)
        self.cell_input = self._matrix(width, gates * width)
        self.cell_state = self._matrix(width, gates * width)
        self.cell_bias = self._zeros(gates * width)
        self.new_bias = self._zeros(width)
        self.score = self._matrix(width, 1)
        self.gate = self._matrix(width, width)
        self.gate_bias = nn.Parameter(torch.full((members, 1, width), 1.0))
        self.fading = nn.Parameter(torch.full((members, 1, 1, inputs), 0.1))
        self.told = self._matrix(width, 1)
        self.told_bias = self._zeros(1)
        self.sooner = self._matrix(width, len(HORIZONS) - 1)
        self.sooner_bias = self._zeros(len(HORIZONS) - 1)
        ahead = len(AHEAD_DAYS) * inputs
        self.kept = nn.Parameter(torch.full((members, 1, ahead), KEPT_AT_FIRST))
        self.ahead = self._matrix(width, ahead, scale=0.1)
        self.ahead_bias = self._zeros(ahead)
        self.spread = self._matrix(width, 2 * ahead, scale=0.0)
        self.spread_bias = nn.Parameter(torch.full((members, 1, 2 * ahead), 0.5))
        self.hide = nn.Dropout(recipe.dropout)
        del self._made_by  # it cannot be copied, and networks are

    def only(self, members: Sequence[int]) -> "RiskNetworks":
        """Return a network of some of the members, in evaluation mode."""
        own = RiskNetworks(self.recipe, members=len(members), inputs=self.inputs, seed=0)
        places = torch.tensor(list(members))
        own.load_state_dict({name: one[places] for name, one in self.state_dict().items()})
        return own.eval()

    def forward(self, packed: Tensor) -> Answers:
        """Return what each member tells.

        Parameters
        ----------
        packed : (members, landmarks, days, 3 × inputs + 4) float32
            From `Sequences.packed`; of 1 member where all are shown the same.

        Returns
        -------
        Answers
            Of all members.
        """
        seen = self._faded(packed) if self.recipe.cell == "decay" else packed
        is_measured = packed[..., self.inputs : 2 * self.inputs]
        days = _by_day(self.hide(self._embedded(seen)))
        states = self._states(days).flatten(1, 2)
        attention = self._attention(states, is_measured)
        gates = torch.tanh(torch.matmul(states, self.gate) + self.gate_bias)
        weights = _by_day(gates) * attention[..., None]
        context = (weights * days).sum(dim=2)
        return Answers(
            logits=self._logits(context),
            attention=attention,
            contributions=weights if self.training else self._contributions(weights, seen),
            quantiles=self._quantiles(context, packed[..., 0, :]),
        )

    def _embedded(self, seen: Tensor) -> Tensor:
        """Embed each day; where all members see the same, by one product, which is faster."""
        if len(seen) == self.members:
            return torch.matmul(seen.flatten(1, 2), self.embed)
        wide = self.embed.transpose(0, 1).flatten(1)
        joined = torch.matmul(seen[0].flatten(0, 1), wide)
        return joined.reshape(-1, self.members, self.recipe.hidden).transpose(0, 1)

    def _faded(self, packed: Tensor) -> Tensor:
        """Let values that were carried forward fade, each variable at its pace."""
        values, rest = packed.tensor_split([self.inputs], dim=-1)
        is_measured, freshness, _statics = rest.tensor_split([self.inputs, 2 * self.inputs], dim=-1)
        age_days = (1.0 - is_measured) * (1.0 - freshness) * DAYS
        faded = values * torch.exp(-torch.relu(self.fading) * age_days)
        return torch.cat([faded, rest.expand(len(faded), -1, -1, -1)], dim=-1)

    def _states(self, days: Tensor) -> Tensor:
        """Return the cell's state after each day, read from the latest on."""
        step = self._lstm if self.recipe.cell == "lstm" else self._gru
        width = self.recipe.hidden
        gates = torch.matmul(days.flatten(1, 2), self.cell_input) + self.cell_bias
        # Apart at once: parts that are cut out one by one each fill a whole array with zeros.
        by_day = _by_day(gates).unbind(dim=2)
        state = torch.zeros_like(by_day[0][..., :width])
        memory = state
        states = []
        for shown in by_day:
            state, memory = step(shown, state, memory)
            states.append(state)
        return torch.stack(states, dim=2)

    def _gru(self, shown: Tensor, state: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        sizes = [2 * self.recipe.hidden, self.recipe.hidden]
        shown_gates, shown_new = torch.split_with_sizes(shown, sizes, dim=-1)
        kept = torch.matmul(state, self.cell_state)
        kept_gates, kept_new = torch.split_with_sizes(kept, sizes, dim=-1)
        reset, update = torch.sigmoid(shown_gates + kept_gates).chunk(2, dim=-1)
        new = torch.tanh(shown_new + reset * (kept_new + self.new_bias))
        return new + update * (state - new), memory

    def _lstm(self, shown: Tensor, state: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        gates = shown + torch.matmul(state, self.cell_state)
        enter, forget, new, leave = gates.chunk(4, dim=-1)
        memory = torch.sigmoid(forget + 1.0) * memory + torch.sigmoid(enter) * torch.tanh(new)
        return torch.sigmoid(leave) * torch.tanh(memory), memory

    def _attention(self, states: Tensor, is_measured: Tensor) -> Tensor:
        """Weigh the days on which something was measured, and the latest one."""
        score = _by_day(torch.matmul(states, self.score))[..., 0]
        has_news = is_measured.amax(dim=-1)
        shown = torch.cat([torch.ones_like(has_news[..., :1]), has_news[..., 1:]], dim=-1)
        return torch.softmax(score + (1.0 - shown) * _OUT_OF_SIGHT, dim=-1)

    def _logits(self, context: Tensor) -> Tensor:
        """Return logits that never fall: the whole stay's, less what sooner horizons lack."""
        whole = torch.matmul(context, self.told) + self.told_bias
        less = nn.functional.softplus(torch.matmul(context, self.sooner) + self.sooner_bias)
        sooner = [whole - less[..., place:].sum(dim=-1, keepdim=True) for place in range(3)]
        return torch.cat([*sooner, whole], dim=-1)

    def _contributions(self, weights: Tensor, seen: Tensor) -> Tensor:
        """Return what values add, of the members' mean where all of them see the same."""
        told = weights.flatten(1, 2) * self.told.transpose(1, 2)
        if len(seen) == self.members:
            back = torch.matmul(told, self.embed.transpose(1, 2))
        else:
            joined = told.transpose(0, 1).flatten(1)
            wide = self.embed.transpose(1, 2).flatten(0, 1)
            back = (torch.matmul(joined, wide) / self.members)[None]
        each = (back * seen.flatten(1, 2))[..., : 3 * self.inputs]
        parts = each.reshape(*each.shape[:-1], 3, self.inputs)
        return _by_day(parts.sum(dim=-2))

    def _quantiles(self, context: Tensor, latest: Tensor) -> Tensor:
        """Start from the last value where there is one, and from all else where there is none."""
        ahead = len(AHEAD_DAYS)
        last, rest = latest.tensor_split([self.inputs], dim=-1)
        is_measured, freshness, _statics = rest.tensor_split([self.inputs, 2 * self.inputs], dim=-1)
        is_known = torch.maximum(is_measured, (freshness > 0).to(last.dtype))
        kept = torch.sigmoid(self.kept) * torch.cat([is_known] * ahead, dim=-1)
        expected = torch.matmul(context, self.ahead) + self.ahead_bias
        middle = kept * torch.cat([last] * ahead, dim=-1) + (1.0 - kept) * expected
        spread = torch.matmul(context, self.spread) + self.spread_bias
        below, above = nn.functional.softplus(spread).chunk(2, dim=-1)
        three = torch.stack([middle - below, middle, middle + above], dim=-1)
        return three.reshape(*three.shape[:2], ahead, self.inputs, len(QUANTILES))

    def _matrix(self, rows: int, columns: int, *, scale: float = 1.0) -> nn.Parameter:
        spread = scale / rows**0.5
        drawn = torch.randn(self.members, rows, columns, generator=self._made_by)
        return nn.Parameter(spread * drawn)

    def _zeros(self, columns: int) -> nn.Parameter:
        return nn.Parameter(torch.zeros(self.members, 1, columns))


def _by_day(flat: Tensor) -> Tensor:
    """Return (members, landmarks × days, …) with days apart."""
    return flat.reshape(flat.shape[0], -1, DAYS, flat.shape[-1])
