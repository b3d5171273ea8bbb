"""The classifier around a network of two features."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.landscape import AGE_UNKNOWN, LANDSCAPE, Landscape, save_landscape
from thoracle.inference.reference import (
    REFERENCE,
    EmbeddingReference,
    fit_reference,
    save_reference,
)
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.preprocess import classifier_input

BOX = (10, -5, 200, 220)


@pytest.fixture(scope="module")
def classifier(shared_bundles: Path) -> Classifier:
    return Classifier(open_bundle(str(shared_bundles / "radiograph")))


@pytest.fixture
def pixels() -> FloatArray:
    return np.random.default_rng(2).uniform(0, 1, (240, 230)).astype(np.float32)


def test_the_scores_are_the_networks_own(
    classifier: Classifier, pixels: FloatArray, tiny: SimpleNamespace
) -> None:
    seen = 2 * classifier_input(pixels, BOX, size=32) - 1
    expected = tiny.answers["classifier"](seen[None, None])
    scores = classifier.score(pixels, BOX, with_maps=True)
    np.testing.assert_allclose(scores.logits, expected["logits"][0], atol=1e-5)
    np.testing.assert_allclose(scores.embedding, expected["embedding"][0], atol=1e-5)
    assert scores.maps.keys() == expected.keys() - {"logits", "embedding"}
    for name, values in scores.maps.items():
        np.testing.assert_allclose(values, expected[name][0], atol=1e-5)


def test_the_mean_of_the_last_layers_map_plus_the_bias_is_the_logit(
    classifier: Classifier, pixels: FloatArray, tiny: SimpleNamespace
) -> None:
    scores = classifier.score(pixels, BOX, with_maps=True)
    means = scores.maps["last/gradcam"].mean(axis=(1, 2))
    np.testing.assert_allclose(means + tiny.bias, scores.logits, atol=1e-5)


def test_without_maps_the_numbers_are_the_same(classifier: Classifier, pixels: FloatArray) -> None:
    plain = classifier.score(pixels, BOX, with_maps=False)
    assert plain.maps == {}
    np.testing.assert_array_equal(
        plain.logits, classifier.score(pixels, BOX, with_maps=True).logits
    )


def test_a_batch_of_inputs_gives_each_film_its_own_numbers(
    classifier: Classifier, pixels: FloatArray
) -> None:
    boxes = (BOX, (0, 0, 120, 200))
    seen = np.stack([classifier.input_of(pixels, box) for box in boxes])
    found = classifier.run(seen)
    assert set(found) == {"logits", "embedding"}
    for place, box in enumerate(boxes):
        one = classifier.score(pixels, box, with_maps=False)
        np.testing.assert_allclose(found["logits"][place], one.logits, atol=1e-5)
    assert classifier.map_names == (
        "last/gradcam", "last/gradcam++", "early/gradcam", "early/gradcam++",
    )  # fmt: skip


def test_findings_carry_logit_probability_threshold_and_decision(classifier: Classifier) -> None:
    logits = np.array([0.0, 2.0, 1.0], np.float32)  # the bundle's temperature is 2
    powers = np.exp(np.array([0.0, 1.0, 0.5]))
    findings = classifier.findings(logits)
    assert [one.label for one in findings] == ["No finding", "Other lung opacity", "COVID-19"]
    assert [one.logit for one in findings] == [0.0, 2.0, 1.0]
    assert [one.probability for one in findings] == pytest.approx(list(powers / powers.sum()))
    assert [one.threshold for one in findings] == [0.5, 0.4, 0.3]
    assert [one.is_positive for one in findings] == [False, True, True]


def test_a_probability_at_the_threshold_is_positive(bundles: Path, tiny: SimpleNamespace) -> None:
    folder = bundles / "radiograph"
    table = read_description(folder)
    table["labels"] = [{"name": one["name"], "threshold": 1 / 3} for one in table["labels"]]
    write_description(folder, table)
    findings = Classifier(open_bundle("radiograph")).findings(np.zeros(3, np.float32))
    assert all(one.is_positive for one in findings)


def test_an_uncalibrated_bundle_has_thresholds_of_one_half(bundles: Path) -> None:
    folder = bundles / "radiograph"
    table = read_description(folder)
    table["labels"] = [{"name": one["name"]} for one in table["labels"]]
    write_description(folder, table)
    findings = Classifier(open_bundle("radiograph")).findings(np.array([3, 0, 0], np.float32))
    assert [one.threshold for one in findings] == [0.5, 0.5, 0.5]
    assert [one.is_positive for one in findings] == [True, False, False]


def test_the_reference_of_the_bundle_is_read_where_there_is_one(
    bundles: Path, classifier: Classifier
) -> None:
    assert classifier.reference is None
    cloud = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    folder = bundles / "radiograph"
    save_reference(fit_reference(cloud, cloud, components=2), folder / REFERENCE)
    write_description(folder, read_description(folder))
    reference = Classifier(open_bundle("radiograph")).reference
    assert reference is not None
    assert reference.distances.shape == (101,)


def test_a_film_the_network_learned_from_is_known_again(
    bundles: Path, classifier: Classifier
) -> None:
    mean = np.full(2, 3, np.float32)
    assert not classifier.is_training_film(mean)
    folder = bundles / "radiograph"
    reference = EmbeddingReference(
        mean=mean, whitening=np.eye(2, dtype=np.float32), distances=np.zeros(101, np.float32)
    )
    save_reference(reference, folder / REFERENCE)
    save_landscape(
        Landscape(
            points=np.array([[0, 0], [4, 4]], np.float32),
            spread_out=np.zeros((2, 3), np.float32),
            finding=np.zeros(2, np.uint8),
            source=np.zeros(2, np.uint8),
            age=np.full(2, AGE_UNKNOWN, np.uint8),
            is_missed=np.zeros(2, bool),
            findings=("No finding",),
            sources=("nih",),
        ),
        folder / LANDSCAPE,
    )
    write_description(folder, read_description(folder))
    knowing = Classifier(open_bundle("radiograph"))
    assert knowing.is_training_film(mean)
    assert knowing.is_training_film(mean + np.float32(4.2))
    assert not knowing.is_training_film(mean + np.float32(2))


@pytest.mark.parametrize("scale", [{}, {"last/gradcam": 0.0}])
def test_maps_without_a_common_scale_are_refused(bundles: Path, scale: dict[str, float]) -> None:
    folder = bundles / "radiograph"
    write_description(folder, read_description(folder) | {"map_scale": scale})
    with pytest.raises(BundleError, match="no map_scale above 0 for last/gradcam") as caught:
        Classifier(open_bundle("radiograph"))
    assert caught.value.code == "bundle-map-scale"


@pytest.mark.parametrize(
    ("name", "opened"), [("radiograph", Classifier), ("lungs", LungFinder), ("gate", Gate)]
)
def test_a_network_trained_on_another_form_of_film_is_refused(
    bundles: Path, name: str, opened: Callable[[Bundle], object]
) -> None:
    table = read_description(bundles / name)
    table["input"]["resize"] = "as it was once"
    write_description(bundles / name, table)
    with pytest.raises(BundleError, match="trained on 'as it was once'"):
        opened(open_bundle(name))


def test_a_bundle_of_another_task_is_refused(
    shared_bundles: Path, draw: Callable[..., FloatArray]
) -> None:
    with pytest.raises(BundleError, match="expected task 'classifier'"):
        Classifier(open_bundle(str(shared_bundles / "gate")))
