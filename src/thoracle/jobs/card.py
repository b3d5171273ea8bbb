"""Attach evaluations to a bundle and write its model card; no number is typed by hand."""

import json
from pathlib import Path
from typing import Any

from thoracle.core.files import write_atomically
from thoracle.core.results import DISCLAIMER
from thoracle.inference.bundle import NETWORK, Bundle, find_bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.calibrations import name_in_force
from thoracle.jobs.evaluation_scope import Report

METRICS = "metrics.json"
CARD = "MODEL_CARD.md"
FILM_LISTS = ("misclassified", "unreadable")
"""Parts of an evaluation that name films: they stay with the films, a bundle is passed on."""


def attach(bundle: str, reports: list[Report], *, judged: Bundle | None = None) -> Path:
    """Add evaluations to a bundle's metrics.json and rewrite its model card.

    Parameters
    ----------
    bundle
        Name or folder.
    reports
        An evaluation of the same name is replaced.
    judged
        The bundle that was judged where it is another one, for instance one that the same recipe
        made without a hospital's films; the card says so.

    Returns
    -------
    Path
        The model card.
    """
    opened = open_bundle(bundle)
    folder = find_bundle(bundle)
    other = ""
    if judged is not None and judged.digest != opened.digest:
        other = f"Judged here: {judged.name} {judged.version}, not this bundle.\n\n"
    described = read_description((opened if judged is None else judged).folder)
    kept = _evaluations(folder)
    for report in reports:
        figures = json.loads(report.json)
        kept[report.name] = {
            "markdown": other + report.markdown,
            "figures": {key: one for key, one in figures.items() if key not in FILM_LISTS},
            "network_digest": described["files"][NETWORK],
            "calibration": name_in_force(described),
        }
    return _write_card(folder, kept)


def recalibrated_card(folder: Path, *, former: str) -> Path:
    """Write the card of a bundle that has a new calibration; its older figures are marked.

    Parameters
    ----------
    folder
        A bundle whose description is up to date.
    former
        Name of the calibration that was in force before, "" for none.

    Returns
    -------
    Path
        The model card.
    """
    kept = {name: {"calibration": former, **one} for name, one in _evaluations(folder).items()}
    return _write_card(folder, kept)


def _evaluations(folder: Path) -> dict[str, Any]:
    path = folder / METRICS
    return dict(json.loads(path.read_bytes())["evaluations"]) if path.is_file() else {}


def _write_card(folder: Path, evaluations: dict[str, Any]) -> Path:
    """Write metrics, card and fresh digests."""
    content = {"schema": 1, "evaluations": evaluations}
    text = json.dumps(content, ensure_ascii=False) + "\n"
    write_atomically(folder / METRICS, text.encode("utf-8"))
    table = read_description(folder)
    table.pop("files")
    write_description(folder, table)
    card = model_card(open_bundle(str(folder)), table, evaluations)
    write_atomically(folder / CARD, card.encode("utf-8"))
    write_description(folder, table)
    return folder / CARD


def model_card(bundle: Bundle, table: dict[str, Any], evaluations: dict[str, Any]) -> str:
    """Return the model card of a bundle as Markdown.

    Parameters
    ----------
    bundle
        The opened bundle.
    table
        Its description.
    evaluations
        From metrics.json.

    Returns
    -------
    str
        Ends with a newline.
    """
    parts = [
        f"# {bundle.name} {bundle.version}\n\n{bundle.intended_use}\n\n{DISCLAIMER}",
        _facts(bundle, table),
        *_calibrations(table),
        _limits(bundle),
        *(
            f"## {name}\n\n{_former(one, name_in_force(table))}{one['markdown'].strip()}"
            for name, one in sorted(evaluations.items())
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(bundle: Bundle, table: dict[str, Any]) -> str:
    rows = {
        "Task": bundle.task,
        "Made for": bundle.population,
        "License of the weights": bundle.license,
        "Input": f"{bundle.input_size}×{bundle.input_size} grey: {table['input']['resize']}",
        "Temperature": f"{bundle.temperature:.3f}",
        **{
            f"Threshold, {one.name}": f"{one.threshold:.3f} ({one.threshold_target})"
            for one in bundle.labels
            if one.threshold is not None
        },
        **{
            key.replace("_", " ").capitalize(): f"{value:.4g}"
            for key, value in bundle.numbers.items()
        },
        **{_words(key): value for key, value in bundle.training.items()},
    }
    if "parity" in table:
        difference = f"{table['parity']['logit_difference']:.1e} in a logit"
        rows["Largest difference from torch on real films"] = difference
    lines = [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join(["## What it is", "", "| | |", "|---|---|", *lines])


_NAMES = {
    "films": "Films in the manifest",
    "films_in_manifest": "Films in the manifest",
    "split_sha256": "Split SHA-256",
}


def _words(key: str) -> str:
    return _NAMES.get(key, key.replace("_", " ").capitalize())


def _former(evaluation: dict[str, Any], in_force: str) -> str:
    """Say where figures were measured before the calibration in force; "" where not."""
    own = evaluation.get("calibration", in_force)
    if own == in_force:
        return ""
    by = f"with calibration {own}" if own else "before any calibration"
    return (
        f"Measured {by}, not with {in_force}, which is in force: temperature and thresholds, and "
        "all that rests on them, are others here. Ranking (AUROC, average precision) changes "
        "little.\n\n"
    )


def _calibrations(table: dict[str, Any]) -> list[str]:
    """Return the section on the calibrations that a bundle keeps, none where it keeps none."""
    kept = table.get("calibrations", [])
    if not kept:
        return []
    lines = [
        f"| {_cell(one['name'])} | {one['films']} | {one['temperature']:.3f} | "
        f"{', '.join(f'{name} {value:.3f}' for name, value in one['thresholds'].items())} | "
        f"{_cell(' '.join(one['notes']))} |"
        for one in kept
    ]
    head = ["| calibration | films | temperature | thresholds | notes |", "|---|---|---|---|---|"]
    last = f"In force: {_cell(kept[-1]['name'])}, the last."
    return ["\n".join(["## Calibrations", "", last, "", *head, *lines])]


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", "\\|").split())


_CLASSIFIER_LIMITS = """\
- Class is nearly the same as collection in the data at hand: normal adults come from one hospital,
  COVID-19 films were gathered from publications and the web. Figures inside one collection say more
  than pooled ones, and a hospital that is in none of them says most.
- Labels of the NIH films were mined from reports and are noisy.
- Refit temperature and thresholds to your own films (`thoracle calibrate`) before you trust a
  probability; predictive values depend on how common the disease is where you are.
- Children are not among the films that set the findings apart."""


def _limits(bundle: Bundle) -> str:
    text = {
        "classifier": _CLASSIFIER_LIMITS,
        "gate": (
            "- All radiographs of other body parts it was trained on are knees.\n"
            "- Laterals are few; a film it accepts may still be of poor quality."
        ),
        "lungs": (
            "- Most reference masks are of children aged 1 to 5; adults' are of one collection.\n"
            "- The outline follows the human masks, which include the part behind the heart."
        ),
    }[bundle.task]
    return f"## What it cannot do\n\n{text}"
