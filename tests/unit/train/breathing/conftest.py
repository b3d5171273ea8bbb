"""A recipe small enough for a test."""

from collections.abc import Callable

import pytest

SMALL = """
name = "small"
version = "1.0.0"
seed = {seed}
intended_use = "Tests."
[network]
hidden = {hidden}
[training]
epochs = {epochs}
batches_per_epoch = 3
batch = 14
learning_rate = 0.01
average = 0.5
[windows]
published_rate = 0.5
rates_hz = [5, 25]
snr_db = [5, 30]
noise_free = 0.2
authors_slips = 0.2
physiological = 0.3
sensor = 0.5
"""


@pytest.fixture
def pattern_recipe_text() -> Callable[..., str]:
    """Return what writes a small recipe's text."""

    def text(*, seed: int = 1, hidden: int = 4, epochs: int = 2) -> str:
        return SMALL.format(seed=seed, hidden=hidden, epochs=epochs)

    return text
