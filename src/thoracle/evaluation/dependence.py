"""Does being judged rightly depend on who the patient is? A logistic regression of correctness."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import CONFIDENCE
from thoracle.evaluation.factors import Factor, FactorUse, factors_of
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.intervals import normal_quantile
from thoracle.evaluation.logistic import LogisticFit, fit_logistic, profile_interval
from thoracle.evaluation.separation import separating_columns

EVENTS_NEEDED = 5.0  # A parameter; below it estimates are far off: Vittinghoff and McCulloch 2007.
EVENTS_ADVISED = 10.0  # Peduzzi et al. 1996.
PATIENTS_ADVISED = 50  # With fewer, errors by patient are too small: Cameron and Miller 2015.


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsRatio:
    """How the odds of being judged rightly change with a term, all else alike.

    `low`, `high` and `p_value` come from errors by patient (Wald); the profile limits from the
    likelihood, films as independent, None where it has none or none was asked for. `finding`
    is the reference finding among whose films it holds, None where for all alike.
    """

    term: str
    finding: str | None
    odds_ratio: float
    low: float
    high: float
    p_value: float
    profile_low: float | None = None
    profile_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Whether a factor's odds ratio differs between the reference findings.

    `p_likelihood_ratio` takes films as independent, `p_by_patient` is Wald's with errors by
    patient. All are None with a `reason` where the model cannot be fitted.
    """

    factor: str
    degrees_of_freedom: int
    statistic: float | None
    p_likelihood_ratio: float | None
    p_by_patient: float | None
    odds_ratios: tuple[OddsRatio, ...]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """The regression: which films and factors it rests on, odds ratios, interactions, notes.

    `odds_ratios` is empty, with a note, where nothing can be estimated.
    """

    films: int
    patients: int
    right: int
    wrong: int
    films_left_out: int
    findings: tuple[str, ...]
    factors: tuple[FactorUse, ...]
    odds_ratios: tuple[OddsRatio, ...]
    interactions: tuple[Interaction, ...]
    notes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cohort:
    """Films in the model; `finding` is (films,) int64, an index into `findings`."""

    findings: tuple[str, ...]
    finding: IntArray = field(repr=False)
    is_right: BoolArray = field(repr=False)
    patient: IntArray = field(repr=False)
    factors: tuple[Factor, ...]
    confidence: float

    @property
    def events(self) -> int:
        """Films of the rarer outcome."""
        return int(min(self.is_right.sum(), (~self.is_right).sum()))

    @property
    def patients(self) -> int:
        """Patients of the films."""
        return int(np.unique(self.patient).size)

    def of_films(self, members: BoolArray) -> "_Cohort":
        """Keep some films, and only the findings that they have."""
        kept = np.unique(self.finding[members])
        factors = tuple(
            replace(one, columns=one.columns[members], is_known=one.is_known[members])
            for one in self.factors
        )
        return replace(
            self,
            findings=tuple(self.findings[index] for index in kept),
            finding=np.searchsorted(kept, self.finding[members]).astype(np.int64),
            is_right=self.is_right[members],
            patient=self.patient[members],
            factors=factors,
        )

    def without(self, names: set[str]) -> "_Cohort":
        """Leave factors out."""
        return replace(self, factors=tuple(one for one in self.factors if one.name not in names))

    def main_design(self) -> DoubleArray:
        """Return ones, a column per finding but the first, and the factors' columns."""
        parts = [np.ones((self.finding.size, 1)), self.finding_columns()]
        return np.concatenate([*parts, *(one.columns for one in self.factors)], axis=1)

    def finding_columns(self) -> DoubleArray:
        """Return a column per finding but the first."""
        return np.eye(len(self.findings))[self.finding][:, 1:]

    def owners(self) -> list[str | None]:
        """Name the factor that each column of the main design belongs to."""
        factors = [one.name for one in self.factors for _ in one.terms]
        return [None] * len(self.findings) + factors


