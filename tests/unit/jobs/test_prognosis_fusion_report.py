"""The report on fusion says how few patients there are, and that networks saw the films."""

import json
from pathlib import Path

import numpy as np

from thoracle.jobs.prognosis_fusion_report import fusion_report
from thoracle.jobs.prognosis_fusion_study import Case, judge_fusion
from thoracle.jobs.prognosis_studies import Dealing

DEALING = Dealing(folds=2, repeats=2, resamples=20)


def test_what_is_unknown_is_said_to_be_too_few() -> None:
    rng = np.random.default_rng(0)
    cases = [
        Case(
            patient=str(one),
            film=Path("f.png"),
            values=rng.normal(size=4),
            events={"intensive care": one % 2 == 0, "death": one == 0 if one < 6 else None},
        )
        for one in range(60)
    ]
    found = judge_fusion(cases, rng.normal(size=(60, 2)), dealing=DEALING)
    report = fusion_report(found, cases=60, dealing=DEALING, bundles=())
    assert "too few (1 of 6)" in report.markdown
    assert "learned from films of this collection" in report.markdown
    content = json.loads(report.json)
    assert [one["outcome"] for one in content["outcomes"]] == ["intensive care", "death"]
    assert "f.png" not in report.markdown
