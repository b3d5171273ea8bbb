"""A follow-up as JSON and as a table of changes."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import Any, Final

from thoracle.core.results import DISCLAIMER, BundleReference
from thoracle.ct.course import Course, Followed, SeenScan
from thoracle.ct.follow_up import UNITS, Change, Step
from thoracle.ct.overlap import Overlap

SCHEMA: Final = "thoracle ct follow-up 1"
COLUMNS: Final = (
    "from", "to", "days", "region", "measure", "unit", "before", "after", "absolute",
    "relative_percent", "noise", "low", "high", "verdict", "why",
)  # fmt: skip


def follow_up_document(course: Course) -> dict[str, Any]:
    """Return all numbers of a course; unknown is None, and nothing names the patient."""
    return {
        "schema": SCHEMA,
        "scans": [_scan(one) for one in course.scans],
        "steps": [_followed(one) for one in course.steps],
        "overall": None if course.overall is None else _step(course.overall),
        "repeatability": {
            "pairs": course.repeatability.pairs,
            "labeled_by": course.repeatability.labeled_by,
            "border_mm": dict(course.repeatability.border_mm),
            "lung_share": course.repeatability.lung_share,
        },
        "provenance": {
            "software_version": course.software_version,
            "bundle": _bundle(course.bundle),
            "disclaimer": DISCLAIMER,
        },
    }


def changes_csv(course: Course) -> bytes:
    """Return one row for each number and step, UTF-8; the step over all scans comes last."""
    steps = [one.step for one in course.steps]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for one in steps if course.overall is None else [*steps, course.overall]:
        for change in one.changes:
            writer.writerow(_row(one, change))
    return stream.getvalue().encode("utf-8")


def _row(step: Step, change: Change) -> Iterator[object]:
    yield from (step.before.when, step.after.when, step.days, change.region, change.kind)
    yield from (UNITS[change.kind], change.before.value, change.after.value, change.absolute)
    yield from (change.relative_percent, change.noise, change.low, change.high)
    yield from (str(change.verdict), change.why)


def _scan(one: SeenScan) -> dict[str, Any]:
    scan = one.labeled.scan
    return {
        "name": one.visit.name,
        "date": one.visit.when,
        "sha256": scan.sha256,
        "shape": list(scan.hu.shape),
        "spacing_mm": list(scan.spacing_mm),
        "labeled_by": one.labeled_by,
        "assumptions": [asdict(reason) for reason in one.assumptions],
        "warnings": [asdict(reason) for reason in one.warnings],
        "values": [
            {"measure": kind, "region": region, "unit": UNITS[kind], **asdict(measured)}
            for (kind, region), measured in one.visit.values.items()
        ],
    }


def _followed(one: Followed) -> dict[str, Any]:
    found = one.registration
    return {
        **_step(one.step),
        "registration": {
            "fit": str(one.match.fit),
            "reasons": [asdict(reason) for reason in one.match.reasons],
            "matrix": found.matrix.tolist(),
            "before": _overlap(found.before),
            "after": _overlap(found.after),
            "volume_ratio": found.volume_ratio,
            "rotation_degrees": found.rotation_degrees,
        },
        "places": None if one.became is None else asdict(one.became),
    }


def _step(one: Step) -> dict[str, Any]:
    return {
        "from": one.before.when,
        "to": one.after.when,
        "days": one.days,
        "breath": one.breath,
        "warnings": [asdict(reason) for reason in one.warnings],
        "changes": [
            {**asdict(change), "unit": UNITS[change.kind], "verdict": str(change.verdict)}
            for change in one.changes
        ],
    }


def _overlap(one: Overlap) -> dict[str, float | None]:
    """Return the measures of an overlap; an infinite distance is unknown to JSON."""
    return {name: value if isfinite(value) else None for name, value in asdict(one).items()}


def _bundle(one: BundleReference | None) -> dict[str, str] | None:
    return None if one is None else asdict(one)
