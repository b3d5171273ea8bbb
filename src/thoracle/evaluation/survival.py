"""What a change of the films does to the answers: AUROC, accuracy and agreement, paired by film."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.evaluation.bootstrap import (
    PatientResamples,
    clustered_estimate,
    resampled,
    resampled_sums,
)
from thoracle.evaluation.estimate import MINIMUM_CASES, Estimate, ratio
from thoracle.evaluation.roc import auroc_statistic, pairwise_score

Pair = tuple[int, int]
"""Index of the finding, then of the one that it is told from."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers on a set of films whose finding is known.

    Attributes
    ----------
    probabilities : (films, findings) float64
        Of the untouched films.
    reference : (films,) int64
        Index of the finding.
    resamples
        Draws of patients; the same for all that is compared.
    minimum_cases
        A pair with fewer films of either finding is left out.
    """

    probabilities: DoubleArray = field(repr=False)
    reference: IntArray = field(repr=False)
    resamples: PatientResamples = field(repr=False)
    minimum_cases: int = MINIMUM_CASES

    @property
    def films(self) -> int:
        """Number of films."""
        return int(self.reference.size)

    def pairs(self) -> tuple[Pair, ...]:
        """Return the pairs of findings that have enough films, the later finding first."""
        counts = np.bincount(self.reference, minlength=self.probabilities.shape[1])
        enough = np.flatnonzero(counts >= self.minimum_cases).tolist()
        return tuple((second, first) for first, second in combinations(enough, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSurvival:
    """One pair of findings: AUROC of the changed films, and how much it differs."""

    pair: Pair
    auroc: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """What is left of the answers after a change.

    `auroc` and `difference` are means over the pairs, `difference` changed minus untouched;
    `kept_skill` is the share left of the AUROC above one half; `agreement` the share of films
    whose likeliest finding stays.
    """

    pairs: tuple[PairSurvival, ...]
    auroc: Estimate
    difference: Estimate
    kept_skill: Estimate
    accuracy: Estimate
    accuracy_difference: Estimate
    agreement: Estimate


def survival(answers: Answers, changed: DoubleArray) -> Survival:
    """Compare the answers on changed films with those on the same films untouched.

    Parameters
    ----------
    answers
        Of the untouched films.
    changed : (films, findings) float64
        Probabilities of the changed films, in the same order.

    Returns
    -------
    Survival
        Unknown where no pair has enough films.
    """
    before = pair_values(answers, answers.probabilities)
    after = pair_values(answers, changed)
    make = _Maker(answers)
    difference = after - before
    right_before = _is_right(answers, answers.probabilities)
    right_after = _is_right(answers, changed)
    stays = answers.probabilities.argmax(axis=1) == changed.argmax(axis=1)
    rates = np.column_stack([right_after, right_after.astype(float) - right_before, stays])
    accuracy, accuracy_difference, agreement = make.means(rates)
    return Survival(
        pairs=tuple(
            PairSurvival(
                pair=pair,
                auroc=make.estimate(after[:, place]),
                difference=make.estimate(difference[:, place]),
            )
            for place, pair in enumerate(answers.pairs())
        ),
        auroc=make.estimate(_mean(after)),
        difference=make.estimate(_mean(difference)),
        kept_skill=make.estimate(_kept(_mean(before), _mean(after))),
        accuracy=accuracy,
        accuracy_difference=accuracy_difference,
        agreement=agreement,
    )


def worst_one_sided(answers: Answers, changed: DoubleArray) -> Estimate:
    """Return the change of AUROC where only one finding of each pair is changed.

    A marker that stands on every film hides nothing; one that stands on the films of one finding
    is a shortcut. Of both ways the worse is taken, pair by pair, chosen on all films.

    Parameters
    ----------
    answers
        Of the untouched films.
    changed : (films, findings) float64
        Probabilities of the changed films, in the same order.

    Returns
    -------
    Estimate
        Mean over the pairs; at most 0 where a change pushes a score either way.
    """
    before = pair_values(answers, answers.probabilities)
    worse = []
    for place, (positive, _) in enumerate(answers.pairs()):
        is_positive = (answers.reference == positive)[:, None]
        ways = [
            pair_values(answers, np.where(chosen, changed, answers.probabilities))[:, place]
            for chosen in (is_positive, ~is_positive)
        ]
        worse.append(min(ways, key=lambda one: float(one[0])) - before[:, place])
    stacked = np.column_stack(worse) if worse else np.empty((before.shape[0], 0))
    return _Maker(answers).estimate(_mean(stacked))


def pair_values(answers: Answers, probabilities: DoubleArray) -> DoubleArray:
    """Return the AUROC of each pair on all films and on every resample.

    Parameters
    ----------
    answers
        Which films, which pairs, which draws.
    probabilities : (films, findings) float64
        Any answers on those films.

    Returns
    -------
    (1 + resamples, pairs) float64
        The first row is of all films; NaN where a resample lacks one kind of film.
    """
    columns = [_pair_column(answers, probabilities, pair) for pair in answers.pairs()]
    rows = 1 + answers.resamples.resamples
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def _pair_column(answers: Answers, probabilities: DoubleArray, pair: Pair) -> DoubleArray:
    members = np.isin(answers.reference, pair)
    scores = pairwise_score(probabilities[members], *pair)
    statistic = auroc_statistic(scores, answers.reference[members] == pair[0])
    on_resamples = resampled(_of_members(statistic, members), answers.resamples)
    return np.concatenate([statistic(np.ones((1, int(members.sum())))), on_resamples])


def _of_members(
    statistic: Callable[[DoubleArray], DoubleArray], members: BoolArray
) -> Callable[[DoubleArray], DoubleArray]:
    return lambda weights: statistic(weights[:, members])


class _Maker:
    """Turn values on all films and on the resamples into estimates."""

    def __init__(self, answers: Answers) -> None:
        self._films = answers.films
        self._resamples = answers.resamples

    def estimate(self, values: DoubleArray) -> Estimate:
        """Return the first value with the limits of the rest."""
        return clustered_estimate(
            float(values[0]), values[1:], n=self._films, patients=self._resamples.patients
        )

    def means(self, columns: DoubleArray) -> list[Estimate]:
        """Return the mean of each (films, columns) column."""
        sums = resampled_sums(np.column_stack([columns, np.ones(self._films)]), self._resamples)
        on_resamples = sums[:, :-1] / sums[:, -1:]
        both = np.vstack([columns.mean(axis=0), on_resamples])
        return [self.estimate(both[:, place]) for place in range(columns.shape[1])]


def mean_estimate(values: DoubleArray, resamples: PatientResamples) -> Estimate:
    """Return the mean of one number per film, with an interval by patient.

    Parameters
    ----------
    values : (films,) float64
        NaN where a film has none: such films are left out.
    resamples
        Draws of the films' patients.

    Returns
    -------
    Estimate
        `n` counts the films that have a number; unknown without any.
    """
    known = np.isfinite(values)
    columns = np.column_stack([np.where(known, values, 0.0), known])
    sums = resampled_sums(columns, resamples)
    return clustered_estimate(
        float(values[known].mean()) if known.any() else np.nan,
        ratio(sums[:, 0], sums[:, 1]),
        n=int(known.sum()),
        patients=resamples.patients,
    )


def _mean(values: DoubleArray) -> DoubleArray:
    """Average (…, pairs) over the pairs; NaN where there is none."""
    if values.shape[1] == 0:
        return np.full(values.shape[0], np.nan)
    return np.asarray(values.mean(axis=1))


def _kept(before: DoubleArray, after: DoubleArray) -> DoubleArray:
    """Return the share of the skill that is left; NaN where there was none to keep."""
    return ratio(after - 0.5, before - 0.5)


def _is_right(answers: Answers, probabilities: DoubleArray) -> BoolArray:
    return np.asarray(probabilities.argmax(axis=1) == answers.reference)
