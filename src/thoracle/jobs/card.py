"""Attach evaluations to a bundle and write its model card; no number is typed by hand."""

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from thoracle.core.files import write_atomically
from thoracle.core.results import DISCLAIMER
from thoracle.inference.bundle import METRICS, NETWORK, Bundle, find_bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.calibrations import name_in_force
from thoracle.jobs.evaluation_scope import Report
from thoracle.prognosis.network import TASK as RISK_TASK
from thoracle.reporting.card_texts import CARD_TEXTS, KNOWN_TEXTS
from thoracle.reporting.pattern_texts import PATTERN_TEXTS
from thoracle.reporting.risk_texts import RISK_TEXTS
from thoracle.reporting.shortcut_markdown import shortcut_markdown
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS
from thoracle.respiration.model import TASK as PATTERNS_TASK

CARD = "MODEL_CARD.md"
FILM_LISTS = ("misclassified", "unreadable")
"""Parts of an evaluation that name films: they stay with the films, a bundle is passed on."""

_LIMITS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "classifier": (
            CARD_TEXTS["limit_collections"],
            CARD_TEXTS["limit_labels"],
            CARD_TEXTS["limit_calibration"],
            CARD_TEXTS["limit_children"],
        ),
        "anomaly": (
            CARD_TEXTS["limit_anomaly"],
            CARD_TEXTS["limit_anomaly_misses"],
            CARD_TEXTS["limit_labels"],
        ),
        "severity": (
            CARD_TEXTS["limit_severity"],
            CARD_TEXTS["limit_severity_normal"],
            CARD_TEXTS["limit_children"],
        ),
        "gate": (CARD_TEXTS["limit_knees"], CARD_TEXTS["limit_laterals"]),
        "lungs": (CARD_TEXTS["limit_masks"], CARD_TEXTS["limit_outline"]),
        "ct_segmentation": (
            CARD_TEXTS["limit_ct_patients"],
            CARD_TEXTS["limit_ct_diseases"],
            CARD_TEXTS["limit_ct_kinds"],
        ),
        PATTERNS_TASK: (
            PATTERN_TEXTS["limit_simulated"],
            PATTERN_TEXTS["limit_window"],
            PATTERN_TEXTS["limit_direction"],
        ),
        RISK_TASK: (
            RISK_TEXTS["limit_hospital"],
            RISK_TEXTS["limit_measured"],
            RISK_TEXTS["limit_interval"],
            RISK_TEXTS["limit_causes"],
            RISK_TEXTS["limit_few"],
        ),
    }
)
_LINE: Final = 100  # characters; longer points are wrapped.


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
        name = f"{judged.name} {judged.version}"
        other = CARD_TEXTS["judged"].format(bundle=name) + "\n\n"
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


def attach_audit(bundle: str, content: bytes) -> Path:
    """Add what the shortcut laboratory found to a bundle's metrics.json and its model card.

    Parameters
    ----------
    bundle
        Name or folder of the bundle that was audited.
    content
        Its audit.json; it replaces an earlier one.

    Returns
    -------
    Path
        The model card.
    """
    folder = find_bundle(bundle)
    described, found = read_description(folder), json.loads(content)
    audit = {
        "markdown": shortcut_markdown(found),
        **{key: found[key] for key in ("scope", "provenance", "verdicts")},
        "network_digest": described["files"][NETWORK],
        "calibration": name_in_force(described),
    }
    return _write_card(folder, _evaluations(folder), audit=audit)


def audit_of(folder: Path) -> dict[str, Any] | None:
    """Return what `attach_audit` kept in a bundle's folder, None where nothing was."""
    path = folder / METRICS
    found: dict[str, Any] | None = (
        json.loads(path.read_bytes()).get("audit") if path.is_file() else None
    )
    return found


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


def _write_card(
    folder: Path, evaluations: dict[str, Any], *, audit: dict[str, Any] | None = None
) -> Path:
    """Write metrics, card and fresh digests; an audit that is there stays."""
    kept = audit or audit_of(folder)
    content = {
        "schema": 1,
        "evaluations": evaluations,
        **({} if kept is None else {"audit": kept}),
    }
    text = json.dumps(content, ensure_ascii=False) + "\n"
    write_atomically(folder / METRICS, text.encode("utf-8"))
    table = read_description(folder)
    table.pop("files")
    write_description(folder, table)
    card = model_card(open_bundle(str(folder)), table, evaluations, audit=kept)
    write_atomically(folder / CARD, card.encode("utf-8"))
    write_description(folder, table)
    return folder / CARD


