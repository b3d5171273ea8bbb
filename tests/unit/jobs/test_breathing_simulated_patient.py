"""A simulated patient breathes as the clock goes, says what it is, and is over after its time."""

import numpy as np

from thoracle.jobs.breathing_simulated_patient import BREATHES_S, RATE_HZ, SimulatedPatient


def test_it_breathes_as_the_clock_goes_and_ends() -> None:
    patient = SimulatedPatient("eupnea", seed=3, now_s=100.0)
    assert patient.asked.name == "SIMULATED eupnea 3"
    assert patient.asked.is_simulated
    parts = [patient.until(100.0 + second) for second in (0.0, 0.95, 1.0, 0.5, 60.0)]
    assert [part.size for part in parts if part is not None] == [0, 9, 1, 0, 590]
    rest = patient.until(100.0 + 2 * BREATHES_S)
    assert rest is not None
    assert rest.size == BREATHES_S * RATE_HZ - 600
    assert patient.until(100.0 + 2 * BREATHES_S) is None


def test_the_same_seed_breathes_alike() -> None:
    first, again, other = (
        SimulatedPatient("biot", seed=seed, now_s=0.0).until(30.0) for seed in (1, 1, 2)
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
