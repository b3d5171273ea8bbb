"""Figures of an experiment that was repeated with other splits: summed, mean and spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import (
    PatientResamples,
    clustered_estimate,
    resample_patients,
    resampled_sums,
    without_false_certainty,
)
from thoracle.evaluation.confusion import confusion_matrix, rate_arrays, tables_one_against_rest
from thoracle.evaluation.estimate import Estimate, ratio

CLASS_FIGURES = ("precision", "recall", "f1", "sensitivity", "specificity", "npv")
"""What is told of each class against the rest."""
_RATE_OF = {"precision": "ppv", "recall": "sensitivity"}
RESAMPLES = 2000
Figure = Callable[[DoubleArray], DoubleArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedFilms:
    """What one repeat said of its test films.

    Attributes
    ----------
    reference, prediction : (films,) int64
        Index of the class.
    patient : (films,) str
        Who the film is of.
    """

    reference: IntArray = field(repr=False)
    prediction: IntArray = field(repr=False)
    patient: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedFigure:
    """One figure over all repeats.

    `pooled` is of the summed confusion matrix, its interval from resampling patients and repeats;
    it has no limits where all resamples are alike. `mean` and `sd` are over the repeats in which
    it is defined, `sd` None with fewer than two.
    """

    pooled: Estimate
    mean: float | None
    sd: float | None
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedFigures:
    """All figures of one repeated experiment.

    `confusion` has a row per reference and a column per prediction, summed over repeats;
    `classes` maps a class name to its figures.
    """

    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    films: int
    patients: int
    accuracy: RepeatedFigure
    balanced_accuracy: RepeatedFigure
    classes: dict[str, dict[str, RepeatedFigure]]

    def figure(self, name: str, of_class: str) -> RepeatedFigure:
        """Return a figure by name, of a class or, with "", of all.

        Raises
        ------
        EvaluationError
            There is no such figure.
        """
        if not of_class and name in {"accuracy", "balanced_accuracy"}:
            found: RepeatedFigure = getattr(self, name)
            return found
        try:
            return self.classes[of_class][name]
        except KeyError:
            raise EvaluationError(
                f"found no figure {name!r} of {of_class or 'all classes'!r} – expected accuracy or "
                f"balanced_accuracy of all, or one of {', '.join(CLASS_FIGURES)} of a class.",
                code="evaluation-labels",
            ) from None


def repeated_figures(
    labels: Sequence[str], repeats: Sequence[JudgedFilms], *, generator: np.random.Generator
) -> RepeatedFigures:
    """Sum the confusion matrices of repeats and tell each figure's mean and spread.

    Parameters
    ----------
    labels
        Names of the classes, in order.
    repeats
        At least one; a film may stand in several.
    generator
        Draws patients and repeats.

    Returns
    -------
    RepeatedFigures
        Intervals at 95 %.

    Raises
    ------
    EvaluationError
        There is no repeat.

    References
    ----------
    Owen, A. B. (2007): The pigeonhole bootstrap. Patients and repeats cross, since a patient may
    be tested in several repeats: each is drawn anew on its own, and weights multiply.
    """
    if not repeats:
        raise EvaluationError(
            "found no repeat – expected at least one. Run the experiment first.",
            code="evaluation-empty",
        )
    classes = len(labels)
    matrices = np.stack(
        [confusion_matrix(one.reference, one.prediction, classes=classes) for one in repeats]
    ).astype(np.float64)
    patient = [name for one in repeats for name in one.patient]
    resamples = resample_patients(patient, resamples=RESAMPLES, generator=generator)
    draws = _drawn_matrices(repeats, resamples, classes, generator=generator)
    total = matrices.sum(axis=0)
    bench = _Bench(total, matrices, draws, resamples, films=len(patient))
    return RepeatedFigures(
        labels=tuple(labels),
        confusion=tuple(tuple(int(cell) for cell in row) for row in total),
        films=len(patient),
        patients=resamples.patients,
        accuracy=bench.figure(_accuracy),
        balanced_accuracy=bench.figure(_mean_recall),
        classes={label: _class_figures(bench, index) for index, label in enumerate(labels)},
    )


def _class_figures(bench: "_Bench", index: int) -> dict[str, RepeatedFigure]:
    def of(rate: str) -> Figure:
        return lambda matrices: _class_rates(matrices)[rate][..., index]

    return {name: bench.figure(of(_RATE_OF.get(name, name))) for name in CLASS_FIGURES}


class _Bench:
    """The three stacks of matrices that a figure is computed on: all, each repeat, each draw."""

    def __init__(
        self,
        total: DoubleArray,
        matrices: DoubleArray,
        draws: DoubleArray,
        resamples: PatientResamples,
        *,
        films: int,
    ) -> None:
        self.total, self.matrices, self.draws = total, matrices, draws
        self.patients, self.films = resamples.patients, films

    def figure(self, of: Figure) -> RepeatedFigure:
        """Tell a figure that is computed from matrices (n, classes, classes), (n,) float64."""
        each = of(self.matrices)
        known = each[np.isfinite(each)]
        pooled = clustered_estimate(
            float(of(self.total[None])[0]), of(self.draws), n=self.films, patients=self.patients
        )
        return RepeatedFigure(
            pooled=without_false_certainty(pooled),
            mean=float(known.mean()) if known.size else None,
            sd=float(known.std(ddof=1)) if known.size > 1 else None,
            repeats=int(known.size),
        )


def _drawn_matrices(
    repeats: Sequence[JudgedFilms],
    resamples: PatientResamples,
    classes: int,
    *,
    generator: np.random.Generator,
) -> DoubleArray:
    """Return each resample's summed matrix, (resamples, classes, classes)."""
    count = len(repeats)
    times = generator.multinomial(count, np.full(count, 1.0 / count), size=resamples.resamples)
    total = np.zeros((resamples.resamples, classes * classes))
    start = 0
    for index, one in enumerate(repeats):
        films = one.reference.size
        mine = replace(resamples, patient_of_film=resamples.patient_of_film[start : start + films])
        cells = np.zeros((films, classes * classes))
        cells[np.arange(films), one.reference * classes + one.prediction] = 1.0
        total += times[:, index, None] * resampled_sums(cells, mine)
        start += films
    return total.reshape(-1, classes, classes)


def _class_rates(matrices: DoubleArray) -> dict[str, DoubleArray]:
    return rate_arrays(tables_one_against_rest(matrices))


def _accuracy(matrices: DoubleArray) -> DoubleArray:
    right = np.trace(matrices, axis1=-2, axis2=-1)
    return ratio(right, matrices.sum(axis=(-2, -1)))


def _mean_recall(matrices: DoubleArray) -> DoubleArray:
    return np.asarray(_class_rates(matrices)["sensitivity"].mean(axis=-1), dtype=np.float64)
