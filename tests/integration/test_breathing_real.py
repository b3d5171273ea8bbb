"""Breaths and rates of real recordings of intensive care, against marks of people."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.datasets.breathing.bidmc import read_bidmc_recording, read_named_rate
from thoracle.evaluation.breathing import match_breaths
from thoracle.jobs import evaluate_breathing
from thoracle.jobs.evaluate_breathing import OURS, judge_breathing
from thoracle.respiration.analyze import measure_recording
from thoracle.respiration.quality import QUALITY_MIN

REPORTING = (2, 5, 14, 26, 35, 41)  # of the half that chose nothing; 5 and 35 are cut off


def test_rates_are_within_one_breath_a_minute_on_windows_of_good_quality(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_breathing, "peers", tuple)
    folder = data_folder / "respiration" / "bidmc"
    judged = judge_breathing([read_bidmc_recording(folder, number) for number in REPORTING])
    good = [one for one in judged.windows if one.quality >= QUALITY_MIN]
    assert len(good) > 0.8 * len(judged.windows)
    errors = [abs(one.rates[OURS] - one.annotated[0]) for one in good]
    assert np.mean(errors) < 0.5
    for one in judged.recordings:
        counts = match_breaths(one.peaks_s[OURS], one.marks_s[0])
        assert 2 * counts.matched / (counts.found + counts.reference) > 0.97


def test_a_cut_off_recording_says_so_and_tells_no_depth(data_folder: Path) -> None:
    folder = data_folder / "respiration" / "bidmc"
    found = measure_recording(read_bidmc_recording(folder, 35).recording)
    for one in found.windows[:-1]:
        assert "clipped" in one.quality.reasons
        assert one.measures is not None
        assert one.measures.rate_per_minute is not None
        assert one.measures.depth_median is None


def test_a_healthy_rest_is_of_good_quality_and_even(data_folder: Path) -> None:
    path = data_folder / "respiration" / "resting_5min_100hz.csv.gz"
    found = measure_recording(read_named_rate(path))
    assert [one.window.start_s for one in found.windows] == [0, 60, 120, 180, 240]
    for one in found.windows:
        assert one.measures is not None
        assert one.measures.rate_per_minute == pytest.approx(16, abs=2)
    assert found.apneas == ()
