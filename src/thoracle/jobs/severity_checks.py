"""What severity scores say where no reader scored: films without a finding, and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import NO_FINDING
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.cohen import SOURCE
from thoracle.datasets.readers.source_files import read_rows
from thoracle.evaluation.bootstrap import (
    clustered_estimate,
    resample_patients,
    resampled,
    statistic_of_films,
)
from thoracle.evaluation.dependence import EVENTS_NEEDED
from thoracle.evaluation.estimate import MINIMUM_CASES, Estimate
from thoracle.evaluation.logistic import require_statsmodels
from thoracle.evaluation.roc import auroc
from thoracle.evaluation.separation import separating_columns
from thoracle.jobs.evaluation_scope import SEED
from thoracle.jobs.scoring import readable_pixels
from thoracle.radiograph.analyze import Models
from thoracle.radiograph.severity import SeverityScorer
from thoracle.radiograph.trust import NOTHING_FOUND
from thoracle.reporting.evaluation_html import FigureTable
from thoracle.reporting.figures_markdown import number_text
from thoracle.reporting.severity_texts import SEVERITY_REPORT

HIGH: Final = 3.0
"""A Brixia score above which a film without a finding is badly scored."""
NORMAL_FILMS: Final = 120
"""Of a source at most: enough for a mean, and minutes of work."""
OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    SEVERITY_REPORT["intensive_care"]: ("went_icu", "Y"),
    SEVERITY_REPORT["intubated"]: ("intubated", "Y"),
    SEVERITY_REPORT["died"]: ("survival", "N"),
}
"""Column of metadata.csv and the answer that counts, by outcome."""
_ANSWERS: Final = ("Y", "N")
_STEP: Final = 3.0  # points of Brixia that an odds ratio is given for.


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFilms:
    """Films with their estimated Brixia scores.

    `scores` is (films,) float64; `is_told`, (films,) bool, says where an opacity is the likeliest
    finding, so that a page tells the score.
    """

    films: tuple[Film, ...]
    scores: DoubleArray = field(repr=False)
    is_told: BoolArray = field(repr=False)

    def take(self, keep: BoolArray) -> "JudgedFilms":
        """Return some of the films."""
        films = tuple(one for one, kept in zip(self.films, keep, strict=True) if kept)
        return JudgedFilms(films=films, scores=self.scores[keep], is_told=self.is_told[keep])

    @property
    def patients(self) -> list[str]:
        """Each film's patient, or the film itself where none is known."""
        return [film.patient or film.path for film in self.films]


def judge_films(
    manifest: Manifest,
    films: Sequence[Film],
    *,
    models: Models,
    scorer: SeverityScorer,
    on_progress: Progress = no_progress,
) -> JudgedFilms:
    """Score films as serving would; those that cannot be read or show no lungs are left out.

    Parameters
    ----------
    manifest, films
        Where they lie, and which.
    models, scorer
        Opened: lungs and classifier are used, and the severity bundle to judge.
    on_progress
        Told of each film.

    Returns
    -------
    JudgedFilms
        In the order given.
    """
    kept, scores, told = [], [], []
    for film in counted(films, "judge", on_progress):
        pixels = readable_pixels(manifest.resolve(film))
        found = None if pixels is None else models.lungs.locate(pixels)
        if pixels is not None and found is not None and found.found:
            kept.append(film)
            scores.append(scorer.scores(pixels, found).brixia)
            said = models.classifier.score(pixels, found.box, with_maps=False)
            findings = models.classifier.findings(said.logits)
            likeliest = max(findings, key=lambda one: one.probability)
            told.append(likeliest.label != NOTHING_FOUND)
    return JudgedFilms(
        films=tuple(kept),
        scores=np.array(scores, dtype=np.float64),
        is_told=np.array(told, dtype=bool),
    )


def normal_films(manifest: Manifest, splits: Mapping[str, str]) -> list[Film]:
    """Return frontal films without a finding that no network learned from, some of each source."""
    found = [
        film
        for film in manifest.films
        if film.finding == NO_FINDING and is_frontal(film) and splits.get(film.path) == "test"
    ]
    sources = sorted({film.source for film in found})
    return [
        film
        for source in sources
        for film in [one for one in found if one.source == source][:NORMAL_FILMS]
    ]


def normals_table(judged: JudgedFilms, content: dict[str, object]) -> FigureTable:
    """Return how near to 0 films without a finding are scored, by source."""
    rows = []
    for source in sorted({film.source for film in judged.films}):
        own = judged.take(np.array([film.source == source for film in judged.films]))
        scores, told = own.scores, int(own.is_told.sum())
        high = int((scores > HIGH).sum())
        content[f"normal {source}"] = {
            "films": len(scores),
            "mean": float(scores.mean()),
            "above_3": high,
            "told": told,
        }
        rows.append((source, str(len(scores)), f"{scores.mean():.2f}", f"{high}", f"{told}"))
    return FigureTable(
        caption=SEVERITY_REPORT["normals"],
        head=(
            SEVERITY_REPORT["source"],
            SEVERITY_REPORT["films"],
            SEVERITY_REPORT["mean_brixia"],
            SEVERITY_REPORT["above"].format(highest=f"{HIGH:g}"),
            SEVERITY_REPORT["told"],
        ),
        rows=tuple(rows),
    )


