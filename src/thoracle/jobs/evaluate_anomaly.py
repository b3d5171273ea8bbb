"""Judge an anomaly bundle: whether films with a finding look less normal to it than others."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.progress import counted
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import is_abnormal
from thoracle.evaluation.bootstrap import clustered_estimate, resample_patients, resampled
from thoracle.evaluation.estimate import MINIMUM_CASES, Estimate, ratio
from thoracle.evaluation.roc import auroc, auroc_statistic
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report
from thoracle.jobs.evaluation_tables import TableFigures, tables_report
from thoracle.jobs.scoring import readable_pixels
from thoracle.radiograph.anomaly import AnomalyFinder
from thoracle.radiograph.explain import mask_in_box
from thoracle.radiograph.lungs import LungFinder
from thoracle.reporting.anomaly_texts import ANOMALY_REPORT
from thoracle.reporting.evaluation_html import FigureTable
from thoracle.reporting.figures_markdown import number_text

HIGH_PERCENTILE = 95.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyScores:
    """What the maps of films say, film by film; (films,) each.

    `mean` and `high` are the map's mean and 95th percentile inside the lungs, in spreads;
    `share` is the part of the map inside the lungs, NaN where the map is empty.
    """

    films: tuple[Film, ...]
    mean: DoubleArray = field(repr=False)
    high: DoubleArray = field(repr=False)
    share: DoubleArray = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def has_finding(self) -> BoolArray:
        """Which films show any finding."""
        return np.array([bool(is_abnormal(film.possible)) for film in self.films])


def evaluate_anomaly(bundle: Bundle, scope: EvaluationScope) -> Report:
    """Return how well the anomaly inside the lungs tells films with a finding from normal ones.

    Parameters
    ----------
    bundle
        Of task "anomaly".
    scope
        Frontal films that are surely normal or surely not are judged.

    Returns
    -------
    Report
        JSON, HTML and Markdown, by population and inside each source. Intervals from a
        patient-clustered bootstrap.
    """
    scores = anomaly_scores(bundle, scope)
    scope.need_some(scores.films)
    found = {name: _figures(scores, members) for name, members in _groups(scores).items()}
    figures = TableFigures(
        schema="thoracle anomaly 1",
        about=f"{ANOMALY_REPORT['about']} Scope: {scope.describe()}.",
        films=len(scores.films),
        table=_table(found),
        content={
            "groups": {
                name: {key: asdict(one) for key, one in group.items()}
                for name, group in found.items()
            }
        },
        unreadable=scores.left_out,
    )
    return tables_report(bundle, scope, figures)


def anomaly_scores(bundle: Bundle, scope: EvaluationScope) -> AnomalyScores:
    """Return what the maps of a scope's films say.

    Parameters
    ----------
    bundle
        Of task "anomaly".
    scope
        Which films; those that cannot be read or have no lungs are named in `left_out`.

    Returns
    -------
    AnomalyScores
        In the manifest's order.
    """
    finder, lungs = AnomalyFinder(bundle), LungFinder(open_bundle(LUNG_BUNDLE))
    wanted = scope.films(lambda film: is_frontal(film) and is_abnormal(film.possible) is not None)
    films, rows, left_out = [], [], []
    for film in counted(wanted, "judge", scope.on_progress):
        row = _scores(finder, lungs, scope, film)
        if row is None:
            left_out.append(film.path)
        else:
            films.append(film)
            rows.append(row)
    columns = np.array(rows, np.float64).reshape(-1, 3).T
    return AnomalyScores(
        films=tuple(films),
        mean=columns[0],
        high=columns[1],
        share=columns[2],
        left_out=tuple(left_out),
    )


def _scores(
    finder: AnomalyFinder, lungs: LungFinder, scope: EvaluationScope, film: Film
) -> tuple[float, float, float] | None:
    pixels = readable_pixels(scope.manifest.resolve(film))
    where = None if pixels is None else lungs.locate(pixels)
    if pixels is None or where is None or not where.found:
        return None
    found = finder.find(finder.input_of(pixels, where.box), where)
    if found is None or found.lung_mean is None:
        return None
    side = len(found.values)
    inside = found.values[mask_in_box(where, rows=side, columns=side)]
    share = np.nan if found.lung_share is None else found.lung_share
    return found.lung_mean, float(np.percentile(inside, HIGH_PERCENTILE)), share


def _groups(scores: AnomalyScores) -> Mapping[str, BoolArray]:
    """Return who is compared: adults, children, and inside each source that has both kinds."""
    is_child = np.array([one.assumed_population is Population.CHILD for one in scores.films], bool)
    groups = {ANOMALY_REPORT["adults"]: ~is_child, ANOMALY_REPORT["children"]: is_child}
    for source in sorted({film.source for film in scores.films}):
        inside = np.array([film.source == source for film in scores.films])
        groups[ANOMALY_REPORT["adults_inside"].format(source=source)] = inside & ~is_child
        groups[ANOMALY_REPORT["children_inside"].format(source=source)] = inside & is_child
    has = scores.has_finding
    return {
        name: members
        for name, members in groups.items()
        if min((members & has).sum(), (members & ~has).sum()) >= MINIMUM_CASES
    }


def _figures(scores: AnomalyScores, members: BoolArray) -> dict[str, Estimate]:
    has = scores.has_finding[members]
    patients = [
        film.patient or film.path for film, kept in zip(scores.films, members, strict=True) if kept
    ]
    resamples = resample_patients(patients, generator=np.random.default_rng(SEED))

    def estimate(value: float, statistic: Callable[[DoubleArray], DoubleArray]) -> Estimate:
        drawn = resampled(statistic, resamples)
        return clustered_estimate(value, drawn, n=len(has), patients=resamples.patients)

    found = {
        f"auroc_{name}": estimate(auroc(values, has), auroc_statistic(values, has))
        for name, values in (("mean", scores.mean[members]), ("high", scores.high[members]))
    }
    for name, chosen in (("normal", ~has), ("finding", has)):
        for key, values in (("mean", scores.mean[members]), ("share", scores.share[members])):
            used = chosen & np.isfinite(values)
            known = np.where(used, values, 0.0)
            found[f"{key}_{name}"] = estimate(
                float(values[used].mean()), _weighted_mean(known, used)
            )
    return found


def _weighted_mean(values: DoubleArray, used: BoolArray) -> Callable[[DoubleArray], DoubleArray]:
    def statistic(weights: DoubleArray) -> DoubleArray:
        counts = (weights * used).sum(axis=1)
        sums = (weights * values).sum(axis=1)
        return ratio(sums, counts)

    return statistic


_COLUMNS = (
    "auroc_mean",
    "auroc_high",
    "mean_normal",
    "mean_finding",
    "share_normal",
    "share_finding",
)


def _table(figures: Mapping[str, Mapping[str, Estimate]]) -> FigureTable:
    return FigureTable(
        caption=ANOMALY_REPORT["caption"],
        head=(ANOMALY_REPORT["films"], "n", *(ANOMALY_REPORT[key] for key in _COLUMNS)),
        rows=tuple(
            (
                name,
                str(group["auroc_mean"].n),
                *(number_text(group[key]) for key in _COLUMNS),
            )
            for name, group in figures.items()
        ),
    )
