"""Probes of the embedding: what stands in it is told, and the label is kept apart."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.progress import no_progress
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.jobs.audit.embedding import ATTRIBUTES, audit_embedding, values_of
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.models import AuditModels

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]


def test_attributes_are_read_off_the_films(looked: Looked) -> None:
    films, _ = looked("lungs")
    assert set(values_of(films, "source")) == {"plain", "striped"}
    assert set(values_of(films, "age_band")) == {"40-59"}
    assert set(values_of(films, "view")) == {"PA"}


def test_what_stands_in_the_embedding_is_told_in_every_finding(
    looked: Looked, lab: SimpleNamespace
) -> None:
    films, _ = looked("lungs")
    section = audit_embedding(films, lab.options, no_progress)
    assert [one.subject for one in section.verdicts] == list(ATTRIBUTES)
    source, age, view, _ = section.verdicts
    assert source.outcome is Outcome.FAILS
    assert source.estimate.value == pytest.approx(1.0)
    assert source.estimate.n == len(films.films)
    assert age.outcome is view.outcome is Outcome.CANNOT_TELL
    (table,) = section.tables
    assert len(table.rows) == len(ATTRIBUTES) * 4
    told = {(row[0], row[1]): row for row in table.rows}
    figure = told["source", "COVID-19"][4]
    assert isinstance(figure, Estimate)
    assert figure.value == pytest.approx(1.0)
    assert told["source", "COVID-19"][5] == 0.5


def test_the_label_alone_does_not_make_a_source_told(looked: Looked, lab: SimpleNamespace) -> None:
    films, _ = looked("lungs")
    by_label = AuditFilms(
        manifest=films.manifest, films=films.films, lungs=films.lungs, logits=films.logits,
        # the embedding holds the finding, and noise in the place of the stripe
        embeddings=np.column_stack(
            [films.embeddings[:, :2], np.random.default_rng(0).normal(size=len(films.films))]
        ).astype(np.float32),
        tones=films.tones, temperature=films.temperature,
    )  # fmt: skip
    source = audit_embedding(by_label, lab.options, no_progress).verdicts[0]
    assert source.outcome is not Outcome.FAILS
    assert abs(source.estimate.value or 0.0) < 0.4
