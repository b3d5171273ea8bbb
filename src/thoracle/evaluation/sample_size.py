"""How wide intervals are, and how many films and patients a stated half-width would need."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import CONFIDENCE, Estimate
from thoracle.evaluation.film_set import SetFigures
from thoracle.evaluation.intervals import normal_quantile
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import hanley_mcneil_standard_error

_CASES_MAX = 10**9  # Beyond it nobody collects films: the half-width asked for is a typing error.


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How well one figure is known, and what a stated half-width would take.

    `half_width` is half the interval by patient. `cases` counts films that decide the figure:
    with the finding for sensitivity and AUROC, without it for specificity. `cases_needed` is for
    films of as many patients; `design_effect` is by how much several films of a patient are
    worth less. `films_needed` and `patients_needed` are for a test set made up like this one.
    """

    label: str
    figure: str
    value: float
    half_width: float
    cases: int
    cases_needed: int
    cases_needed_buderer: int | None
    design_effect: float
    films_needed: int
    patients_needed: int

    @property
    def text(self) -> str:
        """The figure's name, how well it is known and what is needed."""
        reach = 100.0 * self.half_width
        return (
            f"{self.figure} of {self.label} (±{reach:.1f} points from {self.cases} films; about "
            f"{self.patients_needed} patients)"
        )


def wilson_cases(share: float, *, half_width: float, confidence: float = CONFIDENCE) -> int:
    """Return how many cases make Wilson's interval as narrow as wanted.

    Parameters
    ----------
    share
        The proportion expected, 0 to 1.
    half_width
        Half the interval's width, above 0 and below 0.5.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    int
        The smallest number, at least 1.

    References
    ----------
    The width of Wilson 1927, solved for the number of cases.
    """
    _check(share, half_width)
    z = normal_quantile(confidence)

    def width(cases: int) -> float:
        root = math.sqrt(share * (1.0 - share) / cases + (z / (2.0 * cases)) ** 2)
        return z * root / (1.0 + z * z / cases)

    return _smallest(lambda cases: width(cases) <= half_width)


def buderer_cases(share: float, *, half_width: float, confidence: float = CONFIDENCE) -> int:
    """Return how many cases a sensitivity or specificity needs after Buderer, normal intervals.

    At 0 and 1 this is 0, which is no plan: `wilson_cases` has no such gap.

    Parameters
    ----------
    share
        The sensitivity or specificity expected, 0 to 1.
    half_width
        Half the interval's width, above 0 and below 0.5.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    int
        Cases with the finding for sensitivity, without it for specificity; over the finding's
        share (or one minus it) it is the number of patients.

    References
    ----------
    Buderer, Acad Emerg Med 1996;3:895.
    """
    _check(share, half_width)
    cases = normal_quantile(confidence) ** 2 * share * (1.0 - share) / half_width**2
    return math.ceil(round(cases, 6))


def auroc_positives(
    area: float,
    *,
    negatives_per_positive: float,
    half_width: float,
    confidence: float = CONFIDENCE,
) -> int:
    """Return how many films with the finding an AUROC needs, by Hanley and McNeil's error.

    Parameters
    ----------
    area
        The AUROC expected, 0 to 1.
    negatives_per_positive
        Films without the finding for each with it.
    half_width
        Half the interval's width, above 0 and below 0.5.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    int
        The smallest number of films with the finding, at least 2.

    References
    ----------
    Hanley and McNeil, Radiology 1982;143:29.
    """
    _check(area, half_width)
    z = normal_quantile(confidence)

    def is_enough(positives: int) -> bool:
        negatives = max(1, round(positives * negatives_per_positive))
        error = hanley_mcneil_standard_error(area, positives=positives, negatives=negatives)
        return z * error <= half_width

    return max(2, _smallest(is_enough))


