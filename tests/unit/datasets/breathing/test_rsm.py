"""Windows of the published model, with what is true of them."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.datasets.breathing.ragged import counts
from thoracle.datasets.breathing.rsm import simulate
from thoracle.datasets.breathing.types import PUBLISHED, Sampling, Simulated
from thoracle.respiration.types import CLASSES

QUIET = replace(PUBLISHED, snr_db=None)
OPEN = replace(PUBLISHED, is_scaled=False)


def _made(
    patterns: tuple[str, ...] | None, count: int, sampling: Sampling = PUBLISHED, seed: int = 0
) -> Simulated:
    return simulate(patterns, count, sampling, rng=np.random.default_rng(seed))


def test_the_same_seed_gives_the_same_windows_and_another_gives_others() -> None:
    first, again, other = _made(None, 300), _made(None, 300), _made(None, 300, seed=1)
    np.testing.assert_array_equal(first.signal, again.signal)
    np.testing.assert_array_equal(first.onsets_s, again.onsets_s)
    assert (first.signal != other.signal).any(axis=1).all()


def test_the_first_windows_are_the_same_however_many_are_asked_for() -> None:
    np.testing.assert_array_equal(_made(None, 500).signal[:90], _made(None, 90).signal)


def test_a_generator_gives_new_windows_each_time() -> None:
    rng = np.random.default_rng(0)
    first = simulate(None, 7, PUBLISHED, rng=rng)
    second = simulate(None, 7, PUBLISHED, rng=rng)
    assert (first.signal != second.signal).any(axis=1).all()


def test_every_window_goes_from_0_to_1() -> None:
    made = _made(None, 1400)
    assert made.signal.shape == (1400, 600)
    np.testing.assert_allclose(made.signal.min(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(made.signal.max(axis=1), 1.0, atol=1e-12)
    assert made.patterns[:8] == (*CLASSES, "eupnea")


def test_scaled_windows_can_be_brought_back() -> None:
    scaled, plain = _made(None, 70), _made(None, 70, OPEN)
    back = scaled.low[:, None] + scaled.signal * (scaled.high - scaled.low)[:, None]
    np.testing.assert_allclose(back, plain.signal, atol=1e-12)
    clean = scaled.low[:, None] + scaled.clean * (scaled.high - scaled.low)[:, None]
    np.testing.assert_allclose(clean, plain.clean, atol=1e-12)
    assert (plain.low == 0.0).all()
    assert (plain.high == 1.0).all()


def test_the_clean_signal_is_the_formula_of_the_segments_that_are_told() -> None:
    made = _made(CLASSES[:6], 60, OPEN)
    assert made.segments is not None
    times = PUBLISHED.times_s
    for window in range(60):
        starts = made.segments.start_s[window]
        place = np.searchsorted(starts[~np.isnan(starts)], times, side="right") - 1
        a, b, c, d = made.segments.parameters[window, place].T
        expected = a * np.sin(b * times) + c + d * (times - starts[place])
        np.testing.assert_allclose(made.clean[window], expected, atol=1e-12)


@pytest.mark.parametrize("snr_db", [20.0, 10.0])
def test_the_measured_ratio_is_the_one_asked_for(snr_db: float) -> None:
    made = _made(CLASSES[:6], 1200, replace(OPEN, snr_db=snr_db))
    power = (made.clean**2).mean(axis=1)
    noise = ((made.signal - made.clean) ** 2).mean(axis=1)
    measured = 10.0 * np.log10(power / noise)
    assert measured.mean() == pytest.approx(snr_db, abs=0.05)
    assert np.abs(measured - snr_db).max() < 1.5


def test_without_noise_signal_and_clean_are_one() -> None:
    made = _made(CLASSES[:6], 60, QUIET)
    np.testing.assert_array_equal(made.signal, made.clean)


@pytest.mark.parametrize(("name", "c"), [("biot", 0.2), ("central_apnea", 0.4)])
def test_nearly_nothing_moves_in_a_pause(name: str, c: float) -> None:
    made = _made((name,), 1000, replace(OPEN, snr_db=None))
    for window, (start, end) in enumerate(made.pauses_s[:, 0]):
        still = made.clean[window, round(start * 10.0) :]
        # 2 · 0.05 of the sine, and 0.01 a second of the drift
        assert np.ptp(still) <= 0.1 + 0.01 * (end - start)
        assert np.abs(still).max() <= 0.05 + c + 0.01 * (end - start)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("eupnea", 12, 17), ("bradypnea", 7, 11), ("tachypnea", 19, 30)],
)
def test_rates_are_those_of_the_pattern(name: str, least: int, most: int) -> None:
    onsets = counts(_made((name,), 1000).onsets_s)
    assert least <= np.median(onsets) <= most
    assert onsets.min() >= least - 5  # cuts add breaths or take some
    assert onsets.max() <= most + 6


def test_onsets_are_minima_of_the_noise_free_signal() -> None:
    made = _made(CLASSES[:6], 300, replace(QUIET, rate_hz=100.0))
    assert made.segments is not None
    far = 0.1  # s
    seen = 0
    for window in range(300):
        onsets, starts = made.onsets_s[window], made.segments.start_s[window]
        cuts = np.append(starts[~np.isnan(starts)], 60.0)
        away = onsets[[np.abs(cuts - one).min() > far for one in onsets]]
        index = np.round(100.0 * away).astype(int)
        assert (made.clean[window, index] <= made.clean[window, index - 8]).all()
        assert (made.clean[window, index] <= made.clean[window, index + 8]).all()
        seen += index.size
    assert seen > 3000


def test_noise_is_standard_normal_with_ten_spikes() -> None:
    made = _made(("noise",), 2000, OPEN)
    assert counts(made.onsets_s).max(initial=0) == 0
    assert made.pauses_s.shape == (2000, 0, 2)
    assert (made.clean == 0.0).all()
    whole = made.signal == np.round(made.signal)
    spikes = whole.sum(axis=1)
    assert spikes.max() == 10  # places may repeat
    assert spikes.mean() == pytest.approx(600 * (1 - (599 / 600) ** 10), abs=0.05)
    assert set(made.signal[whole].tolist()) == set(range(-10, 11))
    rest = made.signal[~whole]
    assert (rest.mean(), rest.std()) == pytest.approx((0.0, 1.0), abs=0.01)


def test_noise_is_there_without_added_noise_too() -> None:
    assert np.ptp(_made(("noise",), 3, QUIET).signal) == 1.0


def test_the_authors_slips_leave_bradypnea_without_noise_but_in_its_first_sample() -> None:
    made = simulate(
        ("bradypnea", "eupnea"), 800, OPEN, rng=np.random.default_rng(0), has_authors_slips=True
    )
    noise = made.signal - made.clean
    assert (noise[::2, 1:] == 0.0).all()
    ratio = noise[::2, 0] / np.abs(made.clean[::2, 0])
    assert ratio.std() == pytest.approx(0.1, rel=0.1)  # 20 dB below that sample alone
    assert (noise[1::2] != 0.0).all()


def test_the_authors_slips_count_a_zero_when_a_window_is_scaled() -> None:
    made = simulate(None, 7000, PUBLISHED, rng=np.random.default_rng(0), has_authors_slips=True)
    assert (made.low <= 0.0).all()
    assert (made.high >= 0.0).all()


@pytest.mark.parametrize(
    ("rate_hz", "duration_s"), [(5.0, 60.0), (25.0, 60.0), (10.0, 90.0), (12.5, 20.0)]
)
def test_any_rate_and_length(rate_hz: float, duration_s: float) -> None:
    sampling = Sampling(rate_hz=rate_hz, duration_s=duration_s, snr_db=10.0)
    made = _made(None, 70, sampling)
    assert made.signal.shape == (70, round(rate_hz * duration_s))
    assert np.isfinite(made.signal).all()
    assert np.nanmax(made.onsets_s) < duration_s
    assert np.nanmax(made.pauses_s) == duration_s


def test_nothing_asked_for_gives_nothing() -> None:
    assert _made(None, 0).signal.shape == (0, 600)
