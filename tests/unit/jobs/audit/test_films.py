"""The films of an audit: which ones, what they gave untouched, and reading them again."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.audit.films import AuditFilms, judged, known_films, look_at
from thoracle.jobs.audit.models import AuditModels, open_models
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.scoring import score_films

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]


def test_only_films_of_known_finding_are_taken_and_at_most_so_many_of_each() -> None:
    films = [
        Film(path=f"{number}.png", source="s", label=("normal", "covid-19", "")[number % 3])
        for number in range(30)
    ]
    everyone = known_films(films, None, seed=0)
    few = known_films(films, 4, seed=0)
    assert [film.label for film in everyone] == ["normal", "covid-19"] * 10
    assert sorted(film.label for film in few) == ["covid-19"] * 4 + ["normal"] * 4
    assert few == known_films(films, 4, seed=0)
    assert few != known_films(films, 4, seed=1)
    assert [films.index(film) for film in few] == sorted(films.index(film) for film in few)
    assert known_films([], 4, seed=0) == []


def test_untouched_films_are_judged_as_by_an_evaluation(
    bundles: object, collection: Manifest
) -> None:
    models = open_models(open_bundle("radiograph"))
    found = look_at(collection, collection.films, lungs=models.lungs, classifier=models.classifier)
    expected = score_films(
        collection, collection.films, lungs=models.lungs, classifier=models.classifier,
        with_maps=False,
    )  # fmt: skip
    np.testing.assert_array_equal(found.logits, expected.logits)
    np.testing.assert_array_equal(found.embeddings, expected.embeddings)
    assert found.reference.tolist() == [number % 3 for number in range(60)]
    assert found.patient[:3] == ("p0", "p0", "p1")
    assert found.unreadable == 0


def test_unreadable_films_are_counted_and_left_out(bundles: object, collection: Manifest) -> None:
    (collection.root / "f03.png").write_bytes(b"broken")
    models = open_models(open_bundle("radiograph"))
    found = look_at(collection, collection.films, lungs=models.lungs, classifier=models.classifier)
    assert found.unreadable == 1
    assert len(found.films) == len(found.lungs) == len(found.logits) == 59


def test_some_films_keep_what_they_gave(looked: Looked) -> None:
    films, _ = looked("lungs")
    chosen = films.select(films.reference == 2)
    assert set(chosen.reference) == {2}
    np.testing.assert_array_equal(chosen.logits, films.logits[films.reference == 2])
    few = films.sample(5, seed=0)
    assert np.bincount(few.reference).tolist() == [5, 5, 5]
    one = films.films.index(few.films[0])
    np.testing.assert_array_equal(few.tones[0], films.tones[one])
    assert few.lungs[0] is films.lungs[one]


def test_probabilities_use_the_temperature_on_any_shape(looked: Looked) -> None:
    films, _ = looked("lungs")
    assert films.temperature == 2.0
    logits = np.array([[[0.0, 2.0, 4.0]]], np.float32)
    powers = np.exp([0.0, 1.0, 2.0])
    assert films.probabilities(logits)[0, 0] == pytest.approx(powers / powers.sum())
    answers = films.answers(AuditOptions(resamples=7))
    assert answers.resamples.resamples == 7
    assert answers.resamples.patients == 63


def test_films_are_read_again_one_by_one(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    told: list[tuple[str, int, int]] = []
    places = []
    for place, pixels in films.select([3, 8]).pixels("change", lambda *step: told.append(step)):
        places.append(place)
        own = films.lungs[(3, 8)[place]]
        logits = judged(
            models.classifier, [models.classifier.input_of(pixels, own.box)] * 5, batch=2
        )
        assert logits.shape == (5, 3)
        np.testing.assert_allclose(logits[4], films.logits[(3, 8)[place]], atol=1e-5)
    assert places == [0, 1]
    assert told == [("change", 1, 2), ("change", 2, 2)]
