"""A study judges each patient by a network that never saw them, and sees a leak."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.train.ct.kinds import made_scan, made_scans
from torch import Tensor, nn

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import RecipeError
from thoracle.ct.case import COVID
from thoracle.train.ct import case_study as module
from thoracle.train.ct.case_study import CaseStudyPlan, JudgedCase, study_cases, type_leak
from thoracle.train.ct.small_fit import FitPlan, Pictures


class _Bright(nn.Module):
    """Says COVID-19 where a patch is bright."""

    def forward(self, patches: Tensor) -> Tensor:
        """Return (n, 3) logits."""
        bright = patches[:, 0].mean(dim=(1, 2))
        return torch.stack([4 * bright, torch.full_like(bright, -4.0), -4 * bright], dim=1)


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> dict[str, Pictures]:
    """What each training was given."""
    seen: dict[str, Pictures] = {}

    def fit(_network: nn.Module, examples: Pictures, _plan: FitPlan, folder: Path) -> nn.Module:
        seen[folder.name] = examples
        return _Bright()

    monkeypatch.setattr(module, "fit_small", fit)
    return seen


def test_nobody_is_judged_by_a_network_that_saw_them(
    learned: dict[str, Pictures], tmp_path: Path
) -> None:
    said: list[str] = []
    plan = CaseStudyPlan(width=4, most=4)
    found = study_cases(made_scans(), plan, tmp_path, told=said.append)
    assert sorted(learned) == [
        "all", "lower-halves", "without-a", "without-b", "without-healthy", "without-other",
    ]  # fmt: skip
    for name, examples in learned.items():
        assert name.removeprefix("without-") not in examples.groups
    assert [one.scan.name for one in found.cases] == ["a1", "a2x", "b", "healthy", "other"]
    by_name: dict[str, JudgedCase] = {one.scan.name: one for one in found.cases}
    assert by_name["other"].learned == ("COVID-19", "irrelevant")
    assert by_name["a1"].learned == ("COVID-19", "other pneumonia", "irrelevant")
    assert by_name["a1"].answer.kind == "COVID-19"
    assert len(by_name["a1"].answer.regions) == 2
    assert said[0].startswith("without-a")


def test_what_is_altered_is_told_by_brightness_alone(
    learned: dict[str, Pictures], tmp_path: Path
) -> None:
    found = study_cases(made_scans(), CaseStudyPlan(width=4), tmp_path, told=lambda _line: None)
    assert learned
    assert found.altered["network"].value == 1.0
    assert found.altered["grey alone"].value == 1.0
    assert set(found.altered) == {"network", "grey alone", "grey alone, standardized"}


def test_a_tinted_scan_is_recognized_by_its_healthy_lung_until_it_is_standardized() -> None:
    scans = made_scans()
    scans[0] = replace(scans[0], unit="window grey")
    leak = type_leak(scans)
    assert leak["grey alone, healthy lung, all scans"] == 1.0
    assert leak["grey alone, healthy lung, scans in HU"] == 1.0
    assert leak["grey alone, standardized, healthy lung, all scans"] < 0.9
    alone = type_leak([made_scan("b", COVID)])
    assert len(alone) == 8
    assert np.isnan(list(alone.values())).all()


def test_the_halves_are_of_the_same_scans(learned: dict[str, Pictures], tmp_path: Path) -> None:
    found = study_cases(made_scans(), CaseStudyPlan(width=4), tmp_path, told=lambda _line: None)
    assert len(learned["lower-halves"].targets) == 12 * 5
    assert "network, altered lung, all scans" in found.type_from
    without = study_cases(
        made_scans()[:3], CaseStudyPlan(width=4), tmp_path, told=lambda _line: None
    )
    assert without.type_from == {}


def test_one_patient_cannot_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="found scans of 1 patients"):
        study_cases(made_scans()[:2], CaseStudyPlan(), tmp_path, told=lambda _line: None)


def test_a_real_training_is_made_and_kept(tmp_path: Path) -> None:
    plan = CaseStudyPlan(fit=FitPlan(epochs=1, batch=4), width=4, most=2)
    scans = [made_scan("a", COVID), made_scan("bb", COVID)]
    chances: list[FloatArray] = []
    for _ in range(2):
        found = study_cases(scans, plan, tmp_path, told=lambda _line: None)
        chances.append(np.asarray(found.cases[0].chances, np.float32))
    assert chances[0] == pytest.approx(chances[1])
