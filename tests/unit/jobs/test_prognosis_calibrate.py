"""Risks come to the level of a site, who is above whom stays, and nothing is half-written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy

from thoracle.core.errors import BundleError, ChartError, EvaluationError
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.inference.bundle import open_bundle
from thoracle.jobs import prognosis_calibrate
from thoracle.jobs.prognosis_calibrate import SiteRequest, calibrate_risks, fit_adaptation
from thoracle.prognosis.landmarks import unlabeled
from thoracle.prognosis.model import RiskModel
from thoracle.prognosis.types import DEATH

EVERY_DAY = 24.0


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate_cohort(80, rng=np.random.default_rng(4))


@pytest.fixture
def request_of(cohort: Cohort, tmp_path: Path) -> Callable[..., SiteRequest]:
    def make(**changed: object) -> SiteRequest:
        plain = SiteRequest(
            bundle=open_bundle("prognosis"),
            cohort=cohort,
            site="north",
            out=tmp_path / "prognosis-north",
            folds=2,
            repeats=1,
            resamples=20,
        )
        return replace(plain, **changed)  # type: ignore[arg-type]

    return make


def test_a_level_and_a_slope_that_were_bent_are_found_again() -> None:
    rng = np.random.default_rng(1)
    logits = np.sort(rng.normal(-1, 2, (6000, 4)), axis=1)
    shifts = np.array([0.5, 1.0, 1.5, 2.0])
    came = rng.random(logits.shape) < scipy.special.expit(0.7 * logits + shifts)
    found = fit_adaptation(scipy.special.expit(logits), came.astype(np.float64))
    assert found.slope == pytest.approx(0.7, rel=0.06)
    np.testing.assert_allclose(found.shifts, shifts, atol=0.15)


def test_where_nobody_knows_what_came_nothing_is_changed() -> None:
    found = fit_adaptation(np.full((3, 4), 0.3), np.full((3, 4), np.nan))
    assert (found.slope, found.shifts.tolist()) == (1.0, [0.0] * 4)


def test_the_copy_tells_the_risks_of_the_site_and_keeps_who_is_above_whom(
    request_of: Callable[..., SiteRequest], cohort: Cohort
) -> None:
    asked = request_of()
    found = calibrate_risks(asked)
    charts = cohort.charts[:30]
    landmarks = unlabeled([EVERY_DAY] * len(charts))
    before = RiskModel(asked.bundle).predict(charts, landmarks).risks
    after = RiskModel(open_bundle(str(asked.out))).predict(charts, landmarks).risks
    np.testing.assert_allclose(after[:, 3], found.adaptation.risks(before)[:, 3], rtol=1e-4)
    assert np.argsort(after[:, 3]).tolist() == np.argsort(before[:, 3]).tolist()
    assert (np.diff(after) >= 0).all()


def test_the_card_says_on_whom_and_what_was_measured_before(
    request_of: Callable[..., SiteRequest],
) -> None:
    asked = request_of()
    found = calibrate_risks(asked)
    card = (asked.out / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert card.startswith("# prognosis-north 1.")
    assert f"| Patients it was calibrated on | {found.patients} |" in card
    assert "Measured before any calibration at a site, not with north" in card
    assert "## Calibration at north" in card
    assert "| calibrated at north |" in card
    assert "as it was" in found.report.markdown
    with pytest.raises(ChartError, match="learned"):
        calibrate_risks(
            request_of(bundle=open_bundle(str(asked.out)), site="south", out=asked.out / "new")
        )


def test_what_cannot_be_calibrated_is_refused_and_leaves_nothing(
    request_of: Callable[..., SiteRequest],
    cohort: Cohort,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    died = [one for one in cohort.charts if one.outcome and one.outcome.event == DEATH]
    few = replace(cohort, charts=(*died[:9], *(one for one in cohort.charts if one not in died)))
    with pytest.raises(ChartError, match="found 9 patients with the event"):
        calibrate_risks(request_of(cohort=few))
    with pytest.raises(EvaluationError, match="expected letters"):
        calibrate_risks(request_of(site="a/b"))
    with pytest.raises(BundleError, match="expected task 'prognosis'"):
        calibrate_risks(request_of(bundle=open_bundle("gate")))
    (tmp_path / "there").mkdir()
    with pytest.raises(EvaluationError, match="expected a new folder"):
        calibrate_risks(request_of(out=tmp_path / "there"))

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prognosis_calibrate, "write_description", broken)
    with pytest.raises(OSError, match="No space"):
        calibrate_risks(request_of())
    assert not (tmp_path / "prognosis-north").exists()
