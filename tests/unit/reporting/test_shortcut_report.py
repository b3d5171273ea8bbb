"""The laboratory's report as plain objects and as JSON."""

import json

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate, unknown
from thoracle.evaluation.verdicts import LIMITS, verdict
from thoracle.reporting.shortcut_report import (
    AuditChart,
    AuditCurve,
    AuditSection,
    AuditTable,
    ShortcutReport,
    report_content,
    shortcut_json,
    verdict_json,
)

FIGURE = Estimate(value=0.25, low=0.1, high=0.4, n=60, method="patient-bootstrap")
REPORT = ShortcutReport(
    title="Shortcut laboratory: x 1.0.0",
    scope="60 films of 40 patients; 95 % intervals by patient. Scope: all films.",
    sections=(
        AuditSection(
            key="changes",
            verdicts=(verdict("without_lungs", "border_only", FIGURE),),
            tables=(AuditTable(title="T", columns=("a", "b"), rows=(("x", FIGURE), ("y", None))),),
            charts=(
                AuditChart(
                    title="C", x="x", y="y",
                    curves=(AuditCurve(name="c", places=(90, 10), figures=(FIGURE, FIGURE)),),
                    level=50,
                ),
            ),
        ),
        AuditSection(
            key="sources",
            verdicts=(
                verdict(
                    "unseen_source", "all sources",
                    unknown(Reason(code="audit-no-left-out", text="None."), n=0, method="none"),
                ),
            ),
        ),
    ),
    provenance={"software": "thoracle x"},
    cautions=(Reason(code="training-films", text="Seen before."),),
)  # fmt: skip


def test_a_verdict_keeps_its_figure_its_limit_and_its_reason() -> None:
    first, second = REPORT.verdicts()
    assert verdict_json(first) == {
        "test": "without_lungs", "subject": "border_only", "outcome": "passes", "value": 0.25,
        "low": 0.1, "high": 0.4, "n": 60, "limit": 0.5, "is_ceiling": True, "reason": None,
    }  # fmt: skip
    told = verdict_json(second)
    assert told["outcome"] == "cannot tell"
    assert told["reason"] == {"code": "audit-no-left-out", "text": "None."}


def test_the_json_is_the_content_with_every_limit() -> None:
    content = json.loads(shortcut_json(REPORT))
    assert content == json.loads(json.dumps(report_content(REPORT)))
    assert set(content["limits"]) == set(LIMITS)
    assert content["disclaimer"] == DISCLAIMER
    section = content["sections"][0]
    assert section["tables"][0]["rows"][0][1]["value"] == 0.25
    assert section["tables"][0]["rows"][1][1] is None
    assert section["charts"][0]["curves"][0]["figures"][0]["low"] == 0.1
    assert len(content["verdicts"]) == 2
