"""Train all members of one or several ensembles at once; what is hidden is drawn for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.prognosis.features import STATICS
from thoracle.prognosis.forecast import QUANTILES
from thoracle.train.prognosis.examples import Examples
from thoracle.train.prognosis.network import Answers, RiskNetworks
from thoracle.train.prognosis.recipe import DrawRecipe, RiskRecipe

_BATCH: Final = 512  # examples that are told at a time
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """What to learn from, and which inputs are the markers that are sometimes all there is.

    Attributes
    ----------
    examples
        Of all patients of the cohort's training part.
    markers : (inputs,) bool
        Which of the inputs.
    """

    examples: Examples
    markers: BoolArray = field(repr=False)


def fit_members(
    recipe: RiskRecipe, data: TrainingSet, patients: Sequence[IntArray], *, told: Told | None = None
) -> RiskNetworks:
    """Train as many members as there are lists of patients.

    Parameters
    ----------
    recipe
        How; `recipe.network` says which network.
    data
        What to learn from.
    patients : for each member (patients,) int64
        Places in `examples.patients` of those that it may see; it sees a sample of them, drawn
        with replacement.
    told
        Told of the loss at times.

    Returns
    -------
    RiskNetworks
        In evaluation mode, with averaged weights.
    """
    plan = recipe.training
    rng = np.random.default_rng((recipe.seed, len(patients)))
    torch.manual_seed(recipe.seed)  # of the dropout
    inputs = data.examples.ahead.shape[2]
    network = RiskNetworks(recipe.network, members=len(patients), inputs=inputs, seed=recipe.seed)
    draw = _Draw(recipe, data, [_bootstrap(one, rng) for one in patients], rng)
    steps = plan.epochs * max(1, max(len(one) for one in patients) // plan.batch)
    weights = list(network.parameters())
    averaged = [one.detach().clone() for one in weights]
    optimizer = torch.optim.AdamW(weights, lr=plan.learning_rate, weight_decay=plan.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=plan.learning_rate, total_steps=steps, pct_start=plan.warmup_share
    )
    network.train()
    for step in range(steps):
        packed, labels, ahead = draw.batch()
        answers = network(packed)
        loss = risk_loss(answers, labels) + plan.forecast_weight * forecast_loss(answers, ahead)
        optimizer.zero_grad()
        loss.sum().backward()  # type: ignore[no-untyped-call]
        _clip(weights, plan.clip)
        optimizer.step()
        schedule.step()
        torch._foreach_lerp_(averaged, [one.detach() for one in weights], 1.0 - plan.average)
        if told is not None and (step + 1) % max(1, steps // 5) == 0:
            told(f"step {step + 1} of {steps}: loss {float(loss.detach().mean()):.3f}")
    with torch.no_grad():
        for own, mean in zip(weights, averaged, strict=True):
            own.copy_(mean)
    return network.eval()


def risk_loss(answers: Answers, labels: Tensor) -> Tensor:
    """Return the cross-entropy of each member, (members,); labels nobody knows are left out.

    Parameters
    ----------
    answers
        Of a batch.
    labels : (members, batch, 4) float32
        NaN where nobody knows.

    Returns
    -------
    (members,) float32
        Mean over what is known.
    """
    is_known = ~labels.isnan()
    wanted = torch.where(is_known, labels, 0.0)
    each = nn.functional.binary_cross_entropy_with_logits(answers.logits, wanted, reduction="none")
    return _mean_of(each, is_known)


def forecast_loss(answers: Answers, ahead: Tensor) -> Tensor:
    """Return the pinball loss of each member, (members,); what was not measured is left out.

    Parameters
    ----------
    answers
        Of a batch.
    ahead : (members, batch, 2, inputs) float32
        What was measured in one and three days; NaN where nothing was.

    Returns
    -------
    (members,) float32
        Mean over what is known and the three quantiles.
    """
    member, *rest = torch.nonzero(~ahead.isnan(), as_tuple=True)  # few are measured
    above = ahead[member, *rest][:, None] - answers.quantiles[member, *rest]
    shares = torch.tensor(QUANTILES)
    each = torch.maximum(shares * above, (shares - 1.0) * above).mean(dim=-1)
    sums = torch.zeros(len(ahead)).index_add(0, member, each)
    return sums / torch.bincount(member, minlength=len(ahead)).clamp(min=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldExamples:
    """What the mean of some members says of examples, the first axis of both.

    `logits` (examples, 4) float64; `quantiles` (examples, 2, inputs, 3) float32, standardized.
    """

    logits: DoubleArray = field(repr=False)
    quantiles: FloatArray = field(repr=False)


def tell(network: RiskNetworks, packed: FloatArray, members: Sequence[int]) -> ToldExamples:
    """Return what some members say of examples, in their mean.

    Parameters
    ----------
    network
        In evaluation mode.
    packed : (examples, days, 3 × inputs + 4) float32
        What was known.
    members
        Places of members.

    Returns
    -------
    ToldExamples
        Of each example.
    """
    own = network.only(members)
    logits, quantiles = [], []
    with torch.no_grad():
        for part in torch.split(torch.from_numpy(packed), _BATCH):
            answers = own(part[None])
            logits.append(answers.logits.double().mean(dim=0))
            quantiles.append(answers.quantiles.mean(dim=0))
    return ToldExamples(logits=torch.cat(logits).numpy(), quantiles=torch.cat(quantiles).numpy())


class _Draw:
    """Draws a batch for each member: patients, one index time of each, and what is hidden."""

    def __init__(
        self,
        recipe: RiskRecipe,
        data: TrainingSet,
        patients: Sequence[IntArray],
        rng: np.random.Generator,
    ) -> None:
        made = data.examples
        self.packed = torch.from_numpy(made.packed)
        self.labels = torch.from_numpy(made.labels)
        self.ahead = torch.from_numpy(made.ahead)
        self.counts = np.bincount(made.owners, minlength=len(made.patients))
        self.starts = np.cumsum(self.counts) - self.counts
        self.patients, self.markers, self.rng = patients, data.markers, rng
        self.draws, self.size = recipe.draws, recipe.training.batch

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return inputs, labels and values ahead, (members, batch, …)."""
        drawn = np.stack([self._patients(one) for one in self.patients])
        places = torch.from_numpy(self.starts[drawn] + self.rng.integers(self.counts[drawn]))
        return self._hidden(self.packed[places]), self.labels[places], self.ahead[places]

    def _patients(self, own: IntArray) -> IntArray:
        """Draw patients, by how many index times each has where these are to count alike."""
        if not self.draws.days_alike:
            return self.rng.choice(own, self.size)
        ends = np.cumsum(self.counts[own])
        at = self.rng.integers(int(ends[-1]), size=self.size)
        return own[np.searchsorted(ends, at, side="right")]

    def _hidden(self, packed: Tensor) -> Tensor:
        """Hide variables, age and sex in a batch of its own."""
        shape = (packed.shape[0], packed.shape[1])
        is_shown = torch.from_numpy(shown_inputs(self.draws, self.markers, shape, rng=self.rng))
        has_statics = torch.from_numpy(self.rng.random(shape) >= self.draws.statics_hidden)
        return hide(packed, is_shown, has_statics)


