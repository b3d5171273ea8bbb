"""Where a bundle's training films lie: made once with the bundle, shown beside a reader's film."""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import StoreError
from thoracle.core.results import BundleReference
from thoracle.datasets.labels import FINDINGS
from thoracle.inference.bundle import Bundle
from thoracle.inference.landscape import (
    AGE_UNKNOWN,
    LANDSCAPE,
    YEARS,
    Landscape,
    Place,
    load_landscape,
    place,
)
from thoracle.inference.reference import REFERENCE, EmbeddingReference, load_reference
from thoracle.jobs.results import EMBEDDING_NAME
from thoracle.jobs.scoring import ScoredFilms, reference_index
from thoracle.store.results import ResultStore
from thoracle.store.types import StoredResult

SEED: Final = 0
PERPLEXITY: Final = 30.0
_FEW: Final = 5  # films under which t-SNE has nothing to spread out


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """A bundle's training films with the directions that they are seen along."""

    made_by: BundleReference
    landscape: Landscape
    reference: EmbeddingReference


def fit_landscape(scored: ScoredFilms, reference: EmbeddingReference) -> Landscape:
    """Make points of training films; what could name one is left out.

    Parameters
    ----------
    scored
        Training films with their embeddings; those without a finding are left out.
    reference
        Fitted on the same films.

    Returns
    -------
    Landscape
        Without names, patients, exact ages and pictures.
    """
    finding = np.array([reference_index(film) for film in scored.films], dtype=np.int64)
    known = finding >= 0
    films = [film for film, is_known in zip(scored.films, known, strict=True) if is_known]
    points = (scored.embeddings[known] - reference.mean) @ reference.whitening
    sources = tuple(sorted({film.source for film in films}))
    return Landscape(
        points=points.astype(np.float32),
        spread_out=_spread_out(points.astype(np.float32)),
        finding=finding[known].astype(np.uint8),
        source=np.array([sources.index(film.source) for film in films], dtype=np.uint8),
        age=np.array([_band(film.age_years) for film in films], dtype=np.uint8),
        is_missed=scored.logits[known].argmax(axis=1) != finding[known],
        findings=FINDINGS,
        sources=sources,
    )


def surroundings(bundle: Bundle) -> Surroundings | None:
    """Return a bundle's training films; None where it ships none."""
    paths = [bundle.folder / name for name in (LANDSCAPE, REFERENCE)]
    if not all(path.is_file() for path in paths):
        return None
    return Surroundings(
        made_by=bundle.reference,
        landscape=load_landscape(paths[0]),
        reference=load_reference(paths[1]),
    )


def place_result(store: ResultStore, stored: StoredResult, around: Surroundings) -> Place | None:
    """Place a kept result's film among the training films.

    Parameters
    ----------
    store
        Open.
    stored
        The result.
    around
        The training films of the bundle in use.

    Returns
    -------
    Place or None
        None where the result has no embedding, or another bundle made it.
    """
    provenance = stored.result.provenance
    if provenance is None or around.made_by not in provenance.bundles:
        return None
    try:
        content = store.picture(stored.summary.id, EMBEDDING_NAME)
    except StoreError:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return place(around.landscape, around.reference, arrays["embedding"])


def _band(age_years: float | None) -> int:
    return AGE_UNKNOWN if age_years is None else int(age_years // YEARS)


def _spread_out(points: FloatArray) -> FloatArray:
    """Return (films, 3) by t-SNE, or zeros for too few films."""
    if len(points) < _FEW:
        return np.zeros((len(points), 3), np.float32)
    from sklearn.manifold import TSNE  # an extra that training has and serving has not

    perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
    start = "pca" if points.shape[1] >= 3 else "random"
    found = TSNE(n_components=3, perplexity=perplexity, init=start, random_state=SEED)
    return np.asarray(found.fit_transform(points), dtype=np.float32)
