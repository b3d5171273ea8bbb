"""Recordings that tests of pages and of the interface send."""

import numpy as np


def belt_csv(seconds: float = 130.0, *, hz: float = 20.0, has_time: bool = True) -> bytes:
    """Return a table of quiet breathing at 15 a minute, with a pause from 72 s to 92 s."""
    times_s = np.arange(round(seconds * hz)) / hz
    is_paused = (times_s > 72) & (times_s < 92)
    signal = np.where(is_paused, -1.0, -np.cos(2 * np.pi * 0.25 * times_s))
    signal += np.random.default_rng(1).normal(0, 0.005, signal.size)  # a flat line is a fault
    head = "time_s,chest" if has_time else "chest"
    rows = (
        f"{time_s:.3f},{value:.5f}" if has_time else f"{value:.5f}"
        for time_s, value in zip(times_s, signal, strict=True)
    )
    return ("\n".join([head, *rows]) + "\n").encode()