def dependence(inputs: EvaluationInput, *, confidence: float = CONFIDENCE) -> Dependence:
    """Regress correctness on age, sex, BMI and ethnicity, with the reference finding.

    Parameters
    ----------
    inputs
        The films; a film is judged rightly where its likeliest finding is the reference.
        Those of unknown reference, or that lack a factor in the model, are left out.
    confidence
        Two-sided coverage of the intervals.

    Returns
    -------
    Dependence
        Estimates only where the films bear them. Without statsmodels this is a
        MissingExtraError.
    """
    known = inputs.with_known_reference()
    factors, uses = factors_of(known)
    complete = np.ones(known.films, dtype=bool)
    for one in factors:
        complete &= one.is_known
    _, patient = np.unique(np.asarray(known.patient, np.str_), return_inverse=True)
    cohort = _Cohort(
        findings=known.labels,
        finding=known.reference.astype(np.int64),
        is_right=np.argmax(known.probabilities, axis=1) == known.reference,
        patient=patient.astype(np.int64),
        factors=factors,
        confidence=confidence,
    ).of_films(complete)
    cohort, notes = _estimable(cohort)
    failure = _why_not_fitted(cohort)
    fitted = failure is None
    if failure is not None:
        notes.append(failure)
    design = cohort.main_design()
    fit = fit_logistic(design, cohort.is_right, cohort.patient) if fitted else None
    return Dependence(
        films=int(cohort.finding.size),
        patients=cohort.patients,
        right=int(cohort.is_right.sum()),
        wrong=int((~cohort.is_right).sum()),
        films_left_out=known.films - int(cohort.finding.size),
        findings=cohort.findings,
        factors=uses,
        odds_ratios=() if fit is None else _odds_ratios(cohort, design, fit),
        interactions=() if fit is None else _interactions(cohort, design, fit),
        notes=tuple(notes + (_advice(cohort) if fitted else [])),
    )


def _estimable(cohort: _Cohort) -> tuple[_Cohort, list[Reason]]:
    """Leave out findings and factors that no finite odds ratio describes, and say so."""
    notes: list[Reason] = []
    alike = [
        index
        for index in range(len(cohort.findings))
        if len(set(cohort.is_right[cohort.finding == index].tolist())) < 2
    ]
    if alike:
        names = ", ".join(cohort.findings[index] for index in alike)
        text = f"All films of {names} are judged alike, so nothing can depend on anything there."
        notes.append(Reason(code="finding-judged-alike", text=text))
        cohort = cohort.of_films(~np.isin(cohort.finding, alike))
    while cohort.finding.size and cohort.factors and not _lacks_events(cohort):
        guilty = _separated_factors(cohort)
        if not guilty:
            break
        text = (
            f"{', '.join(sorted(guilty))} separates films judged rightly from others (or cannot be "
            "told from another factor): its odds ratio has no finite estimate, and none is given."
        )
        notes.append(Reason(code="separation", text=text))
        cohort = cohort.without(guilty)
    return cohort, notes


def _separated_factors(cohort: _Cohort) -> set[str]:
    """Name factors whose coefficients have no finite or no single estimate."""
    design = cohort.main_design()
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return {cohort.factors[-1].name}
    owners = np.array([owner or "" for owner in cohort.owners()])
    separated = separating_columns(design, cohort.is_right)
    return {str(name) for name in owners[separated] if name}


def _lacks_events(cohort: _Cohort, *, more: int = 0) -> bool:
    parameters = cohort.main_design().shape[1] - 1 + more
    return bool(cohort.events < EVENTS_NEEDED * parameters)


def _why_not_fitted(cohort: _Cohort) -> Reason | None:
    if not cohort.factors:
        return Reason(code="no-factor", text="No factor is left that the films could be told by.")
    parameters = cohort.main_design().shape[1] - 1
    if _lacks_events(cohort):
        text = (
            f"Numbers are too small: {cohort.events} films of the rarer outcome for {parameters} "
            f"parameters, {EVENTS_NEEDED:g} for each are needed. Nothing is estimated."
        )
        return Reason(code="too-few-events", text=text)
    return _why_too_few_patients(cohort, parameters)


def _why_too_few_patients(cohort: _Cohort, parameters: int) -> Reason | None:
    """Errors by patient have no more directions than there are patients."""
    if cohort.patients > parameters + 1:
        return None
    text = (
        f"{cohort.patients} patients are too few for {parameters} parameters with errors by "
        "patient. Nothing is estimated."
    )
    return Reason(code="too-few-patients", text=text)


def _advice(cohort: _Cohort) -> list[Reason]:
    notes = []
    parameters = cohort.main_design().shape[1] - 1
    if cohort.events < EVENTS_ADVISED * parameters:
        text = (
            f"Numbers are small: {cohort.events} films of the rarer outcome for {parameters} "
            f"parameters, fewer than {EVENTS_ADVISED:g} for each. Odds ratios may be too extreme."
        )
        notes.append(Reason(code="few-events", text=text))
    if cohort.patients < PATIENTS_ADVISED:
        text = (
            f"{cohort.patients} patients are few for errors by patient: intervals may be too "
            "narrow."
        )
        notes.append(Reason(code="few-patients", text=text))
    return notes


