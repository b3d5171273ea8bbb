"""`thoracle evaluate-ct` writes the report, and onto a card where asked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.jobs import evaluate_ct as module
from thoracle.jobs.evaluate_ct import JudgedCt, UnlabeledScan

RUNNER = CliRunner()


def test_the_report_is_written_printed_and_attached(
    ct_bundle: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = ct_bundle()
    (tmp_path / "cases.csv").write_text("case,patient\n", encoding="utf-8")
    told: list[object] = []

    def judge(bundles: object, cases: object, **given: object) -> JudgedCt:
        told.append(given["unlabeled"])
        shown = UnlabeledScan(
            name="normal", lung_parts=2, lungs_ml=4100.0, ground_glass_ml=0.0,
            consolidation_ml=0.0, poi=0.0,
        )  # fmt: skip
        return JudgedCt(
            bundles=tuple(bundles),  # type: ignore[arg-type]
            scans=(),
            noise={},
            unlabeled=(shown,),
            shown_by="patient1",
        )

    monkeypatch.setattr(module, "judge_ct", judge)
    monkeypatch.setattr("thoracle.datasets.ct_cases.read_cases", lambda _folder: ())
    out = tmp_path / "report"
    words = ["evaluate-ct", str(bundle), "--cases", str(tmp_path), "--out", str(out)]
    words += ["--unlabeled", "normal.nii.gz", "--name", "In HU", "--attach-to", str(bundle)]
    done = RUNNER.invoke(app, words, catch_exceptions=False)
    assert "| normal | 2 | 4100.0 |" in done.output
    assert told == [[Path("normal.nii.gz")]]
    assert (out / "evaluation.html").is_file()
    assert (out / "evaluation.json").is_file()
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "## In HU" in card
    assert "| Input | 5×1.5×1.5 mm grey: lung window -1350 to 150 HU" in card
    assert "### Scans in HU without a reference, by the bundle of patient1" in card
    assert "expect errors on other hospitals' scans" in card