def precisions(overall: SetFigures, *, options: EvaluationOptions) -> tuple[Precision, ...]:
    """Say of each finding's sensitivity, specificity and AUROC how well it is known.

    Parameters
    ----------
    overall
        Figures of the films. Sensitivity and specificity are those of the thresholds, else of
        the highest probability.
    options
        `half_width` is what is aimed at.

    Returns
    -------
    tuple of Precision
        Figures that are unknown are left out.
    """
    found = []
    for rates, ranking in zip(overall.threshold or overall.argmax, overall.ranking, strict=True):
        for figure in ("sensitivity", "specificity"):
            plain: Estimate = getattr(rates, figure)
            found.append(
                _precision(rates.label, figure, plain, rates.clustered[figure], overall, options)
            )
        found.append(
            _area_precision(
                ranking.label,
                (ranking.positives, ranking.negatives),
                (ranking.auroc, ranking.auroc_clustered),
                overall,
                options,
            )
        )
    return tuple(one for one in found if one is not None)


def precision_caution(known: tuple[Precision, ...], *, options: EvaluationOptions) -> Reason | None:
    """Name the figures that are known less well than wanted, None where all are."""
    wide = [one for one in known if one.half_width > options.half_width]
    if not wide:
        return None
    text = (
        f"Too few films for ±{100 * options.half_width:g} points: "
        f"{'; '.join(one.text for one in wide)}. The numbers of patients hold for films made up "
        "like these, if the figures stay what they are."
    )
    return Reason(code="too-few-for-half-width", text=text)


def _precision(
    label: str,
    figure: str,
    plain: Estimate,
    clustered: Estimate,
    overall: SetFigures,
    options: EvaluationOptions,
) -> Precision | None:
    if plain.value is None or not plain.n:
        return None
    needed = wilson_cases(plain.value, half_width=options.half_width, confidence=options.confidence)
    effect = _design_effect(plain, clustered)
    films = math.ceil(needed * effect * overall.films / plain.n)
    return Precision(
        label=label,
        figure=figure,
        value=plain.value,
        half_width=_half(plain) * math.sqrt(effect),
        cases=plain.n,
        cases_needed=needed,
        cases_needed_buderer=buderer_cases(
            plain.value, half_width=options.half_width, confidence=options.confidence
        ),
        design_effect=effect,
        films_needed=films,
        patients_needed=math.ceil(films * overall.patients / overall.films),
    )


def _area_precision(
    label: str,
    cases: tuple[int, int],
    areas: tuple[Estimate, Estimate],
    overall: SetFigures,
    options: EvaluationOptions,
) -> Precision | None:
    plain, clustered = areas
    if plain.value is None or plain.low is None:
        return None
    needed = auroc_positives(
        plain.value,
        negatives_per_positive=cases[1] / cases[0],
        half_width=options.half_width,
        confidence=options.confidence,
    )
    effect = _design_effect(plain, clustered)
    films = math.ceil(needed * effect * overall.films / cases[0])
    return Precision(
        label=label,
        figure="AUROC",
        value=plain.value,
        half_width=_half(plain) * math.sqrt(effect),
        cases=cases[0],
        cases_needed=needed,
        cases_needed_buderer=None,
        design_effect=effect,
        films_needed=films,
        patients_needed=math.ceil(films * overall.patients / overall.films),
    )


def _design_effect(plain: Estimate, clustered: Estimate) -> float:
    """Return the variance by patient over that of independent films, at least 1."""
    if clustered.low is None or clustered.high is None or _half(plain) == 0.0:
        return 1.0
    return max(1.0, (_half(clustered) / _half(plain)) ** 2)


def _half(one: Estimate) -> float:
    return 0.0 if one.low is None or one.high is None else (one.high - one.low) / 2.0


def _smallest(is_enough: Callable[[int], bool]) -> int:
    high = 1
    while high < _CASES_MAX and not is_enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _check(share: float, half_width: float) -> None:
    if not (0.0 <= share <= 1.0 and 0.0 < half_width < 0.5):
        raise EvaluationError(
            f"found a share of {share:g} and a half-width of {half_width:g} – expected 0 to 1, and "
            "above 0 and below 0.5. Use 0.05 for 5 points.",
            code="evaluation-values",
        )
