"""The report of risks judged on a cohort: Markdown, HTML and JSON that say the same."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.core.version import version
from thoracle.jobs.evaluate_cohort import Evaluated
from thoracle.jobs.evaluate_cohort_tables import (
    curve_table,
    literature_table,
    reliability_table,
    rule_rates,
    rule_table,
    setting_tables,
)
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.prognosis_asked import NEWS2
from thoracle.prognosis.types import DEATH
from thoracle.reporting.evaluation_html import FigureTable, tables_html
from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION as TEXTS

STEM: Final = "prognosis"
SCHEMA: Final = "thoracle prognosis evaluation 1"
_LIMITS: Final = ("limit_anchored", "limit_rule", "limit_measured", "limit_alive")


def cohort_report(found: Evaluated, *, name: str) -> Report:
    """Write what was found as JSON, Markdown and HTML.

    Parameters
    ----------
    found
        From `evaluate_cohort`.
    name
        What the evaluation is called.

    Returns
    -------
    Report
        Aggregates alone: no patient is in it.
    """
    rates = rule_rates(found.asked, found.models)
    first = next((one for one in found.models if one.is_probability), None)
    tables = [table for one in found.settings for table in setting_tables(one)]
    tables += [rule_table(rates), literature_table(rates)]
    tables += [] if first is None else [reliability_table(first, found.asked)]
    tables += [curve_table(found.curve)] if found.curve else []
    cautions = _cautions(found)
    made_by = _provenance(found)
    content = {
        "schema": SCHEMA,
        "provenance": made_by,
        "settings": [known_document(asdict(one)) for one in found.settings],
        "rule": [{"landmark": kind.name, **known_document(asdict_of(own))} for kind, own in rates],
        "learning_curve": [
            {"model": model, "share": share, "auroc": asdict(one)}
            for model, share, one in found.curve
        ],
        "cautions": [asdict(one) for one in cautions],
    }
    return Report(
        name=name,
        json=(json.dumps(known_document(content), indent=1, allow_nan=False) + "\n").encode(
            "utf-8"
        ),
        markdown=tables_markdown(_about(found), tables, cautions),
        html=tables_html(
            tables, title=name, subtitle=_about(found), cautions=cautions, provenance=made_by
        ),
        stem=STEM,
    )


def tables_markdown(about: str, tables: Sequence[FigureTable], cautions: Sequence[Reason]) -> str:
    """Return tables with their captions, between what they are of and what they cannot show."""
    notes = "\n".join(f"- {one.text}" for one in cautions)
    shown = (f"### {one.caption}\n\n{one.markdown}" for one in tables)
    return "\n\n".join([about, *shown, notes, DISCLAIMER]) + "\n"


def asdict_of(estimates: Mapping[str, Any]) -> dict[str, Any]:
    """Return estimates as plain tables."""
    return {name: asdict(one) for name, one in estimates.items()}


def _about(found: Evaluated) -> str:
    charts = found.request.cohort.charts
    ended = [one.outcome.event for one in charts if one.outcome is not None]
    unseen = "unseen_folds" if found.request.bundle is None else "unseen_bundle"
    return TEXTS["about"].format(
        stays=len(charts),
        patients=len({one.patient for one in charts}),
        deaths=ended.count(DEATH),
        cohort=found.request.cohort.name,
        unseen="" if found.is_learned else TEXTS[unseen].format(repeats=found.repeats),
    )


def _cautions(found: Evaluated) -> tuple[Reason, ...]:
    cautions = [Reason(code="prognosis-limits", text=TEXTS[one]) for one in _LIMITS]
    if any(one.name == "wuhan" for one in found.request.cohort.sources):
        cautions.append(Reason(code="prognosis-wuhan", text=TEXTS["limit_one_hospital"]))
    if not any(one.name == NEWS2 for one in found.models):
        cautions.append(Reason(code="prognosis-news2", text=TEXTS["limit_news2"]))
    if found.request.only is not None:
        cautions.append(Reason(code="prognosis-only", text=TEXTS["limit_only"]))
    if found.is_learned:
        cautions.insert(0, Reason(code="prognosis-learned", text=TEXTS["limit_learned"]))
    return tuple(cautions)


def _provenance(found: Evaluated) -> dict[str, str]:
    request = found.request
    bundle = request.bundle
    told = {}
    if bundle is not None:
        told = {"bundle": f"{bundle.name} {bundle.version}", "bundle digest": bundle.digest}
    if request.out_of_fold is not None:
        told["out of fold"] = request.out_of_fold.model
    sources = {
        f"SHA-256 of {one.file or one.name}": one.sha256
        for one in request.cohort.sources
        if one.sha256
    }
    return {"software": f"thoracle {version()}", "cohort": request.cohort.name, **sources, **told}


def known_document(value: Any) -> Any:
    """Return a document with null in place of NaN and infinity."""
    if isinstance(value, dict):
        return {key: known_document(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [known_document(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