def _odds_ratios(cohort: _Cohort, design: DoubleArray, fit: LogisticFit) -> tuple[OddsRatio, ...]:
    found = []
    column = len(cohort.findings)
    for factor in cohort.factors:
        for term in factor.terms:
            ends = profile_interval(
                design, cohort.is_right, fit, column, confidence=cohort.confidence
            )
            combination = np.eye(design.shape[1])[column]
            found.append(_odds_ratio(fit, combination, term, cohort.confidence, profile=ends))
            column += 1
    return tuple(found)


def _odds_ratio(
    fit: LogisticFit,
    combination: DoubleArray,
    term: str,
    confidence: float,
    *,
    finding: str | None = None,
    profile: tuple[float | None, float | None] = (None, None),
) -> OddsRatio:
    value = float(combination @ fit.coefficients)
    reach = normal_quantile(confidence) * math.sqrt(combination @ fit.covariance @ combination)
    low, high = (None if end is None else math.exp(end) for end in profile)
    return OddsRatio(
        term=term,
        finding=finding,
        odds_ratio=math.exp(value),
        low=math.exp(value - reach),
        high=math.exp(value + reach),
        p_value=fit.wald_p(combination[None, :]),
        profile_low=low,
        profile_high=high,
    )


def _interactions(
    cohort: _Cohort, design: DoubleArray, fit: LogisticFit
) -> tuple[Interaction, ...]:
    if len(cohort.findings) < 2:
        return ()
    found = []
    column = len(cohort.findings)
    for factor in cohort.factors:
        found.append(_interaction(cohort, design, fit, factor, column))
        column += len(factor.terms)
    return tuple(found)


def _interaction(
    cohort: _Cohort, design: DoubleArray, fit: LogisticFit, factor: Factor, column: int
) -> Interaction:
    """Add the products of one factor's columns with the findings', and test them together."""
    findings = cohort.finding_columns()
    products = (findings[:, :, None] * factor.columns[:, None, :]).reshape(len(findings), -1)
    wider = np.concatenate([design, products], axis=1)
    degrees = products.shape[1]
    reason = _why_no_interaction(cohort, wider, degrees, factor.name)
    if reason is not None:
        return Interaction(
            factor=factor.name,
            degrees_of_freedom=degrees,
            statistic=None,
            p_likelihood_ratio=None,
            p_by_patient=None,
            odds_ratios=(),
            reason=reason,
        )
    whole = fit_logistic(wider, cohort.is_right, cohort.patient)
    statistic = max(0.0, 2.0 * (whole.log_likelihood - fit.log_likelihood))
    unit = np.eye(wider.shape[1])
    terms = len(factor.terms)
    ratios = []
    for place, finding in enumerate(cohort.findings):
        for term, name in enumerate(factor.terms):
            combination = unit[column + term].copy()
            if place:
                combination += unit[design.shape[1] + (place - 1) * terms + term]
            ratios.append(_odds_ratio(whole, combination, name, cohort.confidence, finding=finding))
    return Interaction(
        factor=factor.name,
        degrees_of_freedom=degrees,
        statistic=statistic,
        p_likelihood_ratio=float(scipy.stats.chi2.sf(statistic, degrees)),
        p_by_patient=whole.wald_p(unit[design.shape[1] :]),
        odds_ratios=tuple(ratios),
    )


def _why_no_interaction(
    cohort: _Cohort, wider: DoubleArray, degrees: int, name: str
) -> Reason | None:
    if _lacks_events(cohort, more=degrees):
        text = (
            f"Numbers are too small for the interaction with {name}: {cohort.events} films of the "
            f"rarer outcome for {wider.shape[1] - 1} parameters."
        )
        return Reason(code="too-few-events", text=text)
    if np.linalg.matrix_rank(wider) < wider.shape[1]:
        text = f"{name} is alike for all films of some finding: no interaction can be told."
        return Reason(code="factor-constant", text=text)
    if separating_columns(wider, cohort.is_right).any():
        text = (
            f"{name} separates films judged rightly from others inside a finding: the interaction "
            "has no finite estimate, and none is given."
        )
        return Reason(code="separation", text=text)
    return _why_too_few_patients(cohort, wider.shape[1] - 1)
