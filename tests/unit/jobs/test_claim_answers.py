"""Answers on data, model and training follow from recipe and description."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thoracle.inference.bundle import open_bundle
from thoracle.jobs.claim_answers import METHOD_ANSWERS, Held

RECIPE: dict[str, Any] = {
    "seed": 4,
    "network": {"backbone": "densenet121"},
    "stages": [
        {"name": "a", "epochs": 2, "learning_rate": 1e-3, "sources": ["x"], "average": 0.9},
        {"name": "b", "epochs": 1, "learning_rate": 1e-4, "batch": 8, "patience": 3},
    ],
    "augment": {"flip": 0.5, "occlude_top": 0.1},
}


@pytest.fixture
def held(bundles: Path) -> Held:
    bundle = open_bundle("radiograph")
    training = {"split_sha256": "a" * 64, "manifest_digest": "b" * 64, "films_in_manifest": "9"}
    return Held(
        bundle=replace(bundle, training=training),
        table={"files": {"network.onnx": "n"}},
        recipe=RECIPE,
        metrics={},
    )


def said(held: Held, number: int) -> str:
    answer = METHOD_ANSWERS[number](held)
    return "" if answer is None else answer.text


def test_the_recipe_is_told(held: Held) -> None:
    assert "densenet121" in said(held, 1)
    assert said(held, 7) == "Collections x; 9 films in the manifest."
    assert said(held, 8) == "Films by stage: a: all ages, x; b: all ages, all sources."
    assert "a: 2 epochs, learning rate 0.001, batch 16; b: 1 epochs" in said(held, 25)
    assert said(held, 25).endswith("Varied: flip, occlude top.")
    assert "stopped after 3 epochs without gain" in said(held, 26)
    assert "a" * 12 in said(held, 19)


def test_how_the_recipe_was_chosen_is_never_claimed(held: Held) -> None:
    """A bundle does not know which other recipes were tried, and on which films."""
    answer = METHOD_ANSWERS[26](held)
    assert answer is not None
    assert not answer.is_whole
    assert answer.text.endswith("Nothing says how the recipe was chosen.")


@pytest.mark.parametrize(
    ("network", "training", "expected"),
    [
        ({}, {}, "At random with seed 4"),
        ({"pretrained": True}, {}, "pretrained weights that the recipe names"),
        ({}, {"retrained_from": "c" * 64}, f"the bundle {'c' * 12}"),
    ],
)
def test_where_weights_began_is_told(
    held: Held, network: dict[str, Any], training: dict[str, str], expected: str
) -> None:
    changed = replace(
        held,
        recipe=RECIPE | {"network": RECIPE["network"] | network},
        bundle=replace(held.bundle, training=training),
    )
    assert expected in said(changed, 24)


def test_without_a_recipe_nothing_is_said_of_training(held: Held) -> None:
    bare = replace(held, recipe={}, bundle=replace(held.bundle, training={}))
    assert {number for number in METHOD_ANSWERS if said(bare, number)} == {3, 6, 9, 27}


def test_films_of_readers_are_told(held: Held) -> None:
    assert said(held, 14) == ""
    retrained = replace(held, bundle=replace(held.bundle, training={"films_of_readers": "31"}))
    assert said(retrained, 14).startswith("31 films by what more than half")
