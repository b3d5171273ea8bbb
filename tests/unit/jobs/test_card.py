"""Figures join the bundle, and the card repeats them, word for word."""

import json
from pathlib import Path

import pytest

from thoracle.core.results import DISCLAIMER
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.card import attach
from thoracle.jobs.evaluation_scope import Report


def report(name: str, text: str) -> Report:
    return Report(name=name, json=b'{"value": 1}', markdown=text)


@pytest.mark.parametrize("task", ["gate", "lungs", "radiograph"])
def test_a_card_says_what_the_bundle_is_and_what_it_cannot_do(bundles: Path, task: str) -> None:
    card = attach(task, [report("Here", "| a | 1 |")]).read_text(encoding="utf-8")
    assert DISCLAIMER in card
    assert "## What it cannot do" in card
    assert "## Here\n\n| a | 1 |" in card
    open_bundle(task)


def test_evaluations_of_other_names_are_kept_and_of_the_same_replaced(bundles: Path) -> None:
    attach("radiograph", [report("One", "stale"), report("Two", "two")])
    card = attach("radiograph", [report("One", "fresh")]).read_text(encoding="utf-8")
    assert "stale" not in card
    assert "fresh" in card
    assert "two" in card
    kept = json.loads((bundles / "radiograph" / "metrics.json").read_bytes())
    files = read_description(bundles / "radiograph")["files"]
    assert kept["evaluations"]["Two"]["network_digest"] == files["network.onnx"]


def test_a_card_says_when_another_bundle_was_judged(bundles: Path) -> None:
    judged = {name: open_bundle(name) for name in ("gate", "radiograph")}
    attach("radiograph", [report("Own", "| 1 |")], judged=judged["radiograph"])
    path = attach("radiograph", [report("Other", "| 2 |")], judged=judged["gate"])
    card = path.read_text(encoding="utf-8")
    other = judged["gate"]
    assert f"Judged here: {other.name} {other.version}, not this bundle.\n\n| 2 |" in card
    assert "## Own\n\n| 1 |" in card


def test_the_difference_from_torch_is_told_where_it_was_measured(bundles: Path) -> None:
    table = read_description(bundles / "lungs")
    table.pop("files")
    write_description(bundles / "lungs", table | {"parity": {"logit_difference": 2e-6}})
    card = attach("lungs", [report("Here", "x")]).read_text(encoding="utf-8")
    assert "| Largest difference from torch on real films | 2.0e-06 in a logit |" in card
