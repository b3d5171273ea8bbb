"""The report puts the giveaways before the network, and says what that means."""

import json
from pathlib import Path

from thoracle.evaluation.estimate import Estimate
from thoracle.train.ct.slice_report import slice_report
from thoracle.train.ct.slice_study import SliceStudy


def test_the_three_forms_say_the_same(tmp_path: Path) -> None:
    study = SliceStudy(
        slices=60,
        covid=30,
        groups=20,
        patients=21,
        mixed_groups=1,
        giveaways={"borders": Estimate(value=0.8, low=0.7, high=0.9, n=60, method="x")},
        networks={"as filed": Estimate(value=0.85, low=0.75, high=0.92, n=60, method="x")},
    )
    report = slice_report(study)
    text = report.markdown
    assert text.index("0.800 (0.700–0.900)") < text.index("0.850 (0.750–0.920)")
    assert "60 slices, 30 of them with COVID-19, of 21 patients" in text
    assert "1 groups have slices of both classes" in text
    assert "0.850 (0.750–0.920)" in (report.html or "")
    document = json.loads(report.json)
    assert document["networks"]["as filed"]["value"] == 0.85
    assert document["cautions"][0]["code"] == "slices-leak"
    report.write(tmp_path)
    assert (tmp_path / "slices.md").read_text(encoding="utf-8") == text
