"""Gate, classify and explain one decoded radiograph."""

from dataclasses import dataclass, replace

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.results import Analysis, FileResult, GateDecision, Reason, Severity
from thoracle.imaging.resample import resize, turn_clockwise
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import Bundle
from thoracle.radiograph.anomaly import AnomalyFinder
from thoracle.radiograph.explain import contribution_maps, map_warnings
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.severity import SeverityScorer
from thoracle.radiograph.trust import NOTHING_FOUND
from thoracle.radiograph.types import Lungs

FAR_PERCENTILE = 99.0  # farther than 99 of 100 unseen films of the bundle's own collections.
ADULT_AGE_YEARS = 18.0
ADULTS = "adults"
"""What a bundle's `population` says when it was made for adults only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The opened models of the task; the last two are None where no bundle of them is installed."""

    gate: Gate
    lungs: LungFinder
    classifier: Classifier
    severity: SeverityScorer | None = None
    anomaly: AnomalyFinder | None = None


def analyze(
    film: Radiograph, models: Models, *, override_gate: bool = False, with_maps: bool = True
) -> Analysis:
    """Gate, classify and explain one decoded radiograph.

    Pure: reads nothing, writes nothing. A refusal by the gate is a result, not an
    exception, because the caller must store and show it like any other.

    Parameters
    ----------
    film
        As decoded, bone bright.
    models
        Opened once by the caller.
    override_gate
        Go on although the gate refuses; the decision still says that it refused.
    with_maps
        Whether contribution maps and the anomaly map are made.

    Returns
    -------
    Analysis
        Without findings when the gate refused and was not overridden.
    """
    examination = models.gate.examine(film)
    decision = examination.decision
    warnings = (*examination.warnings, *_age_warning(film, models.classifier.bundle))
    if not decision.accepted and not override_gate:
        return Analysis(gate=decision, warnings=warnings)
    pixels = 1.0 - film.pixels if examination.is_inverted else film.pixels
    lungs = models.lungs.locate(pixels)
    scores = models.classifier.score(pixels, lungs.box, with_maps=with_maps)
    findings = models.classifier.findings(scores.logits)
    maps = contribution_maps(scores, models.classifier.bundle, lungs)
    likeliest = max(findings, key=lambda one: one.probability)
    concerned = {one.label for one in findings if one.is_positive or one is likeliest}
    percentile = models.classifier.distance_percentile(scores.embedding)
    rows, columns = pixels.shape
    return Analysis(
        gate=decision,
        findings=findings,
        maps=maps,
        anomaly=models.anomaly.find(scores.seen, lungs) if models.anomaly and with_maps else None,
        warnings=(
            *_training_warning(is_known=models.classifier.is_training_film(scores.embedding)),
            *warnings,
            *_override_warning(decision),
            *_lung_warning(found=lungs.found),
            *_distance_warning(percentile),
            *map_warnings(maps, concerned),
        ),
        lung_mask=resize(lungs.mask.astype(np.float32), rows=rows, columns=columns) > 0.5,
        distance_percentile=percentile,
        embedding=scores.embedding,
        severity=(
            _severity(film, pixels, lungs, models)
            if decision.accepted and likeliest.label != NOTHING_FOUND
            else None
        ),
    )


def with_training_warning(result: FileResult) -> FileResult:
    """Return a result that warns of a film that the network learned from, first and once."""
    (warning,) = _training_warning(is_known=True)
    others = tuple(one for one in result.warnings if one.code != warning.code)
    return replace(result, warnings=(warning, *others))


def turned_back(film: Radiograph, *, degrees: int) -> Radiograph:
    """Return a film turned counter-clockwise by what the gate says it was turned clockwise.

    Parameters
    ----------
    film
        As decoded.
    degrees
        A multiple of 90.

    Returns
    -------
    Radiograph
        Row and column spacing change places with rows and columns.
    """
    spacing = film.pixel_spacing_mm
    if spacing is not None and degrees % 180:
        spacing = (spacing[1], spacing[0])
    pixels = turn_clockwise(film.pixels, degrees=-degrees)
    beyond = None if film.beyond is None else turn_clockwise(film.beyond, degrees=-degrees)
    return replace(film, pixels=pixels, beyond=beyond, pixel_spacing_mm=spacing)


def _severity(
    film: Radiograph, pixels: FloatArray, lungs: Lungs, models: Models
) -> Severity | None:
    """Score a film's severity; None without lungs, or for a child, of whom no film was scored.

    Films without a finding are not asked about: none was scored, and they would get scores well
    above 0 (docs/decisions/0017).
    """
    is_child = film.age_years is not None and film.age_years < ADULT_AGE_YEARS
    if models.severity is None or not lungs.found or is_child:
        return None
    return models.severity.judge(pixels, lungs)


def _age_warning(film: Radiograph, bundle: Bundle) -> tuple[Reason, ...]:
    if film.age_years is None or film.age_years >= ADULT_AGE_YEARS or bundle.population != ADULTS:
        return ()
    text = "The patient is under 18; this bundle was made for adults."
    return (Reason(code="under-18", text=text),)


def _training_warning(*, is_known: bool) -> tuple[Reason, ...]:
    if not is_known:
        return ()
    text = (
        "This film, or a copy of it, is among those that the network learned from: how well it "
        "does here says nothing about other films."
    )
    return (Reason(code="training-film", text=text),)


def _override_warning(decision: GateDecision) -> tuple[Reason, ...]:
    if decision.accepted:
        return ()
    text = "The gate refused this picture and was overridden: the findings below may mean nothing."
    return (Reason(code="gate-overridden", text=text),)


def _lung_warning(*, found: bool) -> tuple[Reason, ...]:
    if found:
        return ()
    text = (
        "No lungs were found: the whole film was judged, and maps have no share inside the lungs."
    )
    return (Reason(code="no-lungs", text=text),)


def _distance_warning(percentile: float | None) -> tuple[Reason, ...]:
    if percentile is None or percentile < FAR_PERCENTILE:
        return ()
    text = (
        f"The film is unlike those the bundle was trained on (farther than {percentile:.0f} % of "
        "unseen films of the same collections): do not rely on the probabilities."
    )
    return (Reason(code="out-of-distribution", text=text),)
