"""The films of an audit: read one at a time, judged untouched, and judged after changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.datasets.counterfactuals import grey_quantiles
from thoracle.datasets.film import Film
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.survival import Answers
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.scoring import readable_pixels, reference_index
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilms:
    """Films of known finding and what the untouched ones gave.

    `logits` is (films, findings), `embeddings` (films, channels), `tones` (films, quantiles) of
    grey; `reference` indexes the findings; `unreadable` counts films that could not be decoded.
    """

    manifest: Manifest
    films: tuple[Film, ...]
    lungs: tuple[Lungs, ...] = field(repr=False)
    logits: FloatArray = field(repr=False)
    embeddings: FloatArray = field(repr=False)
    tones: DoubleArray = field(repr=False)
    temperature: float
    unreadable: int = 0

    @property
    def reference(self) -> IntArray:
        """Index of each film's finding, (films,) int64."""
        return np.array([reference_index(film) for film in self.films], dtype=np.int64)

    @property
    def patient(self) -> tuple[str, ...]:
        """Who each film is of; a film of unknown patient counts as a patient of its own."""
        return tuple(film.patient or film.path for film in self.films)

    def probabilities(self, logits: FloatArray) -> DoubleArray:
        """Return calibrated probabilities of (…, findings) logits."""
        flat = logits.reshape(-1, logits.shape[-1]).astype(np.float64)
        return softmax(flat, temperature=self.temperature).reshape(logits.shape)

    def answers(self, options: AuditOptions) -> Answers:
        """Return the untouched answers with draws of the films' patients."""
        return Answers(
            probabilities=self.probabilities(self.logits),
            reference=self.reference,
            resamples=resample_patients(
                self.patient,
                resamples=options.resamples,
                generator=np.random.default_rng(options.seed),
            ),
        )

    def select(self, kept: Sequence[int] | IntArray | BoolArray) -> "AuditFilms":
        """Return some of the films, by index or by (films,) bool."""
        places = np.arange(len(self.films))[np.asarray(kept)]
        return AuditFilms(
            manifest=self.manifest,
            films=tuple(self.films[one] for one in places),
            lungs=tuple(self.lungs[one] for one in places),
            logits=self.logits[places],
            embeddings=self.embeddings[places],
            tones=self.tones[places],
            temperature=self.temperature,
        )

    def sample(self, per_finding: int | None, *, seed: int) -> "AuditFilms":
        """Return at most so many films of each finding, drawn once, in their order."""
        return self.select(_drawn(self.reference, per_finding, seed=seed))

    def pixels(self, stage: str, on_progress: Progress) -> Iterator[tuple[int, FloatArray]]:
        """Yield each film's place and its grey again, one in memory at a time."""
        for place, film in zip(count(), counted(self.films, stage, on_progress), strict=False):
            pixels = readable_pixels(self.manifest.resolve(film))
            if pixels is not None:
                yield place, pixels


def known_films(films: Sequence[Film], per_finding: int | None, *, seed: int) -> list[Film]:
    """Return the films of known finding, at most so many of each, in their order."""
    known = [film for film in films if film.finding is not None]
    reference = np.array([reference_index(film) for film in known], dtype=np.int64)
    return [known[place] for place in _drawn(reference, per_finding, seed=seed)]


def look_at(
    manifest: Manifest,
    films: Sequence[Film],
    *,
    lungs: LungFinder,
    classifier: Classifier,
    on_progress: Progress = no_progress,
) -> AuditFilms:
    """Judge untouched films as serving would.

    Parameters
    ----------
    manifest
        Where the films lie.
    films
        Of known finding.
    lungs, classifier
        Opened models.
    on_progress
        Told of each film.

    Returns
    -------
    AuditFilms
        Without films that cannot be read, which it counts.
    """
    kept, found, scores, tones = [], [], [], []
    for film in counted(films, "judge", on_progress):
        pixels = readable_pixels(manifest.resolve(film))
        if pixels is None:
            continue
        where = lungs.locate(pixels)
        kept.append(film)
        found.append(where)
        scores.append(classifier.score(pixels, where.box, with_maps=False))
        tones.append(grey_quantiles(pixels))
    return AuditFilms(
        manifest=manifest,
        films=tuple(kept),
        lungs=tuple(found),
        logits=np.array([one.logits for one in scores], np.float32).reshape(-1, len(FINDINGS)),
        embeddings=np.array([one.embedding for one in scores], np.float32),
        tones=np.array(tones),
        temperature=classifier.bundle.temperature,
        unreadable=len(films) - len(kept),
    )


def judged(classifier: Classifier, inputs: Sequence[FloatArray], *, batch: int) -> FloatArray:
    """Return the logits of what the network sees, (n, findings) float32, in bounded batches."""
    parts = [
        classifier.run(np.stack(inputs[start : start + batch]))["logits"]
        for start in range(0, len(inputs), batch)
    ]
    return np.concatenate(parts)


def _drawn(reference: IntArray, per_finding: int | None, *, seed: int) -> IntArray:
    if per_finding is None:
        return np.arange(reference.size)
    order = np.random.default_rng(seed).permutation(reference.size)
    firsts = [order[reference[order] == one][:per_finding] for one in np.unique(reference)]
    return np.sort(np.concatenate(firsts)) if firsts else order
