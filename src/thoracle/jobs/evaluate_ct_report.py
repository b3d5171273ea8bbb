"""The report of judged CT bundles: per patient, the learning curve, scans without a reference."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.core.version import version
from thoracle.jobs.evaluate_ct import GROUPS, INFECTION_MIN_ML, JudgedCt, JudgedScan, UnlabeledScan
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.card_texts import CT_TEXTS
from thoracle.reporting.evaluation_html import FigureTable, tables_html
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT

PUBLISHED_DICE: Final = "0.916 ± 0.100"
PUBLISHED_POI_ERROR: Final = "0.3"
"""Shan et al. 2020, 249 training and 300 test scans of one collection: not these data."""
STEM: Final = "evaluation"

_CAUTIONS: Final = (
    Reason(code="few-patients", text=CT_TEXTS["few_patients"]),
    Reason(code="one-window", text=CT_TEXTS["one_window"]),
)


def ct_report(judged: JudgedCt, *, name: str) -> Report:
    """Write what was measured as JSON, Markdown and HTML.

    Parameters
    ----------
    judged
        From `judge_ct`.
    name
        What the evaluation is called.

    Returns
    -------
    Report
        The three say the same.
    """
    tables = _tables(judged)
    about = _about(judged)
    made_by = {
        "software": f"thoracle {version()}",
        "bundles": ", ".join(f"{one.name} {one.version}" for one in judged.bundles[:1]),
        "bundle digests": ", ".join(one.digest[:12] for one in judged.bundles),
    }
    content = {
        "schema": "thoracle ct 1",
        "provenance": made_by,
        "scans": [_known({**asdict(one), "poi_error": one.poi_error}) for one in judged.scans],
        "reference_noise": judged.noise,
        "unlabeled": [_known(asdict(one)) for one in judged.unlabeled],
        "cautions": [asdict(one) for one in _CAUTIONS],
    }
    parts = [about, *(f"### {one.caption}\n\n{one.markdown}" for one in tables)]
    notes = "\n".join(f"- {one.text}" for one in _CAUTIONS)
    return Report(
        name=name,
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        markdown="\n\n".join([*parts, notes, DISCLAIMER]) + "\n",
        html=tables_html(
            tables,
            title=f"{judged.bundles[0].name} {judged.bundles[0].version}: {name}",
            subtitle=about,
            cautions=_CAUTIONS,
            provenance=made_by,
        ),
        stem=STEM,
    )


def by_patient(scans: Sequence[JudgedScan], value: Callable[[JudgedScan], float]) -> list[float]:
    """Return one value per patient: the mean of their scans, those without a value left out.

    Parameters
    ----------
    scans
        Judged.
    value
        What to take of a scan; NaN where it has none.

    Returns
    -------
    list of float
        By patient's name; a patient without any value is left out.
    """
    found: dict[str, list[float]] = {}
    for one in scans:
        number = value(one)
        if math.isfinite(number):
            found.setdefault(one.patient, []).append(number)
    return [float(np.mean(found[name])) for name in sorted(found)]


def _about(judged: JudgedCt) -> str:
    if not judged.scans:
        return CT_TEXTS["no_reference"]
    widest = _widest(judged)
    patients = len({one.patient for one in widest})
    return " ".join(
        (
            CT_TEXTS["left_out"].format(learned=widest[0].learned),
            CT_TEXTS["minimum"].format(minimum=f"{INFECTION_MIN_ML:g}"),
            CT_TEXTS["range"].format(patients=patients),
        )
    )


def _widest(judged: JudgedCt) -> list[JudgedScan]:
    most = max(one.learned for one in judged.scans)
    return [one for one in judged.scans if one.learned == most]


def _tables(judged: JudgedCt) -> list[FigureTable]:
    tables = []
    if judged.scans:
        widest = _widest(judged)
        tables += [_overlap_table(widest), _volume_table(widest), _poi_table(widest, judged)]
        if len({one.learned for one in judged.scans}) > 1:
            tables.append(_curve_table(judged.scans))
    if judged.unlabeled:
        tables.append(_unlabeled_table(judged))
    return tables


def _overlap_table(scans: Sequence[JudgedScan]) -> FigureTable:
    """Dice and HD95 of each scan, then over patients."""
    rows = [(one.case, one.patient, *(_overlap(one, group) for group in GROUPS)) for one in scans]
    total = tuple(_range(by_patient(scans, _dice_of(group)), digits=3) for group in GROUPS)
    published = tuple(PUBLISHED_DICE if group == "infection" else UNKNOWN_TEXT for group in GROUPS)
    return FigureTable(
        caption=CT_TEXTS["overlap"],
        head=(CT_TEXTS["scan"], CT_TEXTS["patient"], *GROUPS),
        rows=(
            *rows,
            (CT_TEXTS["mean"], "", *total),
            (CT_TEXTS["published"], "", *published),
        ),
    )


def _volume_table(scans: Sequence[JudgedScan]) -> FigureTable:
    rows = [
        (
            one.case,
            *(f"{group.volume_ml:.1f} ({group.error_ml:+.1f})" for group in one.groups.values()),
        )
        for one in scans
    ]
    return FigureTable(
        caption=CT_TEXTS["volume"], head=(CT_TEXTS["scan"], *GROUPS), rows=tuple(rows)
    )


def _poi_table(scans: Sequence[JudgedScan], judged: JudgedCt) -> FigureTable:
    rows = [
        (one.case, f"{one.reference_poi:.2f}", f"{one.poi:.2f}", f"{abs(one.poi_error):.2f}")
        for one in scans
    ]
    errors = by_patient(scans, lambda one: abs(one.poi_error))
    zero = by_patient(scans, lambda one: one.reference_poi)
    noise = [
        (
            CT_TEXTS["noise"].format(patient=name),
            *_ends(values),
            f"{max(values) - min(values):.2f}",
        )
        for name, values in judged.noise.items()
    ]
    return FigureTable(
        caption=CT_TEXTS["poi"],
        head=_heads("scan", "reference", "found", "poi_error"),
        rows=(
            *rows,
            (CT_TEXTS["mean"], "", "", _range(errors, digits=2)),
            (CT_TEXTS["always_zero"], "", "0.00", _range(zero, digits=2)),
            *noise,
            (CT_TEXTS["published"], "", "", PUBLISHED_POI_ERROR),
        ),
    )


def _curve_table(scans: Sequence[JudgedScan]) -> FigureTable:
    rows = []
    for count in sorted({one.learned for one in scans}):
        own = [one for one in scans if one.learned == count]
        dices = (_range(by_patient(own, _dice_of(group)), digits=3) for group in GROUPS)
        errors = by_patient(own, lambda one: abs(one.poi_error))
        rows.append((str(count), *dices, _range(errors, digits=2)))
    return FigureTable(
        caption=CT_TEXTS["curve"],
        head=(CT_TEXTS["learned"], *GROUPS, CT_TEXTS["curve_poi_error"]),
        rows=tuple(rows),
    )


def _unlabeled_table(judged: JudgedCt) -> FigureTable:
    return FigureTable(
        caption=CT_TEXTS["unlabeled"].format(patients=judged.shown_by),
        head=_heads(
            "scan", "lung_parts", "lungs_ml", "ground_glass_ml", "consolidation_ml", "poi_short"
        ),
        rows=tuple(_unlabeled_row(one) for one in judged.unlabeled),
    )


def _unlabeled_row(one: UnlabeledScan) -> tuple[str, ...]:
    volumes = (one.lungs_ml, one.ground_glass_ml, one.consolidation_ml)
    shown = UNKNOWN_TEXT if math.isnan(one.poi) else f"{one.poi:.2f}"
    return (one.name, str(one.lung_parts), *(f"{ml:.1f}" for ml in volumes), shown)


def _heads(*keys: str) -> tuple[str, ...]:
    return tuple(CT_TEXTS[key] for key in keys)


def _overlap(one: JudgedScan, group: str) -> str:
    found = one.groups[group]
    if math.isnan(found.dice):
        return UNKNOWN_TEXT
    distance = UNKNOWN_TEXT if math.isnan(found.hd95_mm) else f"{found.hd95_mm:.1f}"
    return f"{found.dice:.3f} ({distance})"


def _dice_of(group: str) -> Callable[[JudgedScan], float]:
    return lambda one: one.groups[group].dice


def _range(values: Sequence[float], *, digits: int) -> str:
    if not values:
        return UNKNOWN_TEXT
    low, high = min(values), max(values)
    return f"{np.mean(values):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def _ends(values: Sequence[float]) -> tuple[str, str]:
    return f"{max(values):.2f}", f"{min(values):.2f}"


def _known(value: Any) -> Any:
    """Return the same with None in place of NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _known(one) for key, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