def hide(packed: Tensor, is_shown: Tensor, has_statics: Tensor) -> Tensor:
    """Make variables, age and sex unknown, in place.

    Parameters
    ----------
    packed : (…, days, 3 × inputs + 4) float32
        What networks are shown; it is changed, so that a batch is copied once only.
    is_shown : (…, inputs) bool
        Variables that stay.
    has_statics : (…) bool
        Where age and sex stay.

    Returns
    -------
    (…, days, 3 × inputs + 4) float32
        The same array.
    """
    statics = has_statics[..., None].expand(*has_statics.shape, len(STATICS))
    kept = torch.cat([is_shown, is_shown, is_shown, statics], dim=-1)
    return packed.mul_(kept[..., None, :])


def shown_inputs(
    draws: DrawRecipe, markers: BoolArray, shape: tuple[int, ...], *, rng: np.random.Generator
) -> BoolArray:
    """Draw which variables are shown.

    Parameters
    ----------
    draws
        How many are hidden, and how often all but the markers.
    markers : (inputs,) bool
        Which of the variables are.
    shape
        Of what is drawn for.
    rng
        Source of randomness.

    Returns
    -------
    (…, inputs) bool
        True where it is shown.
    """
    share = rng.uniform(0.0, draws.hidden_max, (*shape, 1))
    is_shown = rng.random((*shape, len(markers))) >= share
    only_markers = rng.random((*shape, 1)) < draws.only_markers
    return np.where(only_markers, markers, is_shown)


def _bootstrap(patients: IntArray, rng: np.random.Generator) -> IntArray:
    return rng.choice(patients, len(patients))


def _mean_of(each: Tensor, is_known: Tensor) -> Tensor:
    own = (each * is_known).flatten(1).sum(dim=1)
    return own / is_known.flatten(1).sum(dim=1).clamp(min=1)


def _clip(weights: Sequence[nn.Parameter], largest: float) -> None:
    """Scale the gradients of each member down to a norm; members know nothing of each other."""
    gradients = [one.grad for one in weights if one.grad is not None]
    squares = torch.stack([one.flatten(1).square().sum(dim=1) for one in gradients])
    scale = (largest / squares.sum(dim=0).sqrt().clamp(min=1e-6)).clamp(max=1.0)
    for one in gradients:
        one.mul_(scale.view(-1, *[1] * (one.ndim - 1)))
