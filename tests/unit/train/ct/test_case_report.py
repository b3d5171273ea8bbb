"""The report says plainly that the kind is the scan, and shows what pooling does."""

import json
from pathlib import Path

import pytest
from tests.unit.train.ct.kinds import made_scan, made_scans

from thoracle.ct.candidates import Candidate
from thoracle.ct.case import COVID, OTHER, answer_of
from thoracle.evaluation.estimate import Estimate
from thoracle.train.ct.case_data import CasePatches
from thoracle.train.ct.case_report import case_report, cautions_of, growth_table
from thoracle.train.ct.case_study import CaseStudy, JudgedCase


def _study(scans: list[CasePatches]) -> CaseStudy:
    import numpy as np

    judged = []
    for scan in scans:
        candidates: list[Candidate] = [one for one in scan.candidates if one.is_altered]
        chances = np.tile([0.6, 0.1, 0.3], (len(scan.candidates), 1))
        answer = answer_of(chances[: len(candidates)], candidates)
        judged.append(JudgedCase(scan=scan, learned=("COVID-19",), answer=answer, chances=chances))
    known = Estimate(value=0.9, low=0.8, high=0.95, n=9, method="x")
    return CaseStudy(
        cases=tuple(judged),
        altered={"network": known},
        type_from={"grey alone: healthy lung": 1.0, "none": float("nan")},
    )


def test_one_patient_of_a_kind_is_said_to_prove_nothing(tmp_path: Path) -> None:
    report = case_report(_study(made_scans()))
    assert "2 patients have COVID-19 and 1 other pneumonia" in report.markdown
    assert "nothing is claimed" in report.markdown
    assert "nothing is claimed" in (report.html or "")
    assert "0.900 (0.800–0.950)" in report.markdown
    document = json.loads(report.json)
    assert document["cautions"][0]["code"] == "type-confounded"
    assert document["type_from"] == {"grey alone: healthy lung": 1.0, "none": None}
    assert document["cases"][0]["pooled"]["noisy_or"]["COVID-19"] == pytest.approx(1 - 0.4**2)
    assert document["cases"][-1]["disease"] is None
    report.write(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "cases.html", "cases.json", "cases.md",
    ]  # fmt: skip


def test_two_patients_of_each_kind_drop_the_caution() -> None:
    scans = [
        made_scan("a", COVID), made_scan("b", COVID), made_scan("c", OTHER), made_scan("d", OTHER),
    ]  # fmt: skip
    codes = [one.code for one in cautions_of(_study(scans))]
    assert codes == ["noisy-or-grows", "labels-by-thresholds"]


def test_the_last_table_has_known_answers() -> None:
    rows = {(row[0], row[1]): row[2:] for row in growth_table().rows}
    assert rows["0.1", "1"] == ("0.100", "0.100", "0.100", "0.100")
    assert rows["0.1", "5"] == ("0.410", "0.100", "0.100", "0.100")  # 1 − 0.9⁵
