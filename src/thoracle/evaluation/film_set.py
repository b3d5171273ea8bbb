"""What is said about one set of films: the shape of its figures."""

from dataclasses import dataclass

from thoracle.evaluation.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRates:
    """Rates of one finding under one decision rule.

    Wilson intervals take films as independent; `clustered` has the same figures with
    patient-clustered intervals (keys as in `confusion.RATES`). F1 is clustered only.
    """

    label: str
    threshold: float | None
    tp: int
    fp: int
    fn: int
    tn: int
    support: int
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    precision: Estimate
    recall: Estimate
    accuracy: Estimate
    f1: Estimate
    clustered: dict[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRanking:
    """How one finding's probability orders and matches the films, against all others."""

    label: str
    positives: int
    negatives: int
    auroc: Estimate
    auroc_clustered: Estimate
    average_precision: Estimate
    brier: Estimate
    ece: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """One finding against one other, films of further findings left out."""

    positive: str
    negative: str
    positives: int
    negatives: int
    auroc: Estimate
    auroc_clustered: Estimate
    average_precision: Estimate
    brier: Estimate
    ece: Estimate
    ece_if_calibrated: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationFigures:
    """Agreement of probabilities with the reference, over all findings.

    `ece` is that of the predicted finding ("top label"); `brier` sums over the findings, 0
    to 2; `nll` is in nats. The uncalibrated figures are those of the logits' own softmax.
    """

    ece: Estimate
    ece_if_calibrated: Estimate
    brier: Estimate
    nll: Estimate
    ece_uncalibrated: float
    nll_uncalibrated: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFigures:
    """Figures of one set of films with known reference.

    `confusion` has a row per reference and a column per prediction of the highest
    probability. `threshold` is None where the input had no thresholds.
    """

    films: int
    patients: int
    support: tuple[int, ...]
    confusion: tuple[tuple[int, ...], ...]
    accuracy: Estimate
    accuracy_clustered: Estimate
    balanced_accuracy: Estimate
    macro_f1: Estimate
    argmax: tuple[FindingRates, ...]
    threshold: tuple[FindingRates, ...] | None
    ranking: tuple[FindingRanking, ...]
    pairs: tuple[PairFigures, ...]
    calibration: CalibrationFigures
