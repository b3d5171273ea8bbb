"""Fit temperature, thresholds, map scale and distances of a classifier bundle to films."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from thoracle.core.errors import EvaluationError
from thoracle.core.files import replaced_folder
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.calibration import fit_temperature, softmax
from thoracle.evaluation.thresholds import ThresholdChoice, choose_thresholds
from thoracle.inference.bundle import find_bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.landscape import LANDSCAPE, save_landscape
from thoracle.inference.reference import (
    REFERENCE,
    fit_reference,
    load_reference,
    save_reference,
)
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.calibrations import SHIPPED, check_new_calibration, name_in_force
from thoracle.jobs.card import recalibrated_card
from thoracle.jobs.landscape import fit_landscape
from thoracle.jobs.scoring import ScoredFilms, reference_index, score_films, unreadable_note
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import PLAIN_THRESHOLD, Classifier

TARGET_SENSITIVITY = 0.9  # for triage: nine of ten found, then the fewest false alarms.
SCALE_PERCENTILE = 99.0  # of the films' own peaks: one film in a hundred reaches past the bar.
REFERENCE_COMPONENTS = 64
UNREADABLE_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was fitted, and on how many films."""

    temperature: float
    films: int
    nll_before: float
    nll_after: float
    thresholds: tuple[ThresholdChoice, ...]
    notes: tuple[str, ...]


def fit_calibration(scored: ScoredFilms) -> Calibration:
    """Fit temperature and thresholds to scored films of known finding.

    Parameters
    ----------
    scored
        From `score_films`.

    Returns
    -------
    Calibration
        With notes where the films are too few, or some could not be read.

    Raises
    ------
    EvaluationError
        Fewer than two findings are among the films.
    """
    reference = np.array([reference_index(film) for film in scored.films], dtype=np.int64)
    known = reference >= 0
    present = {FINDINGS[index] for index in set(reference[known].tolist())}
    if len(present) < 2:
        raise EvaluationError(
            f"found {len(present)} findings ({', '.join(sorted(present)) or 'no labeled film'}) – "
            "expected at least two to calibrate on. Add labeled films to the manifest.",
            code="calibration-one-finding",
        )
    logits = scored.logits[known].astype(np.float64)
    fit = fit_temperature(logits, reference[known])
    choices = choose_thresholds(
        softmax(logits, temperature=fit.temperature),
        reference[known],
        labels=FINDINGS,
        target_sensitivity=TARGET_SENSITIVITY,
    )
    unread = unreadable_note(scored.unreadable, names=UNREADABLE_NAMED)
    warnings = (unread, fit.warning, *(choice.warning for choice in choices))
    return Calibration(
        temperature=fit.temperature,
        films=int(known.sum()),
        nll_before=fit.nll_before,
        nll_after=fit.nll_after,
        thresholds=choices,
        notes=tuple(one.text for one in warnings if one is not None),
    )


def calibrate_new(
    folder: Path,
    manifest: Manifest,
    *,
    train: Sequence[Film],
    calibrate: Sequence[Film],
    lungs: str = LUNG_BUNDLE,
) -> Calibration:
    """Give a freshly exported bundle its first calibration, map scale, distances and landscape.

    Parameters
    ----------
    folder
        An exported classifier bundle.
    manifest
        Where the films lie.
    train, calibrate
        Films of those splits that the last stage may see.
    lungs
        Name or folder of the lung bundle that cut the training films.

    Returns
    -------
    Calibration
        As written into the bundle.
    """
    finder, classifier = LungFinder(open_bundle(lungs)), Classifier(open_bundle(str(folder)))
    seen = score_films(manifest, train, lungs=finder, classifier=classifier, with_maps=False)
    unseen = score_films(manifest, calibrate, lungs=finder, classifier=classifier, with_maps=True)
    calibration = fit_calibration(unseen)
    reference = fit_reference(seen.embeddings, unseen.embeddings, components=REFERENCE_COMPONENTS)
    save_reference(reference, folder / REFERENCE)
    kept = load_reference(folder / REFERENCE)  # as served: rounded
    save_landscape(fit_landscape(seen, kept), folder / LANDSCAPE)
    table = read_description(folder)
    table["map_scale"] = {
        name: float(np.percentile(peaks, SCALE_PERCENTILE))
        for name, peaks in unseen.map_peaks.items()
    }
    calibration = _apply(table, calibration, name=SHIPPED, manifest=manifest)
    write_description(folder, table)
    return calibration


