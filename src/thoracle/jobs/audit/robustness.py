"""How answers and the gate's refusals change as films get worse."""

from collections.abc import Sequence

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.progress import Progress
from thoracle.datasets.disturbances import DISTURBANCES, Disturbance
from thoracle.datasets.labels import FINDINGS
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.survival import Answers, Survival, mean_estimate, survival
from thoracle.evaluation.verdicts import Verdict, verdict
from thoracle.imaging.types import Radiograph
from thoracle.jobs.audit.films import AuditFilms, judged
from thoracle.jobs.audit.models import AuditModels
from thoracle.jobs.audit.options import AuditOptions
from thoracle.reporting.shortcut_report import (
    AuditChart,
    AuditCurve,
    AuditSection,
    AuditTable,
    Cell,
)

_NO_FILE = "0" * 64  # a changed film has no file, so no digest
_COLUMNS = (
    "disturbance", "strength", "AUROC, mean over pairs", "change", "accuracy", "same answer",
    "refused by the gate",
)  # fmt: skip


def audit_robustness(
    films: AuditFilms, models: AuditModels, options: AuditOptions, on_progress: Progress
) -> AuditSection:
    """Disturb films at every strength, find lungs anew, and ask gate and classifier.

    Parameters
    ----------
    films
        Judged untouched.
    models
        Opened.
    options
        Resamples, batch and seed.
    on_progress
        Told of each film.

    Returns
    -------
    AuditSection
        Two verdicts per family, at its everyday strength.
    """
    steps = [(family, strength) for family in DISTURBANCES for strength in family.strengths]
    logits = np.full((len(films.films), len(steps), len(FINDINGS)), np.nan, np.float32)
    refused = np.zeros((len(films.films), len(steps) + 1), bool)
    for place, pixels in films.pixels("disturb", on_progress):
        rng = np.random.default_rng((options.seed, place))
        disturbed = [family.apply(pixels, strength, rng) for family, strength in steps]
        refused[place] = [_is_refused(one, models) for one in (*disturbed, pixels)]
        inputs = [
            models.classifier.input_of(one, models.lungs.locate(one).box) for one in disturbed
        ]
        logits[place] = judged(models.classifier, inputs, batch=options.batch)
    readable = np.asarray(np.isfinite(logits).all(axis=(1, 2)))
    kept = films.select(readable)
    answers = kept.answers(options)
    found = [
        survival(answers, kept.probabilities(logits[readable, step])) for step in range(len(steps))
    ]
    refusals = _refusals(refused[readable], answers)
    return _section(steps, found, refusals, survival(answers, answers.probabilities))


def _is_refused(pixels: FloatArray, models: AuditModels) -> bool:
    film = Radiograph(pixels=pixels, sha256=_NO_FILE, format="PNG", bits=8)
    return not models.gate.examine(film).decision.accepted


def _refusals(refused: BoolArray, answers: Answers) -> list[Estimate]:
    return [mean_estimate(one.astype(np.float64), answers.resamples) for one in refused.T]


def _section(
    steps: list[tuple[Disturbance, float]],
    found: list[Survival],
    refusals: list[Estimate],
    untouched: Survival,
) -> AuditSection:
    rows: list[tuple[Cell, ...]] = [("none", "", *_figures(untouched), refusals[-1])]
    for (family, strength), one, refusal in zip(steps, found, refusals[:-1], strict=True):
        rows.append((family.name, f"{strength:g} {family.unit}", *_figures(one), refusal))
    verdicts: list[Verdict] = []
    charts = []
    for family in DISTURBANCES:
        own = [place for place, (other, _) in enumerate(steps) if other is family]
        answers = [found[place] for place in own]
        everyday = answers[family.strengths.index(family.everyday)]
        verdicts += [
            verdict("agreement", family.name, everyday.agreement),
            verdict("disturbance", family.name, everyday.difference),
        ]
        charts.append(_chart(family, answers, [refusals[place] for place in own]))
    table = AuditTable(title="Answers on disturbed films", columns=_COLUMNS, rows=tuple(rows))
    return AuditSection(
        key="robustness", verdicts=tuple(verdicts), tables=(table,), charts=tuple(charts)
    )


def _figures(one: Survival) -> tuple[Estimate, ...]:
    return (one.auroc, one.difference, one.accuracy, one.agreement)


def _chart(
    family: Disturbance, answers: Sequence[Survival], refusals: Sequence[Estimate]
) -> AuditChart:
    """Return the curves of one kind of disturbance over its strengths."""
    curves = {
        "AUROC, mean over pairs": [one.auroc for one in answers],
        "Accuracy": [one.accuracy for one in answers],
        "Same answer as untouched": [one.agreement for one in answers],
        "Refused by the gate": list(refusals),
    }
    return AuditChart(
        title=family.name,
        x=family.unit,
        y="share or AUROC",
        curves=tuple(
            AuditCurve(name=name, places=family.strengths, figures=tuple(figures))
            for name, figures in curves.items()
        ),
        level=family.everyday,
    )
