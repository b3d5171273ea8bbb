"""Changed films: what each change is judged by, and what the table says of it."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.progress import no_progress
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.jobs.audit.changes import audit_changes, changes_for, source_tones
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.models import AuditModels

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]


def test_every_source_of_ten_films_gives_a_tone(looked: Looked) -> None:
    films, _ = looked("lungs")
    tones = source_tones(films)
    assert set(tones) == {"plain", "striped"}
    striped = np.array([film.source == "striped" for film in films.films])
    np.testing.assert_allclose(tones["striped"], films.tones[striped].mean(axis=0))
    few = films.select(np.flatnonzero(striped)[:9])
    assert source_tones(few) == {}


def test_changes_have_a_test_and_only_hidden_lungs_keep_their_box(looked: Looked) -> None:
    changes = changes_for(looked("lungs")[0])
    assert [one.name for one in changes] == [
        "lungs_blackened", "border_only", "lungs_blurred", "lungs_only", "letter", "line",
        "tone:plain", "tone:striped", "softened", "sharpened", "squeezed",
    ]  # fmt: skip
    assert [one.name for one in changes if one.keeps_box] == [
        "lungs_blackened", "border_only", "lungs_blurred", "lungs_only",
    ]  # fmt: skip
    assert {one.test for one in changes} == {"without_lungs", "blurred_lungs", "change", "marker"}


def test_each_change_does_what_its_name_says(looked: Looked) -> None:
    films, _ = looked("beside")
    pixels = np.random.default_rng(0).uniform(0.2, 0.8, (140, 140)).astype(np.float32)
    mask = np.zeros((140, 140), bool)
    mask[40:90, 30:60] = True
    done = {one.name: one.apply(pixels, mask, films.lungs[0]) for one in changes_for(films)}
    assert not done["lungs_blackened"][mask].any()
    assert not done["lungs_only"][~mask].any()
    assert done["lungs_blurred"][mask].std() < 0.1 * pixels[mask].std()
    np.testing.assert_array_equal(done["lungs_blurred"][~mask], pixels[~mask])
    assert done["line"].mean() > done["letter"].mean() > pixels.mean()
    assert done["squeezed"].shape == (224, 224)
    assert done["softened"].std() < pixels.std() < done["sharpened"].std()
    assert np.abs(done["tone:plain"] - done["tone:striped"]).max() > 0.05


def test_a_classifier_of_lungs_loses_all_and_one_of_the_border_nothing(
    looked: Looked, lab: SimpleNamespace
) -> None:
    for place, kept, outcome in (("lungs", 0.0, Outcome.PASSES), ("beside", 1.0, Outcome.FAILS)):
        films, models = looked(place)
        section = audit_changes(
            films.sample(12, seed=0), models.classifier, models.lungs, lab.options, no_progress
        )
        table, by_pair = section.tables
        rows = {row[0]: row for row in table.rows}
        assert next(iter(rows)) == "untouched"
        for name in ("lungs_blackened", "border_only"):
            figure = rows[name][3]
            assert isinstance(figure, Estimate)
            assert figure.value == pytest.approx(kept, abs=0.05)
        verdicts = {one.subject: one.outcome for one in section.verdicts}
        assert verdicts["lungs_blackened"] is verdicts["border_only"] is outcome
        assert len(verdicts) == len(rows) - 1
        assert len(by_pair.rows) == 3 * len(rows)
