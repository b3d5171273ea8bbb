"""Judge a lung bundle: Dice against human masks, by source."""

from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import ImageError
from thoracle.core.progress import counted
from thoracle.datasets.film import Film
from thoracle.datasets.masks import read_mask
from thoracle.evaluation.bootstrap import (
    clustered_estimate,
    resample_patients,
    resampled,
    statistic_of_films,
)
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.segmentation import dice
from thoracle.imaging.resample import resize
from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report
from thoracle.jobs.evaluation_tables import TableFigures, tables_report
from thoracle.jobs.scoring import readable_pixels
from thoracle.radiograph.lungs import LungFinder
from thoracle.reporting.evaluation_html import FigureTable
from thoracle.reporting.figures_markdown import number_text

LOW_PERCENTILE = 5.0

Statistic = Callable[[DoubleArray], float]


def evaluate_lungs(bundle: Bundle, scope: EvaluationScope) -> Report:
    """Return mean Dice and its 5th percentile for each source, on the film's own grid.

    Parameters
    ----------
    bundle
        Of task "lungs".
    scope
        Films with a reference mask are judged.

    Returns
    -------
    Report
        JSON, HTML and Markdown. Intervals from a patient-clustered bootstrap.
    """
    finder = LungFinder(bundle)
    wanted = scope.films(lambda film: film.mask_path is not None)
    films, scores, unreadable = _judged(finder, scope, wanted)
    scope.need_some(films)
    sources = sorted({film.source for film in films})
    groups = {"all": np.ones(len(films), bool)} | {
        source: np.array([film.source == source for film in films]) for source in sources
    }
    found = {name: _figures(scores, films, members) for name, members in groups.items()}
    figures = TableFigures(
        schema="thoracle lungs 1",
        about=f"Dice against human masks. Scope: {scope.describe()}.",
        films=len(films),
        table=_table(found),
        content={
            "groups": {
                name: {key: asdict(one) for key, one in group.items()}
                for name, group in found.items()
            }
        },
        unreadable=unreadable,
    )
    return tables_report(bundle, scope, figures)


def _judged(
    finder: LungFinder, scope: EvaluationScope, wanted: list[Film]
) -> tuple[list[Film], DoubleArray, tuple[str, ...]]:
    """Return the films that can be read with their Dice, and the paths of the others.

    A film whose mask cannot be read is one of the others.
    """
    films, scores, unreadable = [], [], []
    for film in counted(wanted, "judge", scope.on_progress):
        score = _dice(finder, scope, film)
        if score is None:
            unreadable.append(film.path)
        else:
            films.append(film)
            scores.append(score)
    return films, np.array(scores), tuple(unreadable)


def _dice(finder: LungFinder, scope: EvaluationScope, film: Film) -> float | None:
    pixels = readable_pixels(scope.manifest.resolve(film))
    mask = _reference(scope, film)
    if pixels is None or mask is None:
        return None
    rows, columns = pixels.shape
    reference = resize(mask.astype(np.float32), rows=rows, columns=columns) > 0.5
    found = resize(finder.find(pixels).astype(np.float32), rows=rows, columns=columns) > 0.5
    return dice(found, reference)


def _reference(scope: EvaluationScope, film: Film) -> BoolArray | None:
    """Return a film's human mask; None where it cannot be read."""
    file = scope.manifest.resolve_mask(film)
    try:
        return None if file is None else read_mask(file)
    except ImageError:
        return None


def _figures(scores: DoubleArray, films: list[Film], members: BoolArray) -> dict[str, Estimate]:
    chosen = scores[members]
    patients = [
        film.patient or film.path for film, kept in zip(films, members, strict=True) if kept
    ]
    resamples = resample_patients(patients, generator=np.random.default_rng(SEED))

    def estimate(statistic: Statistic) -> Estimate:
        drawn = resampled(statistic_of_films(lambda rows: statistic(chosen[rows])), resamples)
        return clustered_estimate(
            statistic(chosen), drawn, n=len(chosen), patients=resamples.patients
        )

    return {"mean_dice": estimate(_mean), "dice_5th_percentile": estimate(_low)}


def _mean(values: DoubleArray) -> float:
    return float(np.mean(values))


def _low(values: DoubleArray) -> float:
    return float(np.percentile(values, LOW_PERCENTILE))


def _table(figures: dict[str, dict[str, Estimate]]) -> FigureTable:
    return FigureTable(
        caption="Dice by source; 95 % intervals by patient",
        head=("films", "n", "mean Dice", "5th percentile"),
        rows=tuple(
            (
                name,
                str(group["mean_dice"].n),
                number_text(group["mean_dice"]),
                number_text(group["dice_5th_percentile"]),
            )
            for name, group in figures.items()
        ),
    )
