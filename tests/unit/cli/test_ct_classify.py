"""`thoracle ct classify` prints the kind and all poolings, and what the answer is worth."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.ct.candidates import Candidate
from thoracle.ct.case import CaseAnswer, answer_of
from thoracle.imaging.sandbox import DecoderPool
from thoracle.jobs import ct_classify as module
from thoracle.jobs.ct_classify import ClassifyOptions

RUNNER = CliRunner()
ONE = Candidate(place=(0, 0, 0), region=1, area_cm2=2.0, edge_distance=0.1)


class _Found:
    """What a job returns, as far as the command reads it."""

    cautions = ("Do not use the kind.",)
    document = {"kind": "COVID-19"}  # noqa: RUF012

    def __init__(self, answer: CaseAnswer) -> None:
        self.answer = answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ClassifyOptions]:
    """What the job was asked."""
    seen: list[ClassifyOptions] = []

    def classify(path: Path, options: ClassifyOptions, _pool: DecoderPool) -> _Found:
        seen.append(options)
        chances = np.array([[0.7, 0.1, 0.2]])
        regions = [ONE] if path.name == "ill.nii" else []
        return _Found(answer_of(chances[: len(regions)].reshape(-1, 3), regions))

    monkeypatch.setattr(module, "classify_scan", classify)
    return seen


def test_kind_poolings_and_caution_are_told(asked: list[ClassifyOptions], tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    words = ["ct", "classify", "ill.nii", "--labels", "l.nii", "--out", str(out)]
    done = RUNNER.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "COVID-19, confidence 0.700 (Noisy-OR)" in done.output
    assert "logistic         0.700     0.100" in done.output
    assert "caution: Do not use the kind." in done.output
    assert json.loads(out.read_text(encoding="utf-8")) == {"kind": "COVID-19"}
    assert asked[0].labels == Path("l.nii")
    assert not asked[0].by_thresholds


def test_nothing_altered_is_said(asked: list[ClassifyOptions]) -> None:
    words = ["ct", "classify", "well.nii", "--thresholds", "--assume-window", "-1350", "150"]
    done = RUNNER.invoke(app, words)
    assert "no altered region" in done.output
    assert asked[0].by_thresholds
    assert asked[0].trust.assume_window == (-1350.0, 150.0)
