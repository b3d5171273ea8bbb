"""Judge told risks: figures of each model at each kind of landmark and for each horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, IntArray
from thoracle.core.progress import Progress, no_progress
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.prognosis import (
    RESAMPLES,
    RiskFigures,
    ToldRisks,
    auroc_difference,
    risk_figures,
)
from thoracle.evaluation.prognosis_concordance import concordance_estimate
from thoracle.jobs.prognosis_asked import RULE, STAY, Asked, Kind, Model, told_risks
from thoracle.jobs.prognosis_baselines import BOOSTING
from thoracle.prognosis.types import DEATH, FEMALE, HORIZONS, MALE, Chart

SEED: Final = 20_340
EARLIER_DAYS: Final = (1, 3)
"""What is known at the outcome is compared with what was known so many days before it."""
SUBGROUP_DAY: Final = 1
AGES: Final = (
    (0, 50, "below 50 years"),
    (50, 65, "50 to 64 years"),
    (65, 200, "65 years and above"),
)
SEXES: Final = ((FEMALE, "women"), (MALE, "men"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Figures of all models at one kind of landmark and one horizon.

    `over_rule` and `over_boosting` hold, for each model, how much higher its AUROC is than that of
    the rule, and of boosting, on landmarks that both answer; None for the same model.
    """

    kind: Kind
    horizon: int
    figures: tuple[RiskFigures, ...]
    over_rule: tuple[Estimate | None, ...]
    over_boosting: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    """What a model gains by seeing the last days before the outcome, in the same patients.

    `at_outcome` and `earlier` are AUROCs; `gain` is the first minus the second.
    """

    model: str
    days: int
    at_outcome: Estimate
    earlier: Estimate
    gain: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """Figures of all models in some of the patients, a day after admission, for the whole stay."""

    name: str
    figures: tuple[RiskFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All figures of one way of asking; `concordance` has Harrell's C of each model by landmark."""

    name: str
    models: tuple[str, ...]
    cells: tuple[Cell, ...]
    concordance: dict[str, tuple[Estimate, ...]]
    last_day: tuple[LastDay, ...]
    subgroups: tuple[Subgroup, ...]

    def of(self, *, is_anchored: bool) -> tuple[Cell, ...]:
        """Return the cells of landmarks before the outcome, or after admission."""
        return tuple(one for one in self.cells if one.kind.is_anchored == is_anchored)


def judge(
    name: str,
    models: Sequence[Model],
    asked: Asked,
    *,
    resamples: int = RESAMPLES,
    on_progress: Progress = no_progress,
) -> Setting:
    """Judge models at all kinds of landmarks.

    Parameters
    ----------
    name
        Of this way of asking.
    models
        What was told; the rule, where it is among them, is what others are compared with.
    asked
        The landmarks.
    resamples
        Of patients, for intervals.
    on_progress
        Told of each kind.

    Returns
    -------
    Setting
        After admission all horizons; before the outcome the whole stay alone, for there the rest
        follows from the days.
    """
    cells = []
    for number, kind in enumerate(asked.kinds):
        on_progress(f"judge {name}", number, len(asked.kinds))
        rows = np.flatnonzero(asked.kind == number)
        horizons = (STAY,) if kind.is_anchored else range(len(HORIZONS))
        if rows.size:
            cells += [
                _cell((kind, one), models, asked, rows, resamples=resamples) for one in horizons
            ]
    return Setting(
        name=name,
        models=tuple(one.name for one in models),
        cells=tuple(cells),
        concordance=_concordance(models, asked, resamples),
        last_day=tuple(_last_days(models, asked, resamples)),
        subgroups=tuple(_subgroups(models, asked, resamples)),
    )


def _cell(
    place: tuple[Kind, int],
    models: Sequence[Model],
    asked: Asked,
    rows: IntArray,
    *,
    resamples: int,
) -> Cell:
    kind, horizon = place
    told = [told_risks(one, asked, rows=rows, horizon=horizon) for one in models]
    return Cell(
        kind=kind,
        horizon=horizon,
        figures=tuple(risk_figures(one, generator=_rng(), resamples=resamples) for one in told),
        over_rule=_over(RULE, told, resamples),
        over_boosting=_over(BOOSTING, told, resamples),
    )


def _over(name: str, told: Sequence[ToldRisks], resamples: int) -> tuple[Estimate | None, ...]:
    """Return how much higher each AUROC is than that of one of the models."""
    other = next((one for one in told if one.model == name), None)
    return tuple(
        None
        if other is None or one is other
        else auroc_difference(one, other, generator=_rng(), resamples=resamples)
        for one in told
    )


def _concordance(
    models: Sequence[Model], asked: Asked, resamples: int
) -> dict[str, tuple[Estimate, ...]]:
    """Return Harrell's C of the whole stay's risk at each landmark after admission."""
    found: dict[str, tuple[Estimate, ...]] = {}
    for number, kind in enumerate(asked.kinds):
        rows = np.flatnonzero(asked.kind == number)
        if kind.is_anchored or not rows.size:
            continue
        found[kind.name] = tuple(_one_concordance(one, asked, rows, resamples) for one in models)
    return found


def _one_concordance(model: Model, asked: Asked, rows: IntArray, resamples: int) -> Estimate:
    kept = rows[~np.isnan(model.risks[:, rows, STAY]).any(axis=0)]
    stays = [asked.landmarks[row] for row in kept.tolist()]
    charts = [asked.charts[one.chart] for one in stays]
    # Who goes home alive does not die in this stay, however long one waits.
    times = [_death_h(one) - at.index_h for one, at in zip(charts, stays, strict=True)]
    time_h = np.array(times, np.float64)
    names = [one.patient for one in charts] or ["nobody"]
    draws = resample_patients(names, resamples=resamples, generator=_rng())
    risks = model.risks[:, kept, STAY]
    return concordance_estimate(risks, time_h, np.isfinite(time_h), draws)


def _death_h(chart: Chart) -> float:
    """Return when a patient died, infinite where not."""
    if chart.outcome is None or chart.outcome.event != DEATH:
        return float("inf")
    return chart.outcome.time_h


def _last_days(models: Sequence[Model], asked: Asked, resamples: int) -> list[LastDay]:
    """Compare what is known at the outcome with what was known before, in the same patients."""
    rows_of = {
        kind.days: np.flatnonzero(asked.kind == number)
        for number, kind in enumerate(asked.kinds)
        if kind.is_anchored
    }
    found = []
    for days in EARLIER_DAYS:
        if not {0, days} <= set(rows_of):
            continue
        early = rows_of[days]
        late = rows_of[0][np.isin(asked.chart[rows_of[0]], asked.chart[early])]
        for model in models:
            last = told_risks(model, asked, rows=late, horizon=STAY)
            before = told_risks(model, asked, rows=early, horizon=STAY)
            told = last.is_told & before.is_told
            pair = last.take(told), before.take(told)
            areas = [risk_figures(one, generator=_rng(), resamples=resamples) for one in pair]
            gain = auroc_difference(*pair, generator=_rng(), resamples=resamples)
            found.append(
                LastDay(
                    model=model.name,
                    days=days,
                    at_outcome=areas[0].auroc,
                    earlier=areas[1].auroc,
                    gain=gain,
                )
            )
    return found


def _subgroups(models: Sequence[Model], asked: Asked, resamples: int) -> list[Subgroup]:
    """Judge women and men, the younger and the older, a day after admission."""
    wanted = Kind(days=SUBGROUP_DAY, is_anchored=False)
    if wanted not in asked.kinds:
        return []
    rows = np.flatnonzero(asked.kind == asked.kinds.index(wanted))
    return [
        Subgroup(
            name=name,
            figures=tuple(
                risk_figures(
                    told_risks(one, asked, rows=rows[members], horizon=STAY),
                    generator=_rng(),
                    resamples=resamples,
                )
                for one in models
            ),
        )
        for name, members in _groups(asked, rows)
    ]


def _groups(asked: Asked, rows: IntArray) -> list[tuple[str, BoolArray]]:
    """Return which rows are of the younger and the older, of women and of men."""
    stays = [asked.charts[one] for one in asked.chart[rows].tolist()]
    ages = np.array([one.age_years for one in stays], np.float64)
    sexes = np.array([one.sex for one in stays], np.str_)
    by_age = [(name, (ages >= low) & (ages < high)) for low, high, name in AGES]
    return [*by_age, *((name, sexes == sex) for sex, name in SEXES)]


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)
