"""Gate, classify and explain one decoded radiograph."""

from dataclasses import dataclass, replace

import numpy as np

from thoracle.core.results import Analysis, GateDecision, Reason
from thoracle.imaging.resample import resize, turn_clockwise
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import Bundle
from thoracle.radiograph.explain import contribution_maps, map_warnings
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

FAR_PERCENTILE = 99.0  # farther than 99 of 100 unseen films of the bundle's own collections.
ADULT_AGE_YEARS = 18.0
ADULTS = "adults"
"""What a bundle's `population` says when it was made for adults only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The three opened models of the task."""

    gate: Gate
    lungs: LungFinder
    classifier: Classifier


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
        Whether contribution maps are made.

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
        warnings=(
            *warnings,
            *_override_warning(decision),
            *_lung_warning(found=lungs.found),
            *_distance_warning(percentile),
            *map_warnings(maps, concerned),
        ),
        lung_mask=resize(lungs.mask.astype(np.float32), rows=rows, columns=columns) > 0.5,
        distance_percentile=percentile,
        embedding=scores.embedding,
    )


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


def _age_warning(film: Radiograph, bundle: Bundle) -> tuple[Reason, ...]:
    if film.age_years is None or film.age_years >= ADULT_AGE_YEARS or bundle.population != ADULTS:
        return ()
    text = "The patient is under 18; this bundle was made for adults."
    return (Reason(code="under-18", text=text),)


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
