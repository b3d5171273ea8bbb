"""Fit told risks to the level of another hospital, and say by how much that helps there."""

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ChartError
from thoracle.core.files import replaced_folder
from thoracle.core.progress import Progress, no_progress
from thoracle.core.results import DISCLAIMER
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.evaluation.prognosis import RESAMPLES
from thoracle.inference.bundle import Bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.calibrations import check_new_calibration, name_in_force
from thoracle.jobs.card import attach, recalibrated_card
from thoracle.jobs.evaluate_cohort import CohortRequest, learned_from_cohort, wanted_patients
from thoracle.jobs.evaluate_cohort_report import known_document
from thoracle.jobs.evaluate_cohort_tables import calibration_table
from thoracle.jobs.evaluate_prognosis import Setting, judge
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.prognosis_asked import Asked, Model, asked_of, told_by_network
from thoracle.jobs.prognosis_folds import patient_folds
from thoracle.prognosis.calibration import in_order
from thoracle.prognosis.model import RiskModel
from thoracle.prognosis.network import TASK, read_content, write_content
from thoracle.prognosis.types import DEATH, HORIZONS, Chart
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.prognosis_calibration_texts import PROGNOSIS_CALIBRATION as TEXTS

DAYS: Final = 30
"""Each of the first days after admission is an index time that is fitted to."""
EVENTS_MIN: Final = 10
"""Patients with the event, and without it, that a fit needs."""
SLOPE_SD: Final = 0.5  # of its logarithm: few patients hardly bend the scale
SHIFT_SD: Final = 3.0
SEED: Final = 71_707
SCHEMA: Final = "thoracle-risk-calibration/1"
_CLOSE: Final = 1e-6  # risks nearer to 0 or 1 than that are taken for that far from them


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """What a site does to logits: all are multiplied by `slope`, then `shifts`, (4,), are added."""

    slope: float
    shifts: DoubleArray = field(repr=False)

    def risks(self, told: DoubleArray) -> DoubleArray:
        """Return risks of the site from told ones, (landmarks, 4)."""
        return in_order(self.slope * _logits(told) + self.shifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRequest:
    """What is to be calibrated, to whom, and where the new bundle goes.

    Attributes
    ----------
    bundle
        Of task "prognosis".
    cohort
        Of the site, with outcomes.
    site
        Name of the calibration: letters, digits, "-", "_" and ".".
    out
        Folder of the new bundle; it must not exist.
    only
        Of these patients alone; None for all.
    folds, repeats
        For the figures: a patient's risks are adapted by a fit to others.
    """

    bundle: Bundle
    cohort: Cohort = field(repr=False)
    site: str
    out: Path
    only: frozenset[str] | None = None
    folds: int = 5
    repeats: int = 5
    resamples: int = RESAMPLES
    on_progress: Progress = no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCalibration:
    """What was fitted, and the report that says how much it helps."""

    adaptation: Adaptation
    patients: int
    events: int
    report: Report = field(repr=False)


def calibrate_risks(request: SiteRequest) -> SiteCalibration:
    """Fit slope and levels of risks to a site's patients in a copy of a bundle.

    Parameters
    ----------
    request
        What, to whom and where to. A bundle that learned from these patients, a folder that exists,
        a name that no folder can bear, and too few patients with or without the event are errors.

    Returns
    -------
    SiteCalibration
        As written into the new bundle, whose card has the report.
    """
    request.bundle.need_task(TASK)
    check_new_calibration(request.bundle, site=request.site, out=request.out)
    asked_for = CohortRequest(cohort=request.cohort, bundle=request.bundle, only=request.only)
    cohort = wanted_patients(asked_for)
    learned_from_cohort(asked_for)
    charts = tuple(one for one in cohort.charts if one.outcome is not None)
    everyday = asked_of(charts, admission_days=tuple(range(1, DAYS + 1)), outcome_days=())
    events, patients = _counted(charts, request.bundle.training.get("event", DEATH))
    network = RiskModel(request.bundle)
    told = told_by_network("", network, everyday).risks[0]
    asked = asked_of(charts, outcome_days=())
    before = told_by_network(TEXTS["as_it_was"], network, asked)
    whole = fit_adaptation(told, everyday.labels)
    models = (before, _adapted_to_others(request, before, asked, told, everyday))
    setting = judge(
        request.site,
        models,
        asked,
        resamples=request.resamples,
        on_progress=request.on_progress,
    )
    report = _report(request, setting, adaptation=whole, events=events, patients=patients)
    _write(request, whole, cohort, patients=patients, report=report)
    return SiteCalibration(adaptation=whole, patients=patients, events=events, report=report)


def fit_adaptation(told: DoubleArray, labels: DoubleArray) -> Adaptation:
    """Fit one slope, and a shift for each horizon, by penalized likelihood.

    Parameters
    ----------
    told : (landmarks, 4) float64
        Risks of patients that the networks never saw.
    labels : (landmarks, 4) float64
        What came; NaN where nobody knows.

    Returns
    -------
    Adaptation
        Of nothing at all, one that changes nothing.

    References
    ----------
    Steyerberg 2019, Clinical prediction models, chapter 20: recalibration in the large and of the
    slope, shrunk towards no change.
    """
    is_known = ~np.isnan(labels)
    wanted = np.where(is_known, labels, 0.0)
    logits = _logits(told)

    def loss(parameters: DoubleArray) -> tuple[float, DoubleArray]:
        slope, shifts = np.exp(parameters[0]), parameters[1:]
        shown = slope * logits + shifts
        own = is_known * (np.logaddexp(0.0, shown) - wanted * shown)
        off = is_known * (scipy.special.expit(shown) - wanted)
        steep = np.concatenate([[slope * (off * logits).sum()], off.sum(axis=0)])
        return float(own.sum() + 0.5 * ((parameters / sd) ** 2).sum()), steep + parameters / sd**2

    sd = np.array([SLOPE_SD, *[SHIFT_SD] * len(HORIZONS)])
    found = scipy.optimize.minimize(loss, np.zeros_like(sd), jac=True, method="L-BFGS-B").x
    return Adaptation(slope=float(np.exp(found[0])), shifts=np.asarray(found[1:], np.float64))


def _counted(charts: tuple[Chart, ...], event: str) -> tuple[int, int]:
    """Return how many patients had the event, and how many there are.

    Raises
    ------
    ChartError
        Too few had it, or too few did not.
    """
    patients = {one.patient for one in charts}
    had = {one.patient for one in charts if one.outcome and one.outcome.event == event}
    if min(len(had), len(patients) - len(had)) < EVENTS_MIN:
        raise ChartError(
            f"found {len(had)} patients with the event among {len(patients)} – expected at least "
            f"{EVENTS_MIN} with it and {EVENTS_MIN} without. Give a larger cohort.",
            code="chart-too-few",
        )
    return len(had), len(patients)


def _adapted_to_others(
    request: SiteRequest, before: Model, asked: Asked, told: DoubleArray, everyday: Asked
) -> Model:
    """Return what the site's own fit tells of each patient, who is not among those it is of."""
    rng = np.random.default_rng(SEED)
    folds = patient_folds(asked.charts, folds=request.folds, repeats=request.repeats, rng=rng)
    adapted = np.full((len(folds), *before.risks.shape[1:]), np.nan)
    for repeat, dealt in enumerate(folds):
        for fold in range(request.folds):
            learned = (dealt != fold)[everyday.chart]
            fitted = fit_adaptation(told[learned], everyday.labels[learned])
            own = dealt[asked.chart] == fold
            adapted[repeat, own] = fitted.risks(before.risks[0, own])
    return Model(name=TEXTS["adapted"].format(site=request.site), risks=adapted)


def _report(
    request: SiteRequest, setting: Setting, *, adaptation: Adaptation, events: int, patients: int
) -> Report:
    """Say what was fitted, and how risks did before and after it."""
    about = TEXTS["about"].format(
        site=request.site, cohort=request.cohort.name, patients=patients, events=events
    )
    tables = [_fitted_table(adaptation), calibration_table(setting)]
    shown = (f"### {one.caption}\n\n{one.markdown}" for one in tables)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "site": request.site,
        "patients": patients,
        "events": events,
        "slope": adaptation.slope,
        "shifts": adaptation.shifts.tolist(),
        "cells": [asdict(one) for one in setting.cells],
    }
    return Report(
        name=TEXTS["name"].format(site=request.site),
        json=(json.dumps(known_document(content), indent=1) + "\n").encode("utf-8"),
        markdown="\n\n".join([about, *shown, TEXTS["limit"], DISCLAIMER]) + "\n",
        stem="calibration",
    )


