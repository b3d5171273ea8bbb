"""Attach evaluations to a bundle and write its model card; no number is typed by hand."""

import json
from pathlib import Path
from typing import Any

from thoracle.core.files import write_atomically
from thoracle.core.results import DISCLAIMER
from thoracle.inference.bundle import Bundle, find_bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.evaluation_scope import Report

METRICS = "metrics.json"
CARD = "MODEL_CARD.md"


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
    path = folder / METRICS
    kept: dict[str, Any] = json.loads(path.read_bytes())["evaluations"] if path.is_file() else {}
    other = ""
    if judged is not None and judged.digest != opened.digest:
        other = f"Judged here: {judged.name} {judged.version}, not this bundle.\n\n"
    for report in reports:
        kept[report.name] = {
            "markdown": other + report.markdown,
            "figures": json.loads(report.json),
            "network_digest": read_description(folder)["files"]["network.onnx"],
        }
    content = {"schema": 1, "evaluations": kept}
    write_atomically(path, (json.dumps(content, ensure_ascii=False) + "\n").encode("utf-8"))
    table = read_description(folder)
    write_atomically(folder / CARD, model_card(opened, table, kept).encode("utf-8"))
    table.pop("files")
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
        _limits(bundle),
        *(f"## {name}\n\n{one['markdown'].strip()}" for name, one in sorted(evaluations.items())),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(bundle: Bundle, table: dict[str, Any]) -> str:
    rows = {
        "Task": bundle.task,
        "Made for": bundle.population,
        "Licence of the weights": bundle.license,
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


def _words(key: str) -> str:
    return key.replace("_", " ").capitalize()


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