def outcome_films(
    manifest: Manifest, scored: Sequence[Film], groups: Mapping[str, str]
) -> list[Film]:
    """Return adults' frontal COVID-19 films of the collection that are tied to no scored film."""
    tied = {name for one in scored for name in (groups.get(one.path), one.patient) if name}
    return [
        film
        for film in manifest.films
        if film.source == SOURCE
        and is_frontal(film)
        and film.population is not Population.CHILD
        and film.possible == frozenset({"covid-19"})
        and groups.get(film.path) not in tied
        and film.patient not in tied
    ]


def read_outcomes(folder: Path) -> dict[str, dict[str, bool]]:
    """Return what became of patients, by file stem and outcome, where metadata.csv says it."""
    columns = ("filename", *(column for column, _ in OUTCOMES.values()))
    rows = read_rows(folder / "metadata.csv", columns=columns, encoding="utf-8-sig")
    return {
        Path(row["filename"]).stem: {
            name: row[column] == answer
            for name, (column, answer) in OUTCOMES.items()
            if row[column] in _ANSWERS
        }
        for row in rows
    }


def outcomes_table(
    judged: JudgedFilms, outcomes: Mapping[str, Mapping[str, bool]], content: dict[str, object]
) -> FigureTable:
    """Return whether higher scores go with worse outcomes, alone and beside age, sex and view."""
    rows = []
    for name in OUTCOMES:
        said = [outcomes.get(Path(film.path).stem, {}).get(name) for film in judged.films]
        known = judged.take(np.array([one is not None for one in said], dtype=bool))
        happened = np.array([one for one in said if one is not None], dtype=bool)
        if min(happened.sum(), (~happened).sum()) < MINIMUM_CASES:
            rows.append((name, str(len(happened)), str(int(happened.sum())), "–", "–", "–"))
            continue
        area = _area(known, happened)
        complete = _has_all_factors(known)
        left_out = int((~complete).sum())
        ratio = _odds_ratio(known.take(complete), happened[complete])
        content[f"outcome {name}"] = {
            "films": len(happened),
            "happened": int(happened.sum()),
            "auroc": [area.value, area.low, area.high],
            "films_left_out": left_out,
            "odds_ratio": None if ratio is None else list(ratio),
        }
        told = "–" if ratio is None else f"{ratio[0]:.2f} ({ratio[1]:.2f}–{ratio[2]:.2f})"
        counts = (str(len(happened)), str(int(happened.sum())))
        rows.append((name, *counts, number_text(area), told, str(left_out)))
    return FigureTable(
        caption=SEVERITY_REPORT["outcomes"],
        head=(
            *(SEVERITY_REPORT[one] for one in ("outcome", "films", "with_it", "auroc")),
            SEVERITY_REPORT["odds"].format(points=f"{_STEP:g}"),
            SEVERITY_REPORT["incomplete"],
        ),
        rows=tuple(rows),
    )


def _area(judged: JudgedFilms, happened: BoolArray) -> Estimate:
    resamples = resample_patients(judged.patients, generator=np.random.default_rng(SEED))

    def of(rows: Any) -> float:
        if happened[rows].all() or not happened[rows].any():
            return float("nan")
        return auroc(judged.scores[rows], happened[rows])

    drawn = resampled(statistic_of_films(of), resamples)
    return clustered_estimate(
        auroc(judged.scores, happened), drawn, n=len(happened), patients=resamples.patients
    )


def _has_all_factors(judged: JudgedFilms) -> BoolArray:
    """Say of which films age, sex and view are known; nothing is put in place of an unknown one."""
    return np.array(
        [one.age_years is not None and bool(one.sex) and bool(one.view) for one in judged.films],
        dtype=bool,
    )


def _odds_ratio(judged: JudgedFilms, happened: BoolArray) -> tuple[float, float, float] | None:
    """Return the odds ratio with its 95 % interval, None where the films do not bear the model.

    Errors are clustered by patient.
    """
    require_statsmodels()
    import statsmodels.api as sm

    columns = [
        np.ones(len(judged.films)),
        judged.scores / _STEP,
        np.array([one.age_years for one in judged.films], float) / 10.0,
        np.array([one.sex == "M" for one in judged.films], float),
        np.array([one.view != "PA" for one in judged.films], float),
    ]
    design = np.stack(columns, axis=1)
    if not _bears(design, happened):
        return None
    patients = np.unique(judged.patients, return_inverse=True)[1]
    fit = sm.Logit(happened.astype(float), design).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": patients}
    )
    low, high = np.exp(fit.conf_int()[1])
    return float(np.exp(fit.params[1])), float(low), float(high)


def _bears(design: DoubleArray, happened: BoolArray) -> bool:
    """Say whether films carry a model: events enough for a parameter, and finite estimates."""
    events = int(min(happened.sum(), (~happened).sum()))
    if events < EVENTS_NEEDED * (design.shape[1] - 1):
        return False
    has_rank = np.linalg.matrix_rank(design) == design.shape[1]
    return bool(has_rank and not separating_columns(design, happened).any())
