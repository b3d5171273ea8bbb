"""Judge a recipe on patients it never saw: repeated, by patient, everything chosen inside."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.core.files import write_atomically
from thoracle.datasets.prognosis.out_of_fold import OutOfFold, read_out_of_fold, write_out_of_fold
from thoracle.jobs.prognosis_folds import temporal_fold
from thoracle.prognosis.explain import with_parts
from thoracle.prognosis.features import unpacked
from thoracle.prognosis.forecast import AHEAD_DAYS, widened
from thoracle.prognosis.landmarks import after_admission, before_outcome
from thoracle.prognosis.types import Chart, Landmark
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis.ensemble import Ensemble, fit_ensemble
from thoracle.train.prognosis.examples import examples, training_landmarks
from thoracle.train.prognosis.folds import deal, events_of
from thoracle.train.prognosis.recipe import RiskRecipe
from thoracle.train.prognosis.run import begin_run

AFTER_DAYS: Final = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0)
BEFORE_DAYS: Final = (0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0)
NAME: Final = "out_of_fold.npz"
FORECASTS: Final = "forecasts.json"
DEAL_SEED: Final = 32_452  # beside the recipe's

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """How patients are dealt.

    Attributes
    ----------
    folds, repeats
        How many folds, and how many times anew.
    by_admission
        Instead, those admitted last are told of once, by networks of all others.
    """

    folds: int = 1
    repeats: int = 1
    by_admission: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastFigures:
    """How forecasts of patients never seen did, in one and three days: two numbers of each.

    Attributes
    ----------
    values : (2,) int64
        How many values were measured.
    covered : (2,) float64
        Share of them within the 95 % interval.
    error, carried_error : (2,) float64
        Mean absolute difference, in standard deviations of the variable: of the forecast, and of
        the last value, where there is one.
    """

    values: IntArray
    covered: DoubleArray
    error: DoubleArray
    carried_error: DoubleArray


def cross_validate(
    charts: Sequence[Chart],
    recipe: RiskRecipe,
    folder: Path,
    *,
    dealing: Dealing,
    told: Told | None = None,
) -> Path:
    """Train without each fold in turn and tell the risks of its patients; what is done is kept.

    Parameters
    ----------
    charts
        All of the cohort; those without an outcome are in no fold.
    recipe
        Tuned, calibrated and trained anew for each fold, on the other patients alone.
    folder
        Of the run. Each fold's file stays, so that an interrupted run goes on.
    dealing
        Folds and repeats.
    told
        Told of what is done.

    Returns
    -------
    Path
        `out_of_fold.npz`: landmarks after admission (1, 2, 3, 5, 7, 10 days) and before the outcome
        (0 to 10 days), with all that was measured and with the markers alone; beside it
        `forecasts.json`.
    """
    known = [one for one in charts if one.outcome is not None]
    patients = tuple(sorted({one.patient for one in known}))
    begin_run(folder, recipe, {"patients": len(patients), **asdict(dealing)})
    parts, figures = [], []
    for repeat in range(dealing.repeats):
        dealt = _dealt(known, patients, recipe, dealing, repeat)
        for fold in range(dealing.folds):
            place = folder / f"repeat-{repeat}-fold-{fold}.npz"
            if not place.exists():
                one = _fold(known, recipe, dealt, fold, repeat)
                write_atomically(
                    place.with_suffix(".json"), (json.dumps(one.forecasts) + "\n").encode()
                )
                write_out_of_fold(one.told, place)
            parts.append(read_out_of_fold(place))
            figures.append(json.loads(place.with_suffix(".json").read_bytes()))
            if told is not None:
                told(f"repeat {repeat + 1} of {dealing.repeats}, fold {fold + 1}: done")
    write_atomically(folder / FORECASTS, (json.dumps(_mean(figures), indent=1) + "\n").encode())
    write_out_of_fold(_joined(parts), folder / NAME)
    return folder / NAME


def _dealt(
    charts: Sequence[Chart],
    patients: Sequence[str],
    recipe: RiskRecipe,
    dealing: Dealing,
    repeat: int,
) -> dict[str, int]:
    """Return the fold of each patient; of those who are never told of, -1."""
    if dealing.by_admission:
        folds = temporal_fold(charts)[0].tolist()
        return dict(zip((one.patient for one in charts), folds, strict=True))
    rng = np.random.default_rng((recipe.seed, DEAL_SEED, repeat))
    has_event = events_of(charts, patients, event=recipe.event)
    return dict(zip(patients, deal(has_event, dealing.folds, rng=rng).tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    told: OutOfFold
    forecasts: dict[str, Any] = field(repr=False)


def _fold(
    charts: Sequence[Chart], recipe: RiskRecipe, dealt: dict[str, int], fold: int, repeat: int
) -> _Told:
    """Train without one fold, and tell its patients' risks."""
    seen = [one for one in charts if dealt[one.patient] != fold]
    unseen = [one for one in charts if dealt[one.patient] == fold]
    ensemble = fit_ensemble(seen, replace(recipe, seed=recipe.seed + repeat))
    landmarks = judged_landmarks(unseen, event=recipe.event)
    bare = [only_variables(one, recipe.draws.markers) for one in unseen]
    known = [one for one in landmarks if _is_known(bare[one.chart], one.index_h)]
    risks = [ensemble.risks(unseen, landmarks), ensemble.risks(bare, known)]
    rows = (*landmarks, *known)
    told = OutOfFold(
        model=f"{recipe.name} {recipe.version}",
        patient=tuple(unseen[one.chart].patient for one in rows),
        index_h=np.array([one.index_h for one in rows], np.float64),
        repeat=np.full(len(rows), repeat, np.int64),
        fold=np.full(len(rows), fold, np.int64),
        is_only_three=np.repeat([False, True], [len(landmarks), len(known)]),
        risks=np.concatenate(risks),
    )
    return _Told(told=told, forecasts=_as_table(judge_forecasts(ensemble, unseen)))


