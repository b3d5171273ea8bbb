"""Evaluate risks on a cohort: a network, the rule, NEWS2 and baselines, in the same folds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.out_of_fold import OutOfFold
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.prognosis import RESAMPLES, risk_figures
from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluate_prognosis import SEED, Setting, judge
from thoracle.jobs.prognosis_asked import (
    STAY,
    Asked,
    Model,
    RiskTeller,
    asked_of,
    folds_of,
    only_markers,
    told_by_network,
    told_by_news2,
    told_by_rule,
    told_out_of_fold,
    told_risks,
)
from thoracle.jobs.prognosis_baselines import (
    BOOSTING,
    LAST_SAMPLES,
    Baseline,
    Rows,
    baselines,
    last_sample_rows,
    learning_rows,
    out_of_fold_risks,
    rows_of,
)
from thoracle.jobs.prognosis_folds import FOLDS, REPEATS, patient_folds, temporal_fold
from thoracle.prognosis.types import Chart
from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION

CURVE_SHARES: Final = (0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRequest:
    """What is to be judged, and how.

    Attributes
    ----------
    cohort
        Stays with outcomes.
    bundle, network
        A bundle that learned from other patients, and its network; both or neither.
    out_of_fold, temporal
        What networks told of this cohort's patients in their training, by folds and of the later.
    with_baselines
        Fit them in the same folds; without a bundle, for they learn from this cohort.
    learned_too
        Judge a bundle even on patients it learned from; the report says so.
    only
        Judge these patients alone, who are said to have been left out of a bundle's training;
        None for all.
    folds, repeats
        Where no `out_of_fold` tells them.
    """

    cohort: Cohort = field(repr=False)
    bundle: Bundle | None = None
    network: RiskTeller | None = None
    out_of_fold: OutOfFold | None = None
    temporal: OutOfFold | None = None
    with_baselines: bool = True
    learned_too: bool = False
    only: frozenset[str] | None = None
    folds: int = FOLDS
    repeats: int = REPEATS
    resamples: int = RESAMPLES
    on_progress: Progress = no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What was found.

    Attributes
    ----------
    settings
        All variables, only the three markers, and later patients where dates allow.
    asked, models
        Of the first setting, for tables of single models.
    curve
        Baseline, share of patients learned from, AUROC.
    is_learned
        Whether the bundle learned from patients of this cohort.
    """

    request: CohortRequest = field(repr=False)
    settings: tuple[Setting, ...]
    asked: Asked = field(repr=False)
    models: tuple[Model, ...] = field(repr=False)
    curve: tuple[tuple[str, float, Estimate], ...]
    repeats: int
    is_learned: bool


def evaluate_cohort(request: CohortRequest) -> Evaluated:
    """Judge risks on a cohort.

    Parameters
    ----------
    request
        What and how. A bundle that learned from the cohort's patients is a ChartError, unless
        `learned_too`.

    Returns
    -------
    Evaluated
        Needs the extra `research` where baselines are fitted.
    """
    request = replace(request, cohort=wanted_patients(request))
    charts = request.cohort.charts
    is_learned = learned_from_cohort(request)
    folds = _folds(request, charts)
    asked = asked_of(charts)
    models = _models(request, asked, folds, is_only_three=False)
    bare = asked_of(only_markers(charts))
    of_three = _models(request, bare, folds, is_only_three=True)
    settings = [
        _judged(request, "all_variables", models, asked),
        _judged(request, "three_markers", of_three, bare),
        *_temporal(request, charts),
    ]
    return Evaluated(
        request=request,
        settings=tuple(settings),
        asked=asked,
        models=tuple(models),
        curve=tuple(_curve(request, asked, folds)),
        repeats=len(folds),
        is_learned=is_learned,
    )


def learned_from_cohort(request: CohortRequest) -> bool:
    """Say whether a bundle learned from the files of a cohort, as far as it tells.

    Parameters
    ----------
    request
        With a bundle or without.

    Returns
    -------
    bool
        Or was calibrated on them: by the name of the cohort and the digests of its sources.

    Raises
    ------
    ChartError
        It did, and the request does not allow for it.
    """
    if request.bundle is None or request.only is not None:
        return False
    sources = {one.sha256 for one in request.cohort.sources if one.sha256}
    told = " ".join(request.bundle.training.values())
    is_same = any(one in told for one in sources)
    named = (request.bundle.training.get(one) for one in ("cohort", "calibrated_on"))
    is_same |= request.cohort.name in named
    if is_same and not request.learned_too:
        raise ChartError(
            f"found patients of {request.cohort.name} that bundle {request.bundle.name} learned "
            "from – expected others: figures of the same say nothing. Give what its training told "
            "out of fold (--out-of-fold), or another cohort.",
            code="chart-learned",
        )
    return is_same