def model_card(
    bundle: Bundle,
    table: dict[str, Any],
    evaluations: dict[str, Any],
    *,
    audit: dict[str, Any] | None = None,
) -> str:
    """Return the model card of a bundle as Markdown.

    Parameters
    ----------
    bundle
        The opened bundle.
    table
        Its description.
    evaluations
        From metrics.json.
    audit
        From metrics.json, None where the bundle was not audited.

    Returns
    -------
    str
        Ends with a newline.
    """
    shortcuts = {} if audit is None else {SHORTCUT_TEXTS["title"]: audit}
    texts = RISK_TEXTS if bundle.task == RISK_TASK else CARD_TEXTS
    parts = [
        f"# {bundle.name} {bundle.version}\n\n{bundle.intended_use}\n\n{DISCLAIMER}",
        _facts(bundle, table),
        *_calibrations(table),
        _limits(bundle),
        *(
            f"## {name}\n\n{_former(one, name_in_force(table), texts)}{one['markdown'].strip()}"
            for name, one in (*sorted(evaluations.items()), *shortcuts.items())
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(bundle: Bundle, table: dict[str, Any]) -> str:
    thresholds = [
        (one.name, one.threshold, one.threshold_target)
        for one in bundle.labels
        if one.threshold is not None
    ]
    rows = {
        CARD_TEXTS["task"]: _TASKS.get(bundle.task, bundle.task),
        CARD_TEXTS["made_for"]: bundle.population,
        CARD_TEXTS["license"]: bundle.license,
        CARD_TEXTS["input"]: _input(bundle, table["input"]["resize"]),
        **_temperature(bundle),
        **{
            CARD_TEXTS["threshold_of"].format(label=label): f"{value:.3f} ({target})"
            for label, value, target in thresholds
        },
        **{
            key.replace("_", " ").capitalize(): f"{value:.4g}"
            for key, value in bundle.numbers.items()
        },
        **{_words(key): value for key, value in bundle.training.items()},
    }
    if "parity" in table:
        difference = f"{table['parity']['logit_difference']:.1e}"
        said = "parity_film" if bundle.task == "anomaly" else "parity_value"
        of = RISK_TEXTS["parity"] if bundle.task == RISK_TASK else CARD_TEXTS["parity"]
        rows[of] = CARD_TEXTS[said].format(difference=difference)
    lines = [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join([f"## {CARD_TEXTS['facts']}", "", "| | |", "|---|---|", *lines])


def _temperature(bundle: Bundle) -> dict[str, str]:
    """Return the line of the temperature; risks are calibrated by how much is known instead."""
    if bundle.task == RISK_TASK:
        return {}
    return {CARD_TEXTS["temperature"]: f"{bundle.temperature:.3f}"}


def _input(bundle: Bundle, form: str) -> str:
    if bundle.task == RISK_TASK:
        return RISK_TEXTS["input"].format(days=bundle.input_size, form=form)
    if bundle.task == PATTERNS_TASK:
        return CARD_TEXTS["input_signal"].format(samples=bundle.input_size, form=form)
    return CARD_TEXTS["input_form"].format(size=shown_size(bundle), form=form)


def shown_size(bundle: Bundle) -> str:
    """Return the side of the square input, or of a volume, which has any size, its spacing."""
    axes = ("slice_mm", "row_mm", "column_mm")
    spacing_mm = [f"{bundle.numbers[one]:g}" for one in axes if one in bundle.numbers]
    return f"{'×'.join(spacing_mm)} mm" if spacing_mm else "×".join([str(bundle.input_size)] * 2)


_TASKS = {
    **{key.removeprefix("task_"): text for key, text in KNOWN_TEXTS.items()},
    RISK_TASK: RISK_TEXTS["task"],
}
_NAMES = {
    "sources_sha256": RISK_TEXTS["sources"],
    "calibrated_on": RISK_TEXTS["calibrated_on"],
    "calibrated_patients": RISK_TEXTS["calibrated_patients"],
    "calibrated_sources_sha256": RISK_TEXTS["calibrated_sources"],
    "films": CARD_TEXTS["films_in_manifest"],
    "films_in_manifest": CARD_TEXTS["films_in_manifest"],
    "split_sha256": CARD_TEXTS["split_sha256"],
}


def _words(key: str) -> str:
    return _NAMES.get(key, key.replace("_", " ").capitalize())


def _former(evaluation: dict[str, Any], in_force: str, texts: Mapping[str, str]) -> str:
    """Say where figures were measured before the calibration in force; "" where not."""
    own = evaluation.get("calibration", in_force)
    if own == in_force:
        return ""
    return texts["former" if own else "uncalibrated"].format(former=own, name=in_force) + "\n\n"


def _calibrations(table: dict[str, Any]) -> list[str]:
    """Return the section on the calibrations that a bundle keeps, none where it keeps none."""
    kept = [one for one in table.get("calibrations", []) if "temperature" in one]
    if not kept:  # what was fitted to risks stands in a report of its own
        return []
    lines = [
        f"| {_cell(one['name'])} | {one['films']} | {one['temperature']:.3f} | "
        f"{', '.join(f'{name} {value:.3f}' for name, value in one['thresholds'].items())} | "
        f"{_cell(' '.join(one['notes']))} |"
        for one in kept
    ]
    names = ("calibration", "films", "temperature_column", "thresholds", "notes")
    head = [f"| {' | '.join(CARD_TEXTS[one] for one in names)} |", "|---|---|---|---|---|"]
    last = CARD_TEXTS["in_force"].format(name=_cell(kept[-1]["name"]))
    return ["\n".join([f"## {CARD_TEXTS['calibrations']}", "", last, "", *head, *lines])]


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", "\\|").split())


def _limits(bundle: Bundle) -> str:
    points = "\n".join(
        textwrap.fill(
            one, _LINE, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
        )
        for one in _LIMITS[bundle.task]
    )
    return f"## {CARD_TEXTS['limits']}\n\n{points}"
