"""From charts to a calibrated ensemble: choose, calibrate, train, all among the patients given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final

import numpy as np
import torch

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.calibration import Calibration, known_share
from thoracle.prognosis.features import Scaling, sequences
from thoracle.prognosis.learned import Seen
from thoracle.prognosis.types import Chart, Landmark
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis.calibrate import fit_calibration, fit_widening
from thoracle.train.prognosis.examples import (
    Examples,
    examples,
    fit_scaling,
    seen_of,
    training_landmarks,
)
from thoracle.train.prognosis.fit import ToldExamples, TrainingSet, fit_members, hide, tell
from thoracle.train.prognosis.folds import deal, events_of
from thoracle.train.prognosis.network import RiskNetworks
from thoracle.train.prognosis.recipe import RiskRecipe

FOLDS_SEED: Final = 15_485  # beside the recipe's: dealing must not hang on what is drawn elsewhere
HIDING_SEED: Final = 27_644

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One candidate's loss on patients it did not see: mean cross-entropy, as index times count."""

    cell: str
    hidden: int
    weight_decay: float
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """A trained ensemble with all that a bundle needs.

    Attributes
    ----------
    recipe
        With what was chosen in it.
    calibration, widening
        Fitted on patients that the networks of the chosen trial did not see.
    trials
        What was tried.
    """

    recipe: RiskRecipe
    scaling: Scaling
    seen: Seen
    network: RiskNetworks = field(repr=False)
    calibration: Calibration
    widening: DoubleArray
    trials: tuple[Trial, ...]

    def risks(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> DoubleArray:
        """Return risks at landmarks, (landmarks, 4) float64, as the bundle will tell them."""
        if not landmarks:
            return np.empty((0, 4))
        shown = sequences(charts, landmarks, scaling=self.scaling).packed()
        return self.calibration.risks(self.tell(shown).logits, known_share(shown))

    def tell(self, packed: FloatArray) -> ToldExamples:
        """Return what all members say of examples, in their mean."""
        return tell(self.network, packed, range(self.network.members))


def fit_ensemble(
    charts: Sequence[Chart], recipe: RiskRecipe, *, told: Told | None = None
) -> Ensemble:
    """Choose by cross-validation, calibrate, and train on all patients given.

    Parameters
    ----------
    charts
        Of the patients that may be trained on; those without an outcome teach nothing.
    recipe
        What to train.
    told
        Told of trials and losses.

    Returns
    -------
    Ensemble
        Of `training.members` networks.

    Raises
    ------
    ChartError
        Charts hold none of the markers, or nothing to learn from.
    """
    scaling = fit_scaling(charts, patients_min=recipe.patients_min, left_out=recipe.left_out)
    markers = np.isin(scaling.places, [place_of(name) for name in recipe.draws.markers])
    landmarks = training_landmarks(charts, event=recipe.event)
    if not landmarks or not markers.any():
        raise ChartError(
            f"found {len(landmarks)} index times and {int(markers.sum())} markers that "
            f"{recipe.patients_min} patients or more have – expected stays with an outcome and "
            "values before it. Add patients, or lower patients_min in the recipe.",
            code="chart-too-few",
        )
    made = examples(charts, landmarks, scaling)
    data = TrainingSet(examples=made, markers=markers)
    rng = np.random.default_rng((recipe.seed, FOLDS_SEED))
    fold = deal(events_of(charts, made.patients, event=recipe.event), recipe.tuning.folds, rng=rng)
    tried = [_try(one, data, fold, told) for one in candidates(recipe)]
    chosen = min(tried, key=lambda one: one.loss)
    if told is not None:
        told(f"chosen: {chosen.recipe.network.cell}, {chosen.recipe.network.hidden} units")
    everybody = np.arange(len(made.patients))
    members = [everybody] * recipe.training.members
    return Ensemble(
        recipe=chosen.recipe,
        scaling=scaling,
        seen=seen_of(charts, scaling),
        network=fit_members(chosen.recipe, data, members, told=told),
        calibration=chosen.calibration,
        widening=chosen.widening,
        trials=tuple(_trial(one) for one in tried),
    )


def candidates(recipe: RiskRecipe) -> tuple[RiskRecipe, ...]:
    """Return a recipe for every combination that is to be tried; itself where nothing is."""
    tuning = recipe.tuning
    combined = product(
        tuning.cells or (recipe.network.cell,),
        tuning.hidden or (recipe.network.hidden,),
        tuning.weight_decays or (recipe.training.weight_decay,),
    )
    return tuple(
        replace(
            recipe,
            network=replace(recipe.network, cell=cell, hidden=hidden),
            training=replace(recipe.training, weight_decay=weight_decay),
        )
        for cell, hidden, weight_decay in combined
    )


def views(made: Examples, markers: BoolArray, *, seed: int) -> tuple[FloatArray, ...]:
    """Return what networks are shown of examples by hospitals that measure much or little.

    Parameters
    ----------
    made
        Of patients that are trained on.
    markers : (inputs,) bool
        Of the three-marker rule.
    seed
        Of which variables some hospital measures.

    Returns
    -------
    three of (examples, days, 3 × inputs + 4) float32
        All that is known; what is left of it where of each example a share of the variables, drawn
        from none to all, is hidden; the markers alone, without age and sex.
    """
    shape = (len(made.packed), len(markers))
    rng = np.random.default_rng((seed, HIDING_SEED))
    some = rng.random(shape) < rng.random((len(made.packed), 1))
    return (
        made.packed,
        _shown(made.packed, some, has_statics=True),
        _shown(made.packed, np.broadcast_to(markers, shape), has_statics=False),
    )


def _shown(packed: FloatArray, is_shown: BoolArray, *, has_statics: bool) -> FloatArray:
    statics = torch.full((len(packed),), has_statics)
    shown = torch.from_numpy(np.ascontiguousarray(is_shown))
    return hide(torch.from_numpy(packed.copy()), shown, statics).numpy()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    recipe: RiskRecipe
    loss: float
    calibration: Calibration
    widening: DoubleArray


def _try(recipe: RiskRecipe, data: TrainingSet, fold: IntArray, told: Told | None) -> _Tried:
    """Train without each fold in turn, and judge and calibrate on what is told of it."""
    folds, members = int(fold.max()) + 1, recipe.tuning.members
    seen = [np.flatnonzero(fold != one) for one in range(folds) for _ in range(members)]
    network = fit_members(recipe, data, seen)
    made = data.examples
    shown = views(made, data.markers, seed=recipe.seed)
    logits = np.zeros((len(shown), len(made.packed), 4))
    quantiles = np.zeros((*made.ahead.shape, 3), np.float32)
    for one in range(folds):
        own = np.flatnonzero(fold[made.owners] == one)
        places = range(one * members, (one + 1) * members)
        for number, view in enumerate(shown):
            found = tell(network, view[own], places)
            logits[number, own] = found.logits
            if number == 0:
                quantiles[own] = found.quantiles
    labels = np.tile(made.labels.astype(np.float64), (len(shown), 1))
    counts = np.bincount(made.owners)[made.owners]
    weights = np.tile(np.ones(len(counts)) if recipe.draws.days_alike else 1.0 / counts, len(shown))
    flat, known = logits.reshape(-1, 4), np.concatenate([known_share(view) for view in shown])
    calibration = fit_calibration(flat, labels, weights, known=known)
    loss = cross_entropy(calibration.risks(flat, known), labels, weights)
    if told is not None:
        told(f"{recipe.network.cell}, {recipe.network.hidden} units: loss {loss:.4f}")
    return _Tried(
        recipe=recipe,
        loss=loss,
        calibration=calibration,
        widening=fit_widening(quantiles, made.ahead),
    )


def cross_entropy(risks: DoubleArray, labels: DoubleArray, weights: DoubleArray) -> float:
    """Return the weighted mean cross-entropy, in nats, over what is known.

    Parameters
    ----------
    risks, labels : (examples, 4) float64
        Labels are NaN where nobody knows.
    weights : (examples,) float64
        How much each counts.

    Returns
    -------
    float
        0 is certainty in what came.
    """
    is_known = ~np.isnan(labels)
    shown = np.clip(risks, 1e-6, 1 - 1e-6)
    each = -np.where(labels == 1, np.log(shown), np.log1p(-shown))
    share = is_known * weights[:, None]
    return float((np.where(is_known, each, 0.0) * share).sum() / share.sum())


def _trial(one: _Tried) -> Trial:
    network = one.recipe.network
    return Trial(
        cell=network.cell,
        hidden=network.hidden,
        weight_decay=one.recipe.training.weight_decay,
        loss=one.loss,
    )
