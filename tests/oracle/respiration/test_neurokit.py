"""NeuroKit2 as oracle: breaths of its simulator, and its measures of variability."""

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.measures import Told, measure
from thoracle.respiration.quality import Stretch
from thoracle.respiration.types import Breath


@pytest.fixture(scope="module")
def neurokit() -> Any:
    """Return NeuroKit2, which warns of what it imports, or skip."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("neurokit2")


@pytest.mark.parametrize("per_minute", [10, 15, 22, 30])
def test_its_simulated_breaths_are_found(neurokit: Any, per_minute: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        signal = neurokit.rsp_simulate(
            duration=90, sampling_rate=50, respiratory_rate=per_minute, method="sinusoidal",
            noise=0.02, random_state=3,
        )  # fmt: skip
    found = find_breaths(np.asarray(signal, np.float64), rate_hz=50).breaths
    assert len(found) == pytest.approx(1.5 * per_minute, abs=2)
    assert 60 / np.mean([one.end_s - one.onset_s for one in found]) == pytest.approx(
        per_minute, rel=0.06
    )


def test_onsets_and_peaks_lie_where_it_finds_them_on_clean_breaths(neurokit: Any) -> None:
    rng = np.random.default_rng(4)
    phase = 2 * np.pi * np.cumsum(0.25 + 0.05 * np.sin(2 * np.pi * np.arange(3000) / 1500)) / 25
    signal: DoubleArray = -np.cos(phase) + rng.normal(0, 0.01, 3000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cleaned = neurokit.rsp_clean(signal, sampling_rate=25)
        expected = neurokit.rsp_findpeaks(cleaned, sampling_rate=25)
    found = find_breaths(signal, rate_hz=25)
    peaks_s = np.asarray(expected["RSP_Peaks"]) / 25
    troughs_s = np.asarray(expected["RSP_Troughs"]) / 25
    assert np.abs(found.peaks_s[1:-1, None] - peaks_s).min(axis=1).max() < 0.3
    onsets_s = np.array([one.onset_s for one in found.breaths])
    assert np.abs(onsets_s[:, None] - troughs_s).min(axis=1).max() < 0.3


def test_variability_is_as_it_defines_it(neurokit: Any) -> None:
    lengths_s = np.random.default_rng(5).uniform(3, 5, 40)
    troughs = np.rint(np.concatenate([[0], np.cumsum(lengths_s)]) * 100).astype(int)
    onsets_s = troughs / 100
    breaths = [
        Breath(onset_s=start, peak_s=(start + end) / 2, end_s=end, depth=1.0)
        for start, end in pairwise(onsets_s.tolist())
    ]
    window = Stretch(start_s=0.0, length_s=float(onsets_s[-1]))
    ours = measure(breaths, (), window, told=Told(timing=True, depth=True))
    rate = np.interp(np.arange(troughs[-1]), troughs[1:], 60 / np.diff(onsets_s))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = neurokit.rsp_rrv(rate, troughs=troughs, sampling_rate=100)
    assert ours.length_sd_s == pytest.approx(float(theirs["RRV_SDBB"].iloc[0]) / 1000, rel=1e-6)
    assert ours.breath_to_breath == pytest.approx(float(theirs["RRV_RMSSD"].iloc[0]) / 1000
                                                  / float(theirs["RRV_MeanBB"].iloc[0]) * 1000,
                                                  rel=1e-6)  # fmt: skip
    assert ours.length_cv == pytest.approx(float(theirs["RRV_CVBB"].iloc[0]), rel=1e-6)
