"""Do the intervals hold the truth as often as they say? The evidence of decision 0004."""

import numpy as np
import pytest
from scipy import stats

from thoracle.evaluation.bootstrap import percentile_interval, resample_patients, resampled
from thoracle.evaluation.roc import auroc_statistic, delong_auroc

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("area", "positives", "negatives"), [(0.85, 50, 50), (0.95, 20, 100)])
def test_the_logit_interval_covers_as_it_says_and_no_worse_than_the_linear(
    area: float, positives: int, negatives: int
) -> None:
    rng = np.random.default_rng(7)
    shift = stats.norm.ppf(area) * np.sqrt(2.0)
    has_finding = np.arange(positives + negatives) < positives
    held = {"linear": 0, "logit": 0}
    repeats = 1000
    for _ in range(repeats):
        scores = rng.normal(size=has_finding.size) + shift * has_finding
        for scale in held:
            found = delong_auroc(scores, has_finding, scale=scale)
            assert found.low is not None
            assert found.high is not None
            held[scale] += found.low <= area <= found.high
    assert 0.91 <= held["logit"] / repeats <= 0.98
    assert held["logit"] > held["linear"]


def test_films_of_one_patient_need_the_clustered_interval() -> None:
    rng = np.random.default_rng(8)
    area, repeats, patients = 0.85, 150, 100
    shift = stats.norm.ppf(area) * np.sqrt(2.0)
    names = np.repeat(np.arange(patients), 3)
    has_finding = names < patients // 2
    held = {"films": 0, "patients": 0}
    for _ in range(repeats):
        shared = np.repeat(rng.normal(size=patients), 3)
        own = rng.normal(size=names.size)
        scores = np.sqrt(0.7) * shared + np.sqrt(0.3) * own + shift * has_finding
        plain = delong_auroc(scores, has_finding)
        draws = resample_patients(names.astype(np.str_), resamples=400, generator=rng)
        values = resampled(auroc_statistic(scores, has_finding), draws)
        clustered = percentile_interval(values, patients=patients)
        assert plain.low is not None
        assert plain.high is not None
        assert clustered.low is not None
        assert clustered.high is not None
        held["films"] += plain.low <= area <= plain.high
        held["patients"] += clustered.low <= area <= clustered.high
    assert held["films"] / repeats < 0.85
    assert held["patients"] / repeats > 0.89
