"""What each part of BI-AT-GRU adds: the same windows, seeds and steps with one part taken away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import torch

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.datasets.breathing import rsm
from thoracle.datasets.breathing.types import PUBLISHED
from thoracle.evaluation.confusion import confusion_matrix
from thoracle.respiration.network_input import network_input
from thoracle.respiration.rule import classify_by_rule
from thoracle.respiration.types import CLASSES, PATTERNS
from thoracle.train.breathing.fit import fit_patterns
from thoracle.train.breathing.recipe import PatternRecipe

VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "BI-AT-GRU": {},
        "without attention": {"has_attention": False},
        "one direction": {"is_bidirectional": False},
        "one direction, without attention": {"is_bidirectional": False, "has_attention": False},
        "BI-AT-LSTM": {"cell": "lstm"},
    }
)
RULE: Final = "rule on rate and pauses"
TEST_WINDOWS: Final = 6_000  # a thousand of each pattern
TEST_SEED: Final = (
    104_729  # beside the seed: windows that no batch and no calibration is drawn from
)

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AblatedRun:
    """One variant trained with one seed, judged on that seed's fresh windows.

    `matrix` is (7, 7): rows are what was simulated, columns what was told, both in the order of
    `CLASSES`; no noise is simulated for the test, as published. `parameters` counts weights.
    """

    variant: str
    seed: int
    parameters: int
    matrix: IntArray = field(repr=False)


def ablate(
    recipe: PatternRecipe, folder: Path, *, seeds: int, told: Told
) -> tuple[AblatedRun, ...]:
    """Train every variant with every seed, and judge each on the same windows of that seed.

    Parameters
    ----------
    recipe
        Of the whole network; variants change its network alone.
    folder
        Each training has a folder of its own in it; what is finished is not trained again.
    seeds
        How many, counted from the recipe's own.
    told
        Told of each training that begins.

    Returns
    -------
    tuple of AblatedRun
        By seed, then by variant; the rule, which learns nothing, is the last of each seed.
    """
    runs = []
    for seed in range(recipe.seed, recipe.seed + seeds):
        signal, inputs, kinds = fresh_windows(seed)
        for name, change in VARIANTS.items():
            told(f"{name}, seed {seed}")
            network = fit_patterns(variant(recipe, change, seed=seed), folder / _named(name, seed))
            with torch.no_grad():
                parts = [network(torch.from_numpy(one)) for one in np.array_split(inputs, 12)]
            answers = torch.cat(parts).argmax(dim=1).numpy()
            size = sum(one.numel() for one in network.parameters())
            runs.append(_judged(name, seed, kinds, answers, parameters=size))
        runs.append(_judged(RULE, seed, kinds, by_rule(signal), parameters=0))
    return tuple(runs)


def fresh_windows(seed: int) -> tuple[DoubleArray, FloatArray, IntArray]:
    """Return a seed's test windows: as simulated, as the network sees them, and their classes."""
    rng = np.random.default_rng((seed, TEST_SEED))
    made = rsm.simulate(PATTERNS, TEST_WINDOWS, PUBLISHED, rng=rng)
    inputs = network_input(made.signal, rate_hz=PUBLISHED.rate_hz)
    return made.signal, inputs, made.kinds


def variant(recipe: PatternRecipe, change: Mapping[str, Any], *, seed: int) -> PatternRecipe:
    """Return a recipe with another seed and a changed network; its text says both.

    Parameters
    ----------
    recipe
        Of the whole network.
    change
        Values of its network.
    seed
        Of the training.

    Returns
    -------
    PatternRecipe
        Its text begins with what was changed, so that a run's folder knows it.
    """
    said = "".join(f"# {key} = {value}\n" for key, value in {"seed": seed, **change}.items())
    network = replace(recipe.network, **change)
    return replace(recipe, seed=seed, network=network, text=said + recipe.text)


def by_rule(signal: DoubleArray) -> IntArray:
    """Return what the rule says of windows at the published rate, places in `CLASSES`."""
    told = [classify_by_rule(one, rate_hz=PUBLISHED.rate_hz).pattern for one in signal]
    return np.array([CLASSES.index(one) for one in told], np.int64)


def _judged(
    name: str, seed: int, kinds: IntArray, answers: IntArray, *, parameters: int
) -> AblatedRun:
    matrix = confusion_matrix(kinds, np.asarray(answers, np.int64), classes=len(CLASSES))
    return AblatedRun(variant=name, seed=seed, parameters=parameters, matrix=matrix)


def _named(name: str, seed: int) -> str:
    return f"{name.lower().replace(', ', '-').replace(' ', '-')}-{seed}"
