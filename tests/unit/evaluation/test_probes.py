"""Probes: what is in an embedding is found, what is not stays at chance, patients stay together."""

import sys

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import MissingExtraError
from thoracle.evaluation.probes import Probe, mean_skill, probe, require_probes

FILMS, CHANNELS = 160, 100
PATIENTS = [f"p{film // 2}" for film in range(FILMS)]


def attribute(values: int = 2) -> list[str | None]:
    return [f"v{film // 2 % values}" for film in range(FILMS)]


def embeddings(strength: float, values: int = 2, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(FILMS, CHANNELS))
    found[:, :values] += strength * np.eye(values)[np.arange(FILMS) // 2 % values]
    return found.astype(np.float32)


def told(strength: float, values: int = 2, shuffles: int = 10) -> Probe:
    rng = np.random.default_rng(1)
    return probe(
        embeddings(strength, values), attribute(values), PATIENTS, generator=rng, shuffles=shuffles
    )


@pytest.mark.parametrize("values", [2, 4])
def test_an_attribute_that_stands_in_the_embedding_is_told(values: int) -> None:
    found = told(12.0, values)
    assert found.values == tuple(f"v{one}" for one in range(values))
    assert found.films == FILMS
    assert found.balanced_accuracy.value is not None
    assert found.balanced_accuracy.value > 0.97
    assert found.skill.low is not None
    assert found.skill.low > 0.9
    assert found.auroc.value is not None
    assert found.auroc.value > 0.98
    assert max(found.shuffled) < 0.5


@pytest.mark.parametrize("values", [2, 4])
def test_an_attribute_that_does_not_stand_there_stays_at_chance(values: int) -> None:
    found = told(0.0, values)
    assert found.skill.value is not None
    assert abs(found.skill.value) < 0.2
    assert found.auroc.value is not None
    assert abs(found.auroc.value - 0.5) < 0.12
    assert found.balanced_accuracy.value == pytest.approx(
        1 / values + found.skill.value * (1 - 1 / values)
    )


def test_a_patient_s_own_look_does_not_help() -> None:
    rng = np.random.default_rng(2)
    own = rng.normal(size=(FILMS // 2, CHANNELS)).repeat(2, axis=0) * 10
    found = probe(own.astype(np.float32), attribute(), PATIENTS, generator=rng, shuffles=2)
    assert found.skill.value is not None
    assert found.skill.value < 0.3  # films of a patient on both sides would tell every one


def test_rare_values_and_unknown_ones_are_left_out() -> None:
    named = attribute()
    named[:6] = ["rare"] * 4 + [None] * 2
    found = probe(embeddings(9.0), named, PATIENTS, generator=np.random.default_rng(0), shuffles=1)
    assert found.values == ("v0", "v1")
    assert found.films == FILMS - 6


def test_one_value_cannot_be_told_from_anything() -> None:
    found = probe(embeddings(1.0), ["same"] * FILMS, PATIENTS, generator=np.random.default_rng(0))
    assert found.skill.value is None
    assert found.skill.reason is not None
    assert found.skill.reason.code == "probe-one-value"
    assert mean_skill([found])[0].reason == found.skill.reason


def test_skills_of_findings_are_joined_by_their_films() -> None:
    one, other = told(12.0, shuffles=4), told(0.0, shuffles=4)
    joined, highest = mean_skill([one, other])
    assert joined.value == pytest.approx(((one.skill.value or 0) + (other.skill.value or 0)) / 2)
    assert joined.n == 2 * FILMS
    expected = np.mean([one.shuffled, other.shuffled], axis=0).max()
    assert highest == pytest.approx(expected)
    alone, _ = mean_skill([one])
    assert (alone.low, alone.high) == pytest.approx((one.skill.low, one.skill.high))


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match="research"):
        require_probes()
