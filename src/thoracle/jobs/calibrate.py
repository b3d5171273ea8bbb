"""Fit temperature, thresholds, map scale and distances of a classifier bundle to films."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thoracle.core.errors import EvaluationError
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.calibration import fit_temperature, softmax
from thoracle.evaluation.thresholds import ThresholdChoice, choose_thresholds
from thoracle.inference.bundle import find_bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.reference import REFERENCE, fit_reference, save_reference
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.scoring import ScoredFilms, reference_index, score_films
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

TARGET_SENSITIVITY = 0.9  # the issue of a screening aid: nine of ten found, then the fewest alarms.
SCALE_PERCENTILE = 99.0  # of the films' own peaks: one film in a hundred reaches past the bar.
REFERENCE_COMPONENTS = 64
FALLBACK_THRESHOLD = 0.5


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
        With warnings where the films are too few.

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
    warnings = (fit.warning, *(choice.warning for choice in choices))
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
    """Give a freshly exported bundle its first calibration, map scale and distances.

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
    table = read_description(folder)
    table["map_scale"] = {
        name: float(np.percentile(peaks, SCALE_PERCENTILE))
        for name, peaks in unseen.map_peaks.items()
    }
    _apply(table, calibration, name="shipped", manifest=manifest)
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
        Name of the calibration.
    on_progress
        Told of each film.

    Returns
    -------
    Calibration
        As written into the new bundle.

    Raises
    ------
    EvaluationError
        `out` exists, the bundle has a calibration of that name, or the films show one finding only.
    """
    if out.exists():
        raise EvaluationError(
            f"found {out} – expected a new folder. Choose another with --out.",
            code="calibration-exists",
        )
    opened = open_bundle(bundle)
    kept = {one["name"] for one in read_description(opened.folder).get("calibrations", [])}
    if site in kept:
        raise EvaluationError(
            f"found a calibration {site!r} in {opened.name} – expected a new name, since all are "
            "kept. Choose another with --site.",
            code="calibration-exists",
        )
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
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(find_bundle(bundle), partial)
    table = read_description(partial)
    table["name"] = f"{opened.name}-{site}"
    _apply(table, calibration, name=site, manifest=manifest)
    write_description(partial, table)
    partial.rename(out)
    return calibration


def _apply(
    table: dict[str, Any], calibration: Calibration, *, name: str, manifest: Manifest
) -> None:
    """Put a calibration in force and add it to those the bundle keeps."""
    table.pop("files", None)
    table["temperature"] = calibration.temperature
    for label, choice in zip(table["labels"], calibration.thresholds, strict=True):
        if choice.threshold is None:
            label.setdefault("threshold", FALLBACK_THRESHOLD)
            label["threshold_target"] = f"kept: too few {choice.label} films in calibration {name}"
            continue
        label["threshold"] = choice.threshold
        label["threshold_target"] = (
            f"{choice.target_sensitivity:.0%} sensitivity on calibration {name}"
        )
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


def calibration_json(calibration: Calibration) -> dict[str, object]:
    """Return a calibration as plain numbers and names."""
    return asdict(calibration)