def wanted_patients(request: CohortRequest) -> Cohort:
    """Return the cohort with the patients that are to be judged.

    Parameters
    ----------
    request
        With `only`, or for all of them.

    Returns
    -------
    Cohort
        A part of the request's own.

    Raises
    ------
    ChartError
        One of them is not in it.
    """
    if request.only is None:
        return request.cohort
    charts = request.cohort.charts
    unknown = request.only - {one.patient for one in charts}
    if unknown or not request.only:
        raise ChartError(
            f"found {len(unknown)} of {len(request.only)} patients to be judged who are not in "
            f"{request.cohort.name} – expected at least one, and all of them in it. Give the list "
            "that training left out, one pseudonym a line.",
            code="chart-only",
        )
    kept = tuple(one for one in charts if one.patient in request.only)
    return replace(request.cohort, charts=kept)


def _folds(request: CohortRequest, charts: Sequence[Chart]) -> IntArray:
    if request.out_of_fold is not None:
        return folds_of(request.out_of_fold, charts)
    if request.bundle is not None:
        return np.zeros((1, len(charts)), np.int64)
    rng = np.random.default_rng(SEED)
    return patient_folds(charts, folds=request.folds, repeats=request.repeats, rng=rng)


def _models(
    request: CohortRequest, asked: Asked, folds: IntArray, *, is_only_three: bool
) -> list[Model]:
    """Return what the network, the baselines, the rule and NEWS2 told."""
    models = []
    if request.bundle is not None and request.network is not None:
        name = f"{request.bundle.name} {request.bundle.version}"
        models.append(told_by_network(name, request.network, asked))
    if request.out_of_fold is not None:
        models.append(told_out_of_fold(request.out_of_fold, asked, is_only_three=is_only_three))
    if request.with_baselines and request.bundle is None:
        models += _baseline_models(request, asked, folds)
    models.append(told_by_rule(asked))
    score = told_by_news2(asked)
    if not is_only_three and not np.isnan(score.risks).all():
        models.append(score)
    return models


def _baseline_models(
    request: CohortRequest, asked: Asked, folds: IntArray, *, with_last: bool = True
) -> list[Model]:
    learning = learning_rows(asked.charts)
    judged = rows_of(asked.charts, asked.unlabeled())
    tried: list[tuple[Baseline, Rows]] = [(one, learning) for one in baselines()]
    if with_last:
        boosting = next(one for one in baselines() if one.name == BOOSTING)
        tried.append((replace(boosting, name=LAST_SAMPLES), last_sample_rows(asked.charts)))
    return [
        Model(
            name=one.name,
            risks=out_of_fold_risks(one, rows, judged, folds, on_progress=request.on_progress),
        )
        for one, rows in tried
    ]


def _temporal(request: CohortRequest, charts: Sequence[Chart]) -> list[Setting]:
    """Judge later patients by models of earlier ones; none where dates or models are missing."""
    if request.bundle is not None or not all(one.admitted_at for one in charts):
        return []
    folds = (
        temporal_fold(charts) if request.temporal is None else folds_of(request.temporal, charts)
    )
    asked = _only(asked_of(charts), folds[0] >= 0)
    models = []
    if request.temporal is not None:
        models.append(told_out_of_fold(request.temporal, asked, is_only_three=False))
    if request.with_baselines:
        models += _baseline_models(request, asked, folds, with_last=False)
    return [_judged(request, "temporal", [*models, told_by_rule(asked)], asked)]


def _only(asked: Asked, is_judged: BoolArray) -> Asked:
    """Return the landmarks of some stays."""
    kept = is_judged[asked.chart]
    landmarks = [one for one, is_kept in zip(asked.landmarks, kept, strict=True) if is_kept]
    return replace(asked, landmarks=tuple(landmarks), kind=asked.kind[kept])


def _judged(request: CohortRequest, key: str, models: Sequence[Model], asked: Asked) -> Setting:
    return judge(
        PROGNOSIS_EVALUATION[key],
        models,
        asked,
        resamples=request.resamples,
        on_progress=request.on_progress,
    )


def _curve(
    request: CohortRequest, asked: Asked, folds: IntArray
) -> list[tuple[str, float, Estimate]]:
    """Return AUROC of baselines that learn from a share of the patients, in the first repeat."""
    if request.bundle is not None or not request.with_baselines:
        return []
    rows = np.flatnonzero(asked.kind == 0)
    judged = rows_of(asked.charts, asked.unlabeled()).take(asked.kind == 0)
    learning = learning_rows(asked.charts)
    order = np.random.default_rng(SEED).permutation(len(asked.charts))
    found = []
    for baseline in baselines():
        for share in CURVE_SHARES:
            kept = np.isin(learning.chart, order[: round(share * len(order))])
            risks = out_of_fold_risks(baseline, learning.take(kept), judged, folds[:1])
            told = np.full((1, len(asked.landmarks), risks.shape[2]), np.nan)
            told[:, rows] = risks
            model = Model(name=baseline.name, risks=told)
            figures = risk_figures(
                told_risks(model, asked, rows=rows, horizon=STAY),
                generator=np.random.default_rng(SEED),
                resamples=request.resamples,
            )
            found.append((baseline.name, share, figures.auroc))
    return found
