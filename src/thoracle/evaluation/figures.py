"""Everything that is reported about a classifier on a set of films."""

from dataclasses import dataclass

import numpy as np

from thoracle.core.results import Reason
from thoracle.evaluation.cautions import cautions
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.evaluation.curves import Curves, curves
from thoracle.evaluation.decision_curves import DecisionCurve, decision_curves
from thoracle.evaluation.dependence import Dependence
from thoracle.evaluation.description import DataFigures, describe
from thoracle.evaluation.family import Family, family_wise
from thoracle.evaluation.film_set import FindingRates, SetFigures
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.measurement import set_figures
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.prevalence import PredictiveValues, predictive_values
from thoracle.evaluation.sample_size import Precision, precision_caution, precisions
from thoracle.evaluation.subgroups import SubgroupFigures, subgroup_figures

SCHEMA = "thoracle-evaluation/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAtPrevalences:
    """Predictive values of one finding's decision at several prevalences."""

    label: str
    rule: str
    at: tuple[PredictiveValues, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationFigures:
    """All figures of one evaluation, of plain numbers and names: `figures_json` writes it.

    `overall` pools all sources; `subgroups` has the same inside each source, age band, sex
    and view. `cautions` says what the figures cannot show. `prevalences` uses the threshold
    rule where the input had thresholds, else the highest probability ("argmax"). `family` is
    None where the findings allow none of its comparisons; `dependence` is added by who has
    statsmodels. Parts with a default are absent from
    evaluations stored before they were thought of.
    """

    schema: str
    labels: tuple[str, ...]
    thresholds: tuple[float, ...] | None
    options: EvaluationOptions
    data: DataFigures
    overall: SetFigures
    subgroups: tuple[SubgroupFigures, ...]
    curves: Curves
    prevalences: tuple[FindingAtPrevalences, ...]
    cautions: tuple[Reason, ...]
    family: Family | None = None
    decision_curves: tuple[DecisionCurve, ...] = ()
    precisions: tuple[Precision, ...] = ()
    dependence: Dependence | None = None


def evaluate_classifier(
    inputs: EvaluationInput,
    *,
    generator: np.random.Generator,
    options: EvaluationOptions | None = None,
) -> EvaluationFigures:
    """Compute every figure of the evaluation report.

    Parameters
    ----------
    inputs
        Scores, reference, patients and attributes of the films.
    generator
        Source of randomness; the same seed gives the same figures.
    options
        Confidence, resamples, bins, minimum numbers; None takes the defaults.

    Returns
    -------
    EvaluationFigures
        Films of unknown reference are counted and left out; figures that the data cannot
        give are None with a reason.
    """
    options = EvaluationOptions() if options is None else options
    data = describe(inputs)
    overall = set_figures(inputs, generator=generator, options=options)
    subgroups = subgroup_figures(inputs, generator=generator, options=options)
    known = precisions(overall, options=options)
    too_few = precision_caution(known, options=options)
    warned = cautions(data, overall, labels=inputs.labels, options=options)
    return EvaluationFigures(
        schema=SCHEMA,
        labels=inputs.labels,
        thresholds=inputs.thresholds,
        options=options,
        data=data,
        overall=overall,
        subgroups=subgroups,
        curves=curves(inputs, options=options),
        prevalences=_at_prevalences(overall, options),
        cautions=warned if too_few is None else (*warned, too_few),
        family=family_wise(inputs, generator=generator, options=options),
        decision_curves=decision_curves(inputs, generator=generator, options=options),
        precisions=known,
    )


def _at_prevalences(
    overall: SetFigures, options: EvaluationOptions
) -> tuple[FindingAtPrevalences, ...]:
    rule = "argmax" if overall.threshold is None else "threshold"
    rates: tuple[FindingRates, ...] = overall.threshold or overall.argmax
    return tuple(
        FindingAtPrevalences(
            label=one.label,
            rule=rule,
            at=tuple(
                predictive_values(
                    BinaryCounts(tp=one.tp, fp=one.fp, fn=one.fn, tn=one.tn),
                    prevalence=prevalence,
                    confidence=options.confidence,
                )
                for prevalence in options.prevalences
            ),
        )
        for one in rates
    )