def calibrate_site(
    bundle: str,
    manifest: Manifest,
    *,
    out: Path,
    site: str,
    on_progress: Progress = no_progress,
) -> Calibration:
    """Refit temperature and thresholds to a site's own films in a copy of a bundle; both are kept.

    Parameters
    ----------
    bundle
        Name or folder of a classifier bundle.
    manifest
        The site's labeled films.
    out
        Folder of the new bundle; it must not exist.
    site
        Name of the calibration, new to the bundle: letters, digits, "-", "_" and ".".
    on_progress
        Told of each film.

    Returns
    -------
    Calibration
        As written into the new bundle.
    """
    opened = open_bundle(bundle)
    check_new_calibration(opened, site=site, out=out)
    lungs, classifier = LungFinder(open_bundle(LUNG_BUNDLE)), Classifier(opened)
    films = [film for film in manifest.films if is_frontal(film)]
    scored = score_films(
        manifest,
        films,
        lungs=lungs,
        classifier=classifier,
        with_maps=False,
        on_progress=on_progress,
    )
    calibration = fit_calibration(scored)
    with replaced_folder(out) as partial:
        shutil.copytree(find_bundle(bundle), partial, dirs_exist_ok=True)
        table = read_description(partial)
        former = name_in_force(table)
        table["name"] = f"{opened.name}-{site}"
        calibration = _apply(table, calibration, name=site, manifest=manifest)
        write_description(partial, table)
        recalibrated_card(partial, former=former)
    return calibration


def carried_threshold(threshold: float, *, former: float, temperature: float, labels: int) -> float:
    """Return a threshold at a new temperature that finds every film which it found before.

    With two labels the same films are positive. With more there is no such threshold, because a
    probability then also depends on how the rest is shared among the other labels; the highest is
    taken below which no formerly positive film can fall, so that the sensitivity does not sink.

    Parameters
    ----------
    threshold
        On the probability at the former temperature.
    former, temperature
        Both above 0.
    labels
        How many the softmax has, at least two.

    Returns
    -------
    float
        On the probability at the new temperature. 0 and 1 stay what they are.
    """
    if not 0.0 < threshold < 1.0:
        return threshold
    power = former / temperature
    # Odds at the new temperature are p^power over the sum of the others' q^power. That sum is
    # largest when one other has all the rest, or, for a power below 1, when all share it evenly.
    spread = (labels - 1) ** min(0.0, power - 1.0)
    odds = spread * (threshold / (1.0 - threshold)) ** power
    return float(odds / (1.0 + odds))


def _apply(
    table: dict[str, Any], calibration: Calibration, *, name: str, manifest: Manifest
) -> Calibration:
    """Put a calibration in force, add it to those the bundle keeps, and return it as applied."""
    table.pop("files", None)
    notes = list(calibration.notes)
    former = float(table.get("temperature", 1.0))
    table["temperature"] = calibration.temperature
    for label, choice in zip(table["labels"], calibration.thresholds, strict=True):
        if choice.threshold is None:
            notes.extend(_keep_threshold(label, table, former=former, name=name))
            continue
        label["threshold"] = choice.threshold
        label["threshold_target"] = (
            f"{choice.target_sensitivity:.0%} sensitivity on calibration {name}"
        )
    calibration = replace(calibration, notes=tuple(notes))
    kept = [one for one in table.get("calibrations", []) if one["name"] != name]
    entry = {
        "name": name,
        "films": calibration.films,
        "manifest_digest": manifest.digest,
        "temperature": calibration.temperature,
        "thresholds": {label["name"]: label["threshold"] for label in table["labels"]},
        "notes": list(calibration.notes),
    }
    table["calibrations"] = [*kept, entry]
    return calibration


def _keep_threshold(
    label: dict[str, Any], table: dict[str, Any], *, former: float, name: str
) -> tuple[str, ...]:
    """Keep a label's threshold, in the sense of the new temperature; return what to note."""
    why = f"too few {label['name']} films in calibration {name}"
    if not label.get("threshold_target"):  # never chosen on films: it means nothing more
        label.setdefault("threshold", PLAIN_THRESHOLD)
        label["threshold_target"] = f"kept: {why}"
        return ()
    chosen, temperature = float(label["threshold"]), float(table["temperature"])
    label["threshold"] = carried_threshold(
        chosen, former=former, temperature=temperature, labels=len(table["labels"])
    )
    label["threshold_target"] = (
        f"{label['threshold_target']}, chosen at the former temperature {former:.3f} and carried "
        f"over: {why}"
    )
    note = (
        f"{label['name']}: the threshold {chosen:.3f} was chosen at the former temperature "
        f"{former:.3f}; at {temperature:.3f} it becomes {label['threshold']:.3f}: every film that "
        "was positive stays so, and some that were not may become it."
    )
    return (note,)


def calibration_json(calibration: Calibration) -> dict[str, object]:
    """Return a calibration as plain numbers and names."""
    return asdict(calibration)
