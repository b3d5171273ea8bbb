"""What an evaluation needs to know about each film, checked once."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.confusion import UNKNOWN

_SUM_TOLERANCE = 1e-3  # Float32 softmax of a few classes is exact to 1e-6; rounded files to 1e-3.

Names = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvaluationInput:
    """Scores and reference of a set of films.

    Attributes
    ----------
    labels
        Names of the findings, in the order of the classes.
    logits, probabilities : (films, classes) float
        The network's own numbers, and the calibrated probabilities made from them.
    reference : (films,) int64
        Index of the reference finding, -1 where unknown.
    patient : (films,) str
        Who the film is of; films of one patient are resampled together.
    thresholds
        The bundle's threshold per finding, None where it has none.
    source, sex, view : (films,) str or None
        Collection, "F" or "M", "PA" or "AP" …; None as a whole or per film where unknown.
    ethnicity : (films,) str or None
        As the hospital records it; None as a whole or per film where unknown.
    age_years, bmi : (films,) float
        Years and kg/m²; NaN where unknown.

    Raises
    ------
    EvaluationError
        An array does not fit the others, or holds what it cannot hold.
    """

    labels: tuple[str, ...]
    logits: DoubleArray = field(repr=False)
    probabilities: DoubleArray = field(repr=False)
    reference: IntArray = field(repr=False)
    patient: tuple[str, ...] = field(repr=False)
    thresholds: tuple[float, ...] | None = None
    source: Names | None = field(default=None, repr=False)
    age_years: DoubleArray | None = field(default=None, repr=False)
    sex: Names | None = field(default=None, repr=False)
    view: Names | None = field(default=None, repr=False)
    bmi: DoubleArray | None = field(default=None, repr=False)
    ethnicity: Names | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _check_shapes(self)
        _check_reference(self)
        _check_scores(self)
        _check_patients(self)

    @property
    def films(self) -> int:
        """Number of films."""
        return int(self.reference.size)

    def select(self, members: BoolArray) -> "EvaluationInput":
        """Return the films where `members`, (films,) bool, is true."""
        kept = np.flatnonzero(members)
        return replace(
            self,
            logits=self.logits[kept],
            probabilities=self.probabilities[kept],
            reference=self.reference[kept],
            patient=tuple(self.patient[index] for index in kept),
            source=_select_names(self.source, kept),
            age_years=None if self.age_years is None else self.age_years[kept],
            sex=_select_names(self.sex, kept),
            view=_select_names(self.view, kept),
            bmi=None if self.bmi is None else self.bmi[kept],
            ethnicity=_select_names(self.ethnicity, kept),
        )

    def with_known_reference(self) -> "EvaluationInput":
        """Return the films whose reference is known."""
        return self.select(self.reference != UNKNOWN)


def _select_names(names: Names | None, kept: npt.NDArray[np.intp]) -> Names | None:
    return None if names is None else tuple(names[index] for index in kept)


def _check_shapes(inputs: EvaluationInput) -> None:
    films, classes = inputs.reference.size, len(inputs.labels)
    per_film = {
        "patient": inputs.patient,
        "source": inputs.source,
        "age_years": inputs.age_years,
        "sex": inputs.sex,
        "view": inputs.view,
        "bmi": inputs.bmi,
        "ethnicity": inputs.ethnicity,
    }
    for name, column in per_film.items():
        found = films if column is None else len(column)
        if found != films:
            raise EvaluationError(
                f"{name} has {found} entries for {films} films: expected one per film. "
                "Build all of them from the same rows.",
                code="evaluation-shape",
            )
    for name, array in {"logits": inputs.logits, "probabilities": inputs.probabilities}.items():
        if array.shape != (films, classes):
            raise EvaluationError(
                f"{name} has shape {array.shape}, expected ({films}, {classes}): films by "
                "labels. Pass one column per label.",
                code="evaluation-shape",
            )
    if classes < 2 or len(set(inputs.labels)) != classes:
        raise EvaluationError(
            f"The labels are {inputs.labels}, expected at least 2 different ones. "
            "Take them from the bundle.",
            code="evaluation-labels",
        )
    if inputs.thresholds is not None and len(inputs.thresholds) != classes:
        raise EvaluationError(
            f"{len(inputs.thresholds)} thresholds for {classes} labels: expected one each. "
            "Take them from the bundle.",
            code="evaluation-shape",
        )


def _check_reference(inputs: EvaluationInput) -> None:
    reference = inputs.reference
    if not np.issubdtype(reference.dtype, np.integer):
        raise EvaluationError(
            f"The reference is {reference.dtype}, expected whole numbers. "
            "Pass class indices, -1 for unknown.",
            code="evaluation-labels",
        )
    if reference.size and (reference.min() < UNKNOWN or reference.max() >= len(inputs.labels)):
        raise EvaluationError(
            f"The reference runs from {reference.min()} to {reference.max()}, expected -1 "
            f"(unknown) to {len(inputs.labels) - 1}. Map labels to the bundle's order.",
            code="evaluation-labels",
        )
    if not np.any(reference != UNKNOWN):
        raise EvaluationError(
            f"0 of {reference.size} films have a known reference: expected at least 1. "
            "Check the manifest's label column.",
            code="evaluation-empty",
        )


def _check_scores(inputs: EvaluationInput) -> None:
    if not (np.all(np.isfinite(inputs.logits)) and np.all(np.isfinite(inputs.probabilities))):
        raise EvaluationError(
            "Some logits or probabilities are not finite, expected numbers. "
            "Leave out films that the gate refused or that failed.",
            code="evaluation-values",
        )
    if not _are_probabilities(inputs.probabilities):
        raise EvaluationError(
            "The probabilities do not lie in 0 to 1 with sum 1 per film. "
            "Pass the softmax of the logits over the bundle's temperature.",
            code="evaluation-values",
        )
    if _are_probabilities(inputs.logits):
        raise EvaluationError(
            "The logits lie in 0 to 1 with sum 1 per film: they are probabilities already. "
            "Pass the network's own numbers.",
            code="evaluation-values",
        )


def _are_probabilities(values: DoubleArray) -> bool:
    inside = bool(np.all((values >= 0.0) & (values <= 1.0 + _SUM_TOLERANCE)))
    return inside and bool(np.all(np.abs(values.sum(axis=1) - 1.0) <= _SUM_TOLERANCE))


def _check_patients(inputs: EvaluationInput) -> None:
    nameless = sum(1 for name in inputs.patient if not name)
    if nameless:
        raise EvaluationError(
            f"{nameless} of {inputs.films} films have no patient: expected a name for each. "
            "Give a film of an unknown patient a name of its own.",
            code="evaluation-values",
        )
