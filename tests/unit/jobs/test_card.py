"""Figures join the bundle, and the card repeats them, word for word."""

import json
from pathlib import Path

import pytest

from thoracle.core.results import DISCLAIMER
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.card import attach, attach_audit, audit_of, recalibrated_card
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


def test_the_digest_is_that_of_the_network_that_was_judged(bundles: Path) -> None:
    attach("radiograph", [report("Other", "x")], judged=open_bundle("gate"))
    kept = json.loads((bundles / "radiograph" / "metrics.json").read_bytes())["evaluations"]
    judged = read_description(bundles / "gate")["files"]["network.onnx"]
    assert kept["Other"]["network_digest"] == judged
    assert judged != read_description(bundles / "radiograph")["files"]["network.onnx"]


def test_names_of_films_stay_out_of_the_bundle(bundles: Path) -> None:
    content = {"value": 1, "misclassified": [{"film": "Doe.png"}], "unreadable": ["Roe.png"]}
    attach("radiograph", [Report(name="Here", json=json.dumps(content).encode(), markdown="x")])
    metrics = (bundles / "radiograph" / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(metrics)["evaluations"]["Here"]["figures"] == {"value": 1}
    assert "Doe" not in metrics
    assert "Roe" not in metrics


def test_the_card_counts_films_of_the_manifest_and_names_license_and_digests(
    bundles: Path,
) -> None:
    table = read_description(bundles / "radiograph")
    table["training"] = {"films_in_manifest": "8723", "split_sha256": "ab"}
    write_description(bundles / "radiograph", table)
    card = attach("radiograph", [report("Here", "x")]).read_text(encoding="utf-8")
    assert "| Films in the manifest | 8723 |" in card
    assert "| Split SHA-256 | ab |" in card
    assert "| License of the weights |" in card
    assert "icence" not in card
    older = attach("gate", [report("Here", "x")]).read_text(encoding="utf-8")
    assert "| Films in the manifest | 7 |" in older


def calibrated(folder: Path, *names: str) -> None:
    table = read_description(folder)
    table["calibrations"] = [
        {
            "name": name,
            "films": 60,
            "manifest_digest": "d",
            "temperature": 1.5,
            "thresholds": {"COVID-19": 0.25},
            "notes": ["few films"],
        }
        for name in names
    ]
    write_description(folder, table)


def test_figures_of_a_former_calibration_are_marked_and_new_ones_are_not(bundles: Path) -> None:
    folder = bundles / "radiograph"
    calibrated(folder, "shipped")
    card = attach("radiograph", [report("Old", "| old |")]).read_text(encoding="utf-8")
    assert "Measured with" not in card
    calibrated(folder, "shipped", "north | east")
    card = recalibrated_card(folder, former="shipped").read_text(encoding="utf-8")
    mark = "## Old\n\nMeasured with calibration shipped, not with north | east, which is in force:"
    assert mark in card
    assert "In force: north \\| east, the last." in card
    assert "| shipped | 60 | 1.500 | COVID-19 0.250 | few films |" in card
    card = attach("radiograph", [report("New", "| new |")]).read_text(encoding="utf-8")
    assert "## New\n\n| new |" in card
    assert mark in card
    open_bundle("radiograph")


def test_figures_without_a_note_of_their_calibration_are_of_the_former_one(bundles: Path) -> None:
    folder = bundles / "radiograph"
    attach("radiograph", [report("Old", "| old |")])
    metrics = json.loads((folder / "metrics.json").read_bytes())
    metrics["evaluations"]["Old"].pop("calibration")
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    calibrated(folder, "north")
    card = recalibrated_card(folder, former="").read_text(encoding="utf-8")
    assert "Measured before any calibration, not with north, which is in force:" in card


AUDIT = {
    "scope": "12 films of 9 patients; 95 % intervals by patient. Scope: all films.",
    "provenance": {"seed": "0"},
    "cautions": [{"code": "c", "text": "A caution."}],
    "sections": ["left out of the card"],
    "verdicts": [
        {
            "test": "without_lungs", "subject": "border_only", "outcome": "fails", "value": 0.8,
            "low": 0.6, "high": 0.9, "n": 12, "limit": 0.5, "is_ceiling": True, "reason": None,
        }
    ],
}  # fmt: skip


def test_verdicts_of_the_laboratory_stand_on_the_card_and_stay_there(bundles: Path) -> None:
    folder = bundles / "radiograph"
    assert audit_of(folder) is None
    card = attach_audit("radiograph", json.dumps(AUDIT).encode()).read_text("utf-8")
    section = card.split("## Shortcut laboratory\n")[1]
    assert "0 tests pass, 1 fail, 0 cannot tell." in section
    assert "| 0.80 (0.60 – 0.90), n 12 | at most 0.50 | fails |" in section
    assert "- A caution." in section
    again = attach("radiograph", [report("Here", "x")]).read_text("utf-8")
    assert section.strip() in again
    assert "## Here" in again
    kept = audit_of(folder)
    assert kept is not None
    assert kept["verdicts"] == AUDIT["verdicts"]
    assert "sections" not in kept
    assert kept["network_digest"] == read_description(folder)["files"]["network.onnx"]
    open_bundle("radiograph")


def test_a_newer_audit_replaces_the_older_and_figures_stay(bundles: Path) -> None:
    attach("radiograph", [report("Here", "x")])
    attach_audit("radiograph", json.dumps(AUDIT).encode())
    newer = json.dumps(AUDIT | {"verdicts": []}).encode()
    card = attach_audit("radiograph", newer).read_text("utf-8")
    assert "0 tests pass, 0 fail, 0 cannot tell." in card
    assert card.count("## Shortcut laboratory") == 1
    assert "## Here\n\nx" in card


def test_an_audit_from_before_a_calibration_says_so(bundles: Path) -> None:
    attach_audit("radiograph", json.dumps(AUDIT).encode())
    folder = bundles / "radiograph"
    table = read_description(folder)
    table.pop("files")
    new = {"name": "north", "films": 9, "temperature": 1.5, "thresholds": {}, "notes": []}
    write_description(folder, table | {"calibrations": [new]})
    card = recalibrated_card(folder, former="").read_text("utf-8")
    assert "Measured before any calibration" in card.split("## Shortcut laboratory")[1]
