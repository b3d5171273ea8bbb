"""Whether the label survives films without lungs, with a marker, of another tone or sharpness."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.progress import Progress
from thoracle.datasets.counterfactuals import (
    border_only,
    lungs_blackened,
    lungs_blurred,
    lungs_only,
    of_tone,
    on_film_grid,
    sharpened,
    softened,
    squeezed,
    with_marker,
)
from thoracle.datasets.labels import FINDINGS
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.survival import Answers, Survival, survival, worst_one_sided
from thoracle.evaluation.verdicts import FEWEST_FILMS, Verdict, verdict
from thoracle.jobs.audit.films import AuditFilms, judged
from thoracle.jobs.audit.options import AuditOptions
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs
from thoracle.reporting.shortcut_report import AuditSection, AuditTable, Cell

LETTER, LINE = "R", "PORTABLE AP"
_COLUMNS = (
    "films", "AUROC, mean over pairs", "change", "share of the skill left", "accuracy",
    "change of accuracy", "same answer",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of every film, and how it is judged.

    `test` is a key of the limits. `keeps_box` is set where the change hides the lungs, so that
    they cannot be found anew.
    """

    name: str
    test: str
    apply: Callable[[FloatArray, BoolArray, Lungs], FloatArray] = field(repr=False)
    keeps_box: bool = False


def changes_for(films: AuditFilms) -> tuple[Change, ...]:
    """Return every change, with one tone for each source that has films enough."""
    hidden = [
        Change(
            name=name,
            test=test,
            apply=lambda pixels, mask, _lungs, hide=hide: hide(pixels, mask),  # type: ignore[misc]
            keeps_box=True,
        )
        for name, test, hide in (
            ("lungs_blackened", "without_lungs", lungs_blackened),
            ("border_only", "without_lungs", border_only),
            ("lungs_blurred", "blurred_lungs", lungs_blurred),
            ("lungs_only", "change", lungs_only),
        )
    ]
    marked = [
        Change(
            name=name,
            test="marker",
            apply=lambda pixels, _mask, lungs, text=text: with_marker(  # type: ignore[misc]
                pixels, text, box=lungs.box
            ),
        )
        for name, text in (("letter", LETTER), ("line", LINE))
    ]
    tones = [
        Change(
            name=f"tone:{source}",
            test="change",
            apply=lambda pixels, _mask, _lungs, tone=tone: of_tone(pixels, tone),  # type: ignore[misc]
        )
        for source, tone in source_tones(films).items()
    ]
    plain = [
        Change(
            name=name,
            test="change",
            apply=lambda pixels, _mask, _lungs, change=change: change(pixels),  # type: ignore[misc]
        )
        for name, change in (
            ("softened", softened), ("sharpened", sharpened), ("squeezed", squeezed),
        )
    ]  # fmt: skip
    return (*hidden, *marked, *tones, *plain)


def source_tones(films: AuditFilms) -> dict[str, DoubleArray]:
    """Return the mean grey quantiles of each source that has at least ten films."""
    sources = np.array([film.source for film in films.films])
    return {
        str(source): films.tones[sources == source].mean(axis=0)
        for source in np.unique(sources)
        if int((sources == source).sum()) >= FEWEST_FILMS
    }


def audit_changes(
    films: AuditFilms,
    classifier: Classifier,
    finder: LungFinder,
    options: AuditOptions,
    on_progress: Progress,
) -> AuditSection:
    """Judge every film after every change, paired with the film untouched.

    Parameters
    ----------
    films
        Judged untouched.
    classifier, finder
        Opened models.
    options
        Resamples, batch and seed.
    on_progress
        Told of each film.

    Returns
    -------
    AuditSection
        A verdict per change.
    """
    changes = changes_for(films)
    logits = np.full((len(films.films), len(changes), len(FINDINGS)), np.nan, np.float32)
    for place, pixels in films.pixels("change", on_progress):
        inputs = [
            _input(pixels, films.lungs[place], change, classifier=classifier, finder=finder)
            for change in changes
        ]
        logits[place] = judged(classifier, inputs, batch=options.batch)
    readable = np.asarray(np.isfinite(logits).all(axis=(1, 2)))
    changed = films.probabilities(logits[readable])
    answers = films.select(readable).answers(options)
    untouched = survival(answers, answers.probabilities)
    verdicts, rows, by_pair = (
        [],
        [_row("untouched", untouched)],
        [*_pair_rows("untouched", untouched)],
    )
    for index, change in enumerate(changes):
        found = survival(answers, changed[:, index])
        verdicts.append(_verdict(change, answers, changed[:, index], found))
        rows.append(_row(change.name, found))
        by_pair += _pair_rows(change.name, found)
    return AuditSection(
        key="changes",
        verdicts=tuple(verdicts),
        tables=(
            AuditTable(title="Answers on changed films", columns=_COLUMNS, rows=tuple(rows)),
            AuditTable(
                title="AUROC of each pair on changed films",
                columns=("films", "pair", "AUROC", "change"),
                rows=tuple(by_pair),
            ),
        ),
    )


def _input(
    pixels: FloatArray,
    lungs: Lungs,
    change: Change,
    *,
    classifier: Classifier,
    finder: LungFinder,
) -> FloatArray:
    """Return what the network sees of a changed film."""
    rows, columns = pixels.shape
    mask = on_film_grid(lungs.mask, rows=rows, columns=columns)
    changed = change.apply(pixels, mask, lungs)
    box = lungs.box if change.keeps_box else finder.locate(changed).box
    return classifier.input_of(changed, box)


def _verdict(change: Change, answers: Answers, changed: DoubleArray, found: Survival) -> Verdict:
    figures: dict[str, Callable[[], Estimate]] = {
        "without_lungs": lambda: found.kept_skill,
        "blurred_lungs": lambda: found.kept_skill,
        "marker": lambda: worst_one_sided(answers, changed),
        "change": lambda: found.difference,
    }
    return verdict(change.test, change.name, figures[change.test]())


def _row(name: str, found: Survival) -> tuple[Cell, ...]:
    return (
        name, found.auroc, found.difference, found.kept_skill, found.accuracy,
        found.accuracy_difference, found.agreement,
    )  # fmt: skip


def _pair_rows(name: str, found: Survival) -> list[tuple[Cell, ...]]:
    return [
        (
            name,
            f"{FINDINGS[one.pair[0]]} against {FINDINGS[one.pair[1]]}",
            one.auroc,
            one.difference,
        )
        for one in found.pairs
    ]
