"""The choices behind an evaluation that are not in the data."""

from dataclasses import dataclass

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import RESAMPLES
from thoracle.evaluation.calibration import BINS, EQUAL_MASS
from thoracle.evaluation.estimate import CONFIDENCE, MINIMUM_CASES


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """How figures are made; the same options and seed give the same figures.

    Attributes
    ----------
    confidence
        Two-sided coverage of every interval.
    resamples
        Resamples of the patient-clustered bootstrap.
    bins, bin_scheme
        Of reliability curve and calibration error: "equal-mass" or "equal-width".
    minimum_cases
        With fewer positives or negatives AUROC and average precision are unknown.
    minimum_films
        A slice by source, age, sex or view with fewer films is listed without figures.
    prevalences
        At which predictive values are given.
    half_width
        How well sensitivity, specificity and AUROC are wanted, half an interval: 0.05 for 5
        points. The report says how many patients that would need.

    Raises
    ------
    EvaluationError
        A number lies outside what it can be.
    """

    confidence: float = CONFIDENCE
    resamples: int = RESAMPLES
    bins: int = BINS
    bin_scheme: str = EQUAL_MASS
    minimum_cases: int = MINIMUM_CASES
    minimum_films: int = 20
    prevalences: tuple[float, ...] = (0.01, 0.05, 0.2, 0.5)
    half_width: float = 0.05

    def __post_init__(self) -> None:
        counts = (self.resamples, self.bins, self.minimum_films, self.minimum_cases - 1)
        if min(counts) < 1 or not 0.0 < self.confidence < 1.0:
            raise EvaluationError(
                f"Evaluation options {self}: expected counts of at least 1, at least 2 cases and a "
                "confidence between 0 and 1. Leave the defaults where unsure.",
                code="evaluation-values",
            )
        if not 0.0 < self.half_width < 0.5:
            raise EvaluationError(
                f"The half-width is {self.half_width:g}, expected above 0 and below 0.5. Use 0.05 "
                "for 5 points.",
                code="evaluation-values",
            )
