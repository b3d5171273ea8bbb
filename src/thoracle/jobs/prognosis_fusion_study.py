"""Fusion of films and clinical values on the published cases of Cohen et al.: few patients."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.readers import cohen
from thoracle.datasets.readers.source_files import read_rows
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.prognosis import RiskFigures as Figures
from thoracle.evaluation.prognosis import ToldRisks, auroc_difference, risk_figures
from thoracle.jobs.prognosis_studies import Dealing, deal_subjects
from thoracle.jobs.scoring import readable_pixels
from thoracle.prognosis.fusion import RIDGE, fit_fusion, fit_line
from thoracle.radiograph.analyze import Models

SEED: Final = 20_340
VALUES: Final = ("age", "temperature", "pO2_saturation")
"""Columns with numbers; sex is a fourth value."""
OUTCOMES: Final = {
    "intensive care": ("went_icu", "Y", "in_icu"),
    "death": ("survival", "N", ""),
}
"""Column, the answer that counts, and a column that says it had come at the film already."""
CLINICAL: Final = "clinical values"
BRIXIA: Final = "Brixia score"
COVID_19: Final = "COVID-19 probability"
COVID_LABEL: Final = "COVID-19"
"""As classifiers' bundles have it."""
BOTH: Final = "both: clinical and {image}"
_COLUMNS: Final = (
    "filename", "offset", "sex", *VALUES, *(row[0] for row in OUTCOMES.values()), "in_icu",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The first frontal film of a patient with what its row says.

    `values` is (4,) float64: male, and `VALUES`; NaN unknown. `events` says by outcome what
    became of the patient, None unknown or no longer to be predicted.
    """

    patient: str
    film: Path
    values: DoubleArray = field(repr=False)
    events: dict[str, bool | None] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionFigures:
    """What was found for one outcome; `added` is each model's AUROC less that of the clinical.

    `patients` and `events` count those who have an image and whose outcome is known.
    """

    outcome: str
    patients: int
    events: int
    figures: tuple[Figures, ...]
    added: tuple[Estimate | None, ...]


def read_cases(folder: Path) -> tuple[Case, ...]:
    """Read each patient's first frontal film of which an outcome and a clinical value is known.

    Parameters
    ----------
    folder
        The collection, with metadata.csv and images.

    Returns
    -------
    tuple of Case
        Temperature or saturation is known of each.

    Raises
    ------
    ChartError
        There is none.
    """
    rows = read_rows(folder / "metadata.csv", columns=_COLUMNS, encoding="utf-8-sig")
    by_stem = {Path(row["filename"]).stem: row for row in rows}
    first: dict[str, tuple[float, Case]] = {}
    for film in cohen.read(folder):
        row = by_stem.get(Path(film.path).stem)
        if row is None or not film.patient or not is_frontal(film):
            continue
        case = _case(film.patient, Path(film.path), row)
        day = _number(row["offset"])
        at = math.inf if math.isnan(day) else day
        if _is_usable(case) and (film.patient not in first or at < first[film.patient][0]):
            first[film.patient] = (at, case)
    if not first:
        raise ChartError(
            f"found no patient in {folder} with a frontal film, an outcome, and temperature or "
            "saturation – expected some. Give the folder of the collection of Cohen et al.",
            code="chart-no-outcome",
        )
    return tuple(case for _, case in first.values())


def judge_images(
    cases: Sequence[Case], models: Models, *, on_progress: Progress = no_progress
) -> DoubleArray:
    """Judge each case's film as serving would.

    Parameters
    ----------
    cases
        With films.
    models
        Lungs, classifier and severity are used.
    on_progress
        Told of each film.

    Returns
    -------
    (cases, 2) float64
        Brixia score, 0 to 18, and probability of COVID-19; NaN where no lungs were found.
    """
    found = np.full((len(cases), 2), np.nan)
    for place, case in enumerate(counted(cases, "judge films", on_progress)):
        pixels = readable_pixels(case.film)
        lungs = None if pixels is None else models.lungs.locate(pixels)
        if pixels is None or lungs is None or not lungs.found or models.severity is None:
            continue
        said = models.classifier.findings(
            models.classifier.score(pixels, lungs.box, with_maps=False).logits
        )
        chance = next((one.probability for one in said if one.label == COVID_LABEL), math.nan)
        found[place] = models.severity.scores(pixels, lungs).brixia, chance
    return found


def judge_fusion(
    cases: Sequence[Case], images: DoubleArray, *, dealing: Dealing
) -> tuple[FusionFigures, ...]:
    """Judge clinical values, images and both on patients left out.

    Folds instead of one patient at a time: leaving out one with the event lowers the share of
    events that is learned from, which alone makes an AUROC look worse than it is.

    Parameters
    ----------
    cases
        From `read_cases`.
    images : (cases, 2) float64
        From `judge_images`.
    dealing
        Folds and repeats; the clinical risks that fusion learns from are told out of fold again.

    Returns
    -------
    tuple of FusionFigures
        Of patients with an image, one for each outcome.
    """
    has_image = ~np.isnan(images).any(axis=1)
    found = []
    for outcome in OUTCOMES:
        said = [one.events[outcome] for one in cases]
        kept = has_image & np.array([one is not None for one in said], np.bool_)
        event = np.array([bool(one) for one in said], np.bool_)[kept]
        own = [one for one, is_kept in zip(cases, kept, strict=True) if is_kept]
        values = np.stack([one.values for one in own]) if own else np.empty((0, 4))
        found.append(_judged(outcome, own, values, images[kept], event, dealing=dealing))
    return tuple(found)


def _judged(
    outcome: str,
    cases: Sequence[Case],
    values: DoubleArray,
    images: DoubleArray,
    event: BoolArray,
    *,
    dealing: Dealing,
) -> FusionFigures:
    names = (CLINICAL, BRIXIA, COVID_19, *(BOTH.format(image=one) for one in (BRIXIA, COVID_19)))
    patients = tuple(one.patient for one in cases)
    risks = _out_of_fold(patients, values, images, event, dealing=dealing)
    told = [
        ToldRisks(model=name, risks=risks[:, place], has_event=event, patient=patients)
        for place, name in enumerate(names)
    ]
    draws = dealing.resamples
    figures = tuple(risk_figures(one, generator=_rng(), resamples=draws) for one in told)
    added = (auroc_difference(one, told[0], generator=_rng(), resamples=draws) for one in told[1:])
    return FusionFigures(
        outcome=outcome,
        patients=len(patients),
        events=int(event.sum()),
        figures=figures,
        added=(None, *added),
    )


def _out_of_fold(
    patients: Sequence[str],
    values: DoubleArray,
    images: DoubleArray,
    event: BoolArray,
    *,
    dealing: Dealing,
) -> DoubleArray:
    """Return what the five models tell, (repeats, 5, patients); NaN where too few have either."""
    risks = np.full((dealing.repeats, 5, len(patients)), np.nan)
    if min(event.sum(), (~event).sum()) < 2 * dealing.folds:
        return risks
    for repeat, row in enumerate(deal_subjects(patients, event.astype(np.float64), dealing)):
        for fold in range(dealing.folds):
            out = row == fold
            risks[repeat][:, out] = _told(values, images, event, out, folds=dealing.folds)
    return risks


def _told(
    values: DoubleArray, images: DoubleArray, event: BoolArray, out: BoolArray, *, folds: int
) -> DoubleArray:
    """Return what each model tells of patients left out, (5, patients left out)."""
    learn = ~out
    clinical = _clinical(values[learn], event[learn], values[out])
    inner = _inner_risks(values[learn], event[learn], folds=folds)
    fitted = [fit_fusion(inner, images[learn, one], event[learn]) for one in range(2)]
    nobody = np.full(int(out.sum()), np.nan)
    alone = [one.apply(nobody, images[out, place]) for place, one in enumerate(fitted)]
    both = [one.apply(clinical, images[out, place]) for place, one in enumerate(fitted)]
    return np.stack([clinical, *alone, *both])


def _inner_risks(values: DoubleArray, event: BoolArray, *, folds: int) -> DoubleArray:
    """Return clinical risks of the patients that fusion learns from, each told by the others."""
    order = np.argsort(event, kind="stable")
    fold: IntArray = np.empty(len(event), np.int64)
    fold[order] = np.arange(len(event)) % folds
    told = np.empty(len(event))
    for one in range(folds):
        out = fold == one
        told[out] = _clinical(values[~out], event[~out], values[out])
    return told


def _clinical(values: DoubleArray, event: BoolArray, others: DoubleArray) -> DoubleArray:
    """Fit a logistic regression with medians for what is unknown, and tell others' risks."""
    known = ~np.isnan(values).all(axis=0)
    medians = np.nanmedian(values[:, known], axis=0)
    line = fit_line(_filled(values[:, known], medians), event, ridge=RIDGE)
    logits = line.logit(_filled(others[:, known], medians))
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float64)


def _filled(values: DoubleArray, medians: DoubleArray) -> DoubleArray:
    return np.where(np.isnan(values), medians, values)


def _case(patient: str, film: Path, row: dict[str, str]) -> Case:
    sex = {"M": 1.0, "F": 0.0}.get(row["sex"], math.nan)
    return Case(
        patient=patient,
        film=film,
        values=np.array([sex, *(_number(row[name]) for name in VALUES)], np.float64),
        events={name: _event(row, *columns) for name, columns in OUTCOMES.items()},
    )


def _event(row: dict[str, str], column: str, answer: str, had_come: str) -> bool | None:
    if row[column] not in {"Y", "N"} or (had_come and row[had_come] == "Y"):
        return None
    return row[column] == answer


def _is_usable(case: Case) -> bool:
    has_value = not np.isnan(case.values[-2:]).all()
    return has_value and any(one is not None for one in case.events.values())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)
