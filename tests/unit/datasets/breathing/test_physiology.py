"""Physiological windows: the curve of a breath, and what is true of windows."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.datasets.breathing.physiology import breathe, pure_noise, shifted, simulate
from thoracle.datasets.breathing.physiology_ranges import Body
from thoracle.datasets.breathing.ragged import counts
from thoracle.datasets.breathing.rhythm import Rhythm
from thoracle.datasets.breathing.types import PUBLISHED, Sampling, Simulated
from thoracle.respiration.types import CLASSES, PATTERNS

OPEN = replace(PUBLISHED, snr_db=None, is_scaled=False)
STILL = Body(sighs_per_hour=0.0, shifts_per_hour=0.0)


def _made(
    patterns: tuple[str, ...] | None,
    count: int,
    sampling: Sampling = OPEN,
    body: Body | None = STILL,
) -> Simulated:
    return simulate(patterns, count, sampling, rng=np.random.default_rng(2), body=body)


def _rhythm() -> Rhythm:
    """Return a breath of 4 s, a pause of 2 s and a breath of 5 s that ends lower."""
    return Rhythm(
        start_s=np.array([[0.0, 4.0, 6.0]]),
        length_s=np.array([[4.0, 2.0, 5.0]]),
        inspired_s=np.array([[1.5, 0.0, 2.0]]),
        depth=np.array([[1.0, 0.0, 2.0]]),
        level=np.array([[0.0, 0.25, 0.25]]),
    )


def test_a_breath_rises_in_half_a_cosine_falls_to_the_next_level_and_pauses_stay() -> None:
    sampling = Sampling(rate_hz=100.0, duration_s=11.0, snr_db=None, is_scaled=False)
    (volume,) = breathe(_rhythm(), np.array([1.0]), sampling)
    at = {t: volume[round(100 * t)] for t in (0.0, 0.75, 1.5, 2.75, 4.0, 5.0, 6.0, 7.0, 8.0, 9.5)}
    assert at == pytest.approx({
        0.0: 0.0, 0.75: 0.5, 1.5: 1.0, 2.75: 0.625, 4.0: 0.25, 5.0: 0.25, 6.0: 0.25, 7.0: 1.25,
        8.0: 2.25, 9.5: 1.25,
    })  # fmt: skip
    assert (np.diff(volume[:151]) > 0.0).all()
    assert (np.diff(volume[150:401]) < 0.0).all()
    assert (volume[400:601] == 0.25).all()


def test_a_smaller_form_falls_sooner() -> None:
    sampling = Sampling(rate_hz=100.0, duration_s=11.0, snr_db=None, is_scaled=False)
    (slow,) = breathe(_rhythm(), np.array([1.0]), sampling)
    (soon,) = breathe(_rhythm(), np.array([0.6]), sampling)
    np.testing.assert_allclose(soon[:151], slow[:151])
    assert (soon[160:390] < slow[160:390]).all()
    assert soon[400] == slow[400]


def test_onsets_are_minima_and_peaks_maxima_of_the_noise_free_signal() -> None:
    made = _made(PATTERNS, 120, replace(OPEN, rate_hz=50.0))
    for times, sign in ((made.onsets_s, 1.0), (made.peaks_s, -1.0)):
        for window in range(120):
            inside = times[window][(times[window] > 0.2) & (times[window] < 59.8)]
            index = np.round(50.0 * inside).astype(int)
            near = sign * made.clean[window, index[:, None] + np.array([-7, 0, 7])]
            assert (near[:, 1] <= near[:, ::2].min(axis=1) + 1e-3).all()
    assert counts(made.onsets_s).min() > 0


def test_onsets_and_peaks_take_turns() -> None:
    made = _made(PATTERNS, 300)
    for window in range(300):
        onsets, peaks = (
            each[window][~np.isnan(each[window])] for each in (made.onsets_s, made.peaks_s)
        )
        both = np.concatenate([np.zeros(onsets.size), np.ones(peaks.size)])
        assert (np.diff(both[np.argsort(np.concatenate([onsets, peaks]))]) != 0).all()


@pytest.mark.parametrize(
    ("name", "least", "most"), [("eupnea", 12, 20), ("bradypnea", 0, 12), ("tachypnea", 20, 99)]
)
def test_the_breaths_of_a_window_fit_its_name(name: str, least: int, most: int) -> None:
    onsets = counts(_made((name,), 1000).onsets_s)
    assert np.mean((onsets >= least) & (onsets <= most)) > 0.98
    assert _made((name,), 10).pauses_s.shape == (10, 0, 2)


@pytest.mark.parametrize("name", ["biot", "central_apnea"])
def test_a_minute_holds_a_pause_in_which_nothing_moves(name: str) -> None:
    made = _made((name,), 500)
    seconds = np.nansum(made.pauses_s[..., 1] - made.pauses_s[..., 0], axis=1)
    assert seconds.min() >= 9.0
    for window in range(500):
        pauses = made.pauses_s[window]
        for start, end in pauses[~np.isnan(pauses[:, 0])]:
            still = made.clean[window, round(10 * start + 1) : round(10 * end)]
            assert still.size == 0 or np.ptp(still) < 1e-9


def test_most_windows_of_cheyne_stokes_hold_a_pause() -> None:
    made = _made(("cheyne_stokes",), 1000)
    assert np.mean(counts(made.pauses_s[..., 0]) > 0) > 0.9


def test_sampling_is_done_as_asked_for() -> None:
    made = _made(None, 70, PUBLISHED)
    np.testing.assert_allclose(made.signal.min(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(made.signal.max(axis=1), 1.0, atol=1e-12)
    assert made.patterns[:7] == CLASSES
    plain = _made(PATTERNS, 600, replace(PUBLISHED, is_scaled=False))
    noise = ((plain.signal - plain.clean) ** 2).mean(axis=1)
    measured = 10.0 * np.log10((plain.clean**2).mean(axis=1) / noise)
    assert measured.mean() == pytest.approx(20.0, abs=0.1)


def test_the_same_seed_gives_the_same_windows() -> None:
    first, again = _made(None, 50, body=None), _made(None, 50, body=None)
    np.testing.assert_array_equal(first.signal, again.signal)
    np.testing.assert_array_equal(first.onsets_s, again.onsets_s)


def test_a_change_of_posture_moves_level_and_depth_once() -> None:
    body = Body(
        shifts_per_hour=60.0, shift_s=(1.0, 1.0), shift_level=(3.0, 3.0), shift_gain=(0.5, 0.5)
    )
    before = np.tile(np.sin(np.arange(600) / 5.0), (40, 1))
    kept = before.copy()
    after = shifted(before, body, OPEN, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(before, kept)
    late = after[:, -1] - 0.5 * before[:, -1]
    is_done = np.isclose(np.abs(late), 3.0)
    assert is_done.mean() > 0.9  # the others began in the last second
    np.testing.assert_allclose(after[is_done, 0], before[is_done, 0])
    assert set(np.sign(late).tolist()) == {-1.0, 1.0}


def test_without_changes_of_posture_nothing_is_moved() -> None:
    moved = np.random.default_rng(0).random((5, 600))
    np.testing.assert_array_equal(shifted(moved, STILL, OPEN, rng=np.random.default_rng(0)), moved)


def test_the_noise_class_has_spikes_and_no_breaths() -> None:
    made = _made(("noise",), 50)
    assert (made.clean == 0.0).all()
    assert made.onsets_s.shape == (50, 0)
    noise = pure_noise(200, OPEN, rng=np.random.default_rng(0))
    assert np.isfinite(noise).all()
    assert np.abs(noise).max() > 8.0


def test_nothing_asked_for_gives_nothing() -> None:
    assert _made(None, 0, PUBLISHED).signal.shape == (0, 600)
