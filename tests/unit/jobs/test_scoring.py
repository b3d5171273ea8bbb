"""Films are scored as serving would, and what cannot be read is named."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.decode import decode
from thoracle.imaging.faults import SyntheticFilmError
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.synthetic import PNG_KEY, PNG_VALUE
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.scoring import (
    ScoredFilms,
    evaluation_input,
    reference_index,
    score_films,
    unreadable_note,
)
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier


@pytest.fixture
def models(bundles: Path) -> tuple[LungFinder, Classifier]:
    return LungFinder(open_bundle("lungs")), Classifier(open_bundle("radiograph"))


def test_scores_are_those_of_serving(
    models: tuple[LungFinder, Classifier], collection: Manifest
) -> None:
    lungs, classifier = models
    scored = score_films(
        collection, collection.films[:3], lungs=lungs, classifier=classifier, with_maps=True
    )
    content = collection.resolve(collection.films[1]).read_bytes()
    pixels = decode(content, limits=DecodeLimits.from_settings()).pixels
    expected = classifier.score(pixels, lungs.locate(pixels).box, with_maps=True)
    assert np.array_equal(scored.logits[1], expected.logits)
    assert np.array_equal(scored.embeddings[1], expected.embedding)
    for name, peaks in scored.map_peaks.items():
        assert peaks[1] == pytest.approx(float(expected.maps[name].max()))


def test_unreadable_and_missing_files_are_named(
    models: tuple[LungFinder, Classifier], collection: Manifest
) -> None:
    lungs, classifier = models
    (collection.root / "f00.png").write_bytes(b"broken")
    films = [collection.films[0], Film(path="gone.png", source="here"), collection.films[1]]
    scored = score_films(collection, films, lungs=lungs, classifier=classifier, with_maps=False)
    assert scored.unreadable == ("f00.png", "gone.png")
    assert [film.path for film in scored.films] == ["f01.png"]
    assert scored.map_peaks == {}


def test_a_synthetic_film_is_never_scored(
    models: tuple[LungFinder, Classifier], collection: Manifest
) -> None:
    lungs, classifier = models
    mark = PngInfo()
    mark.add_text(PNG_KEY, PNG_VALUE)
    with Image.open(collection.root / "f00.png") as film:
        film.save(collection.root / "f00.png", pnginfo=mark)
    with pytest.raises(SyntheticFilmError, match=r"f00\.png"):
        score_films(
            collection, collection.films, lungs=lungs, classifier=classifier, with_maps=False
        )


def test_a_patient_who_is_unknown_counts_alone_and_age_as_unknown(
    models: tuple[LungFinder, Classifier], collection: Manifest
) -> None:
    lungs, classifier = models
    films = [collection.films[0], Film(path="f01.png", source="x")]
    scored = score_films(collection, films, lungs=lungs, classifier=classifier, with_maps=False)
    inputs = evaluation_input(scored, classifier)
    assert inputs.patient == ("p0", "f01.png")
    assert inputs.age_years is not None
    assert np.isnan(inputs.age_years[1])
    assert inputs.reference.tolist() == [0, -1]
    assert inputs.thresholds is not None
    assert np.allclose(inputs.probabilities.sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("label", "index"),
    [("normal", 0), ("viral", 1), ("covid-19", 2), ("", -1), ("viral|covid-19", -1)],
)
def test_reference_is_unknown_where_the_label_does_not_decide(label: str, index: int) -> None:
    assert reference_index(Film(path="a", source="x", label=label)) == index


@pytest.mark.parametrize(
    ("unreadable", "names", "text"),
    [
        (("a",), 0, "1 film could not be read and is left out."),
        (("a", "b", "c"), 0, "3 films could not be read and are left out."),
        (("a", "b", "c"), 3, "3 films could not be read and are left out: a, b, c."),
        (("a", "b", "c"), 2, "3 films could not be read and are left out: a, b and 1 more."),
    ],
)
def test_films_that_could_not_be_read_are_counted_in_a_sentence(
    unreadable: tuple[str, ...], names: int, text: str
) -> None:
    nothing = np.zeros((0, 3), np.float32)
    scored = ScoredFilms(
        films=(), logits=nothing, embeddings=nothing, map_peaks={}, unreadable=unreadable
    )
    note = unreadable_note(scored.unreadable, names=names)
    assert note is not None
    assert note.text == text


def test_nothing_is_said_where_every_film_was_read() -> None:
    nothing = np.zeros((0, 3), np.float32)
    scored = ScoredFilms(films=(), logits=nothing, embeddings=nothing, map_peaks={})
    assert unreadable_note(scored.unreadable) is None
