"""`thoracle train ct-cases` and `ct-slices` pass on what they were told, and print the report."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.ct.case import COVID, IRRELEVANT, OTHER
from thoracle.datasets import ct_cases, ct_slices
from thoracle.jobs.evaluation_scope import Report
from thoracle.train.ct import (
    case_data,
    case_packing,
    case_report,
    case_study,
    slice_report,
    slice_study,
)
from thoracle.train.ct.case_data import HuScan
from thoracle.train.ct.case_study import CaseStudyPlan
from thoracle.train.ct.slice_study import SlicePlan
from thoracle.train.export import Parity

RUNNER = CliRunner()
REPORT = Report(name="x", json=b"{}", markdown="What was measured.", stem="cases")


def test_scans_in_hu_are_taken_with_their_disease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[HuScan] = []
    plans: list[CaseStudyPlan] = []

    def patches(one: HuScan, segmenter: object) -> str:
        assert segmenter is None
        seen.append(one)
        return one.path.name

    def study(scans: list[str], plan: CaseStudyPlan, _out: Path, *, told: object) -> None:
        assert callable(told)
        assert scans == ["labeled", "p.nii", "q.nii", "cap.nii", "n.nii"]
        plans.append(plan)

    def pack(run: Path, _scans: object, out: Path, *, width: int) -> Parity:
        assert (run, out, width) == (tmp_path / "all", tmp_path / "bundle", plans[0].width)
        return Parity(films=3, logit_difference=3e-6, map_difference=0.0)

    monkeypatch.setattr(ct_cases, "read_cases", lambda _folder: ["one"])
    monkeypatch.setattr(case_data, "labeled_patches", lambda _case: "labeled")
    monkeypatch.setattr(case_data, "hu_patches", patches)
    monkeypatch.setattr(case_study, "study_cases", study)
    monkeypatch.setattr(case_report, "case_report", lambda _study: REPORT)
    monkeypatch.setattr(case_packing, "pack_cases", pack)
    words = ["--covid", "p.nii", "--covid", "q.nii", "--other", "cap.nii", "--healthy", "n.nii"]
    done = RUNNER.invoke(
        app, ["train", "ct-cases", *words, "--out", str(tmp_path), "--epochs", "2"]
    )
    assert done.exit_code == 0, done.output
    assert [one.disease for one in seen] == [COVID, COVID, OTHER, IRRELEVANT]
    assert plans[0].fit.epochs == 2
    assert "What was measured." in done.output
    assert "3.0e-06 in a logit from torch" in done.output
    assert (tmp_path / "cases.md").exists()


def test_slices_are_studied_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[SlicePlan] = []

    def study(
        _slices: object, plan: SlicePlan, _out: Path, *, told: object, on_progress: object
    ) -> None:
        assert callable(told)
        assert callable(on_progress)
        plans.append(plan)

    monkeypatch.setattr(ct_slices, "read_ct_slices", lambda _folder: ())
    monkeypatch.setattr(slice_study, "study_slices", study)
    monkeypatch.setattr(slice_report, "slice_report", lambda _study: REPORT)
    words = ["train", "ct-slices", "slices", "--out", str(tmp_path), "--epochs", "3"]
    done = RUNNER.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert plans[0].fit.epochs == 3
    assert "What was measured." in done.output
