"""Score the films of a manifest with a bundle, as serving would, without gate and maps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.core.results import Reason
from thoracle.datasets.film import Film
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.faults import SyntheticFilmError
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFilms:
    """Films of a manifest with what the classifier says of them.

    `logits` is (films, findings) float32, `embeddings` (films, channels) float32;
    `map_peaks` holds each map's largest value per film, (films,) float32; `unreadable` names
    what could not be decoded.
    """

    films: tuple[Film, ...]
    logits: FloatArray = field(repr=False)
    embeddings: FloatArray = field(repr=False)
    map_peaks: dict[str, FloatArray] = field(repr=False)
    unreadable: tuple[str, ...] = ()


def score_films(
    manifest: Manifest,
    films: Sequence[Film],
    *,
    lungs: LungFinder,
    classifier: Classifier,
    with_maps: bool,
    on_progress: Progress = no_progress,
) -> ScoredFilms:
    """Score films one by one through the serving code.

    Parameters
    ----------
    manifest
        Where the films lie.
    films
        Those to score.
    lungs, classifier
        Opened models.
    with_maps
        Whether the maps' peaks are measured, which the common scale needs.
    on_progress
        Told of each film.

    Returns
    -------
    ScoredFilms
        In the order given, without unreadable ones, which `unreadable` names.
    """
    kept: list[Film] = []
    scores: list[Scores] = []
    unreadable: list[str] = []
    for film in counted(films, "judge", on_progress):
        score = _score(manifest, film, lungs, classifier, with_maps=with_maps)
        if score is None:
            unreadable.append(film.path)
        else:
            kept.append(film)
            scores.append(score)
    names = scores[0].maps.keys() if scores else ()
    return ScoredFilms(
        films=tuple(kept),
        logits=np.array([one.logits for one in scores], np.float32).reshape(-1, len(FINDINGS)),
        embeddings=np.array([one.embedding for one in scores], np.float32),
        map_peaks={
            name: np.array([one.maps[name].max() for one in scores], np.float32) for name in names
        },
        unreadable=tuple(unreadable),
    )


def unreadable_note(unreadable: Sequence[str], *, names: int = 0) -> Reason | None:
    """Say how many films could not be read, which the figures lack.

    Parameters
    ----------
    unreadable
        Their names.
    names
        How many of them to name, at most.

    Returns
    -------
    Reason or None
        None where every film was read.
    """
    count = len(unreadable)
    if not count:
        return None
    named = ", ".join(unreadable[:names])
    more = f" and {count - names} more" if names and count > names else ""
    films = "1 film" if count == 1 else f"{count} films"
    text = f"{films} could not be read and {'is' if count == 1 else 'are'} left out"
    return Reason(code="unreadable-films", text=f"{text}{': ' if named else ''}{named}{more}.")


def _score(
    manifest: Manifest, film: Film, lungs: LungFinder, classifier: Classifier, *, with_maps: bool
) -> Scores | None:
    pixels = readable_pixels(manifest.resolve(film))
    if pixels is None:
        return None
    return classifier.score(pixels, lungs.locate(pixels).box, with_maps=with_maps)


def readable_pixels(path: Path) -> FloatArray | None:
    """Return a film's display grey, (rows, columns) float32, None where it cannot be read.

    Raises
    ------
    SyntheticFilmError
        The film is synthetic, which is never training or evaluation data.
    """
    try:
        return decode_trusted_film(path).pixels
    except SyntheticFilmError:
        raise
    except ImageError:
        return None


def evaluation_input(scored: ScoredFilms, classifier: Classifier) -> EvaluationInput:
    """Return what the evaluation reads, with the bundle's temperature and thresholds.

    A film whose patient is unknown counts as a patient of its own.

    Parameters
    ----------
    scored
        From `score_films`.
    classifier
        The bundle that scored them.

    Returns
    -------
    EvaluationInput
        Reference -1 where a film's label does not decide its finding.
    """
    films = scored.films
    logits: DoubleArray = scored.logits.astype(np.float64)
    labels = classifier.bundle.labels
    thresholds = tuple(one.threshold for one in labels if one.threshold is not None)
    return EvaluationInput(
        labels=FINDINGS,
        logits=logits,
        probabilities=softmax(logits, temperature=classifier.bundle.temperature),
        reference=np.array([reference_index(film) for film in films], dtype=np.int64),
        patient=tuple(film.patient or film.path for film in films),
        thresholds=thresholds if len(thresholds) == len(labels) else None,
        source=tuple(film.source for film in films),
        age_years=np.array([np.nan if f.age_years is None else f.age_years for f in films]),
        sex=tuple(film.sex for film in films),
        view=tuple(film.view for film in films),
    )


def reference_index(film: Film) -> int:
    """Return the index of a film's finding, -1 where its label does not decide it."""
    return FINDINGS.index(film.finding) if film.finding is not None else -1
