"""Dice is that of the found lungs with the reference, by source."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.arrays import FloatArray
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluate_lungs import evaluate_lungs
from thoracle.jobs.evaluation_scope import EvaluationScope


@pytest.fixture
def masked(collection: Manifest, draw: Callable[..., FloatArray]) -> Manifest:
    """The films' dark half as reference for source here, its upper part only for source there."""
    dark = draw() < 0.5
    part = dark.copy()
    part[192:] = False
    for name, mask in (("here.png", dark), ("there.png", part)):
        Image.fromarray((mask * 255).astype(np.uint8)).save(collection.root / name)
    films = [replace(film, mask_path=f"{film.source}.png") for film in collection.films]
    return collection.select([*films[:-1], replace(films[-1], mask_path=None)])


def test_dice_is_one_where_masks_agree_and_two_thirds_for_half(
    bundles: Path, masked: Manifest
) -> None:
    bundle = open_bundle(str(bundles / "lungs"))
    report = evaluate_lungs(bundle, EvaluationScope(name="x", manifest=masked))
    groups = json.loads(report.json)["groups"]
    assert groups["here"]["mean_dice"]["value"] == pytest.approx(1.0, abs=0.02)
    assert groups["there"]["mean_dice"]["value"] == pytest.approx(2 / 3, abs=0.02)
    assert groups["all"]["mean_dice"]["n"] == 59
    assert "| here | 29 |" in report.markdown
    assert report.html is not None
    assert '<th scope="row">here</th><td>29</td>' in report.html


@pytest.mark.parametrize("part", ["film", "mask"])
def test_a_film_or_mask_that_cannot_be_read_is_left_out_and_named(
    bundles: Path, masked: Manifest, part: str
) -> None:
    film = masked.films[1]
    if part == "film":
        masked.resolve(film).write_bytes(b"no picture")
    else:
        (masked.root / "broken.png").write_bytes(b"no picture")
        films = list(masked.films)
        films[1] = replace(film, mask_path="broken.png")
        masked = masked.select(films)
    bundle = open_bundle(str(bundles / "lungs"))
    content = json.loads(evaluate_lungs(bundle, EvaluationScope(name="x", manifest=masked)).json)
    assert content["groups"]["all"]["mean_dice"]["n"] == 58
    assert content["unreadable"] == ["f01.png"]
    assert content["cautions"][-1]["code"] == "unreadable-films"