def judged_landmarks(charts: Sequence[Chart], *, event: str) -> tuple[Landmark, ...]:
    """Return the landmarks that are judged: after admission and before the outcome, each once."""
    found: dict[tuple[int, float], Landmark] = {}
    for after in AFTER_DAYS:
        for one in after_admission(charts, days=after, event=event):
            found.setdefault((one.chart, one.index_h), one)
    for before in BEFORE_DAYS:
        for one in before_outcome(charts, days=before, event=event):
            found.setdefault((one.chart, one.index_h), one)
    return tuple(found[key] for key in sorted(found))


def only_variables(chart: Chart, names: Sequence[str]) -> Chart:
    """Return a chart with some variables and nothing else: neither age nor sex."""
    return with_parts(chart, [place_of(name) for name in names])


def judge_forecasts(ensemble: Ensemble, charts: Sequence[Chart]) -> ForecastFigures:
    """Compare forecasts with what was measured later.

    Parameters
    ----------
    ensemble
        Trained on others.
    charts
        Of patients it never saw.

    Returns
    -------
    ForecastFigures
        At each index time that training would have taken, of all variables alike.
    """
    landmarks = training_landmarks(charts, event=ensemble.recipe.event)
    made = examples(charts, landmarks, ensemble.scaling)
    quantiles = widened(ensemble.tell(made.packed).quantiles.astype(np.float64), ensemble.widening)
    return forecast_figures(made.packed[:, 0], made.ahead, quantiles)


def forecast_figures(
    latest: FloatArray, ahead: FloatArray, quantiles: DoubleArray
) -> ForecastFigures:
    """Return coverage and errors of forecasts.

    Parameters
    ----------
    latest : (examples, 3 × inputs + 4) float32
        What is shown of the latest day.
    ahead : (examples, 2, inputs) float32
        What was measured; NaN where nothing was.
    quantiles : (examples, 2, inputs, 3) float64
        What was expected, standardized as well.

    Returns
    -------
    ForecastFigures
        Errors are over values that have a last one before them.
    """
    values, measured, freshness = unpacked(latest)
    has_last = ((measured > 0) | (freshness > 0))[:, None] & ~np.isnan(ahead)
    low, middle, high = np.moveaxis(quantiles, -1, 0)
    inside = (ahead >= low) & (ahead <= high)
    is_known = ~np.isnan(ahead)

    def mean(each: Any, where: BoolArray) -> DoubleArray:
        own = [each[:, day][where[:, day]] for day in range(len(AHEAD_DAYS))]
        return np.array([one.mean() if one.size else np.nan for one in own], np.float64)

    return ForecastFigures(
        values=np.asarray(is_known.sum(axis=(0, 2)), np.int64),
        covered=mean(inside, is_known),
        error=mean(np.abs(ahead - middle), has_last),
        carried_error=mean(np.abs(ahead - values[:, None]), has_last),
    )


def _is_known(chart: Chart, index_h: float) -> bool:
    return bool(len(chart.times_h)) and float(chart.times_h[0]) <= index_h


def _as_table(figures: ForecastFigures) -> dict[str, Any]:
    return {
        name: getattr(figures, name).tolist()
        for name in ("values", "covered", "error", "carried_error")
    }


def _mean(tables: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return figures of all folds together, each value counting alike."""
    counts = np.array([one["values"] for one in tables], np.float64)
    names = ("covered", "error", "carried_error")
    means = {
        name: (np.array([one[name] for one in tables]) * counts).sum(axis=0) / counts.sum(axis=0)
        for name in names
    }
    return {
        "days_ahead": list(AHEAD_DAYS),
        "values": counts.sum(axis=0).tolist(),
        **{name: mean.tolist() for name, mean in means.items()},
    }


def _joined(parts: Sequence[OutOfFold]) -> OutOfFold:
    return OutOfFold(
        model=parts[0].model,
        patient=tuple(name for one in parts for name in one.patient),
        index_h=np.concatenate([one.index_h for one in parts]),
        repeat=np.concatenate([one.repeat for one in parts]),
        fold=np.concatenate([one.fold for one in parts]),
        is_only_three=np.concatenate([one.is_only_three for one in parts]),
        risks=np.concatenate([one.risks for one in parts]),
    )