def _fitted_table(adaptation: Adaptation) -> FigureTable:
    shifts = (f"{one:+.2f}" for one in adaptation.shifts.tolist())
    return FigureTable(
        caption=TEXTS["fitted"],
        head=(TEXTS["slope"], *(TEXTS["shift"].format(horizon=one) for one in HORIZONS)),
        rows=((f"{adaptation.slope:.2f}", *shifts),),
    )


def _write(
    request: SiteRequest, adaptation: Adaptation, cohort: Cohort, *, patients: int, report: Report
) -> None:
    """Write the copy of the bundle."""
    with replaced_folder(request.out) as partial:
        shutil.copytree(request.bundle.folder, partial, dirs_exist_ok=True)
        content = read_content(partial)
        calibration = content.calibration.adapted(adaptation.slope, adaptation.shifts)
        write_content(replace(content, calibration=calibration), partial)
        table = read_description(partial)
        former = name_in_force(table)
        table.pop("files", None)
        table["name"] = f"{request.bundle.name}-{request.site}"
        sources = " ".join(one.sha256 for one in cohort.sources if one.sha256)
        table["training"] |= {
            "calibrated_on": cohort.name,
            "calibrated_patients": str(patients),
            "calibrated_sources_sha256": sources,
        }
        table["calibrations"] = [
            *table.get("calibrations", []),
            {"name": request.site, "patients": patients},
        ]
        write_description(partial, table)
        recalibrated_card(partial, former=former)
        attach(str(partial), [report])


def _logits(risks: DoubleArray) -> DoubleArray:
    clipped = np.clip(risks, _CLOSE, 1.0 - _CLOSE)
    return np.asarray(scipy.special.logit(clipped), np.float64)
