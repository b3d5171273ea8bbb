"""The occlusion map of a network that can be worked out: it looks at one quarter only."""

from typing import cast

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.occlusion import CELLS, OcclusionMap
from thoracle.radiograph.types import Lungs

SIDE = 64


class Corner:
    """A stand-in whose first logit is the mean detail of the upper left quarter."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def input_of(self, pixels: FloatArray, box: tuple[int, int, int, int]) -> FloatArray:
        top, left, bottom, right = box
        return pixels[top:bottom, left:right]

    def run(self, inputs: FloatArray) -> dict[str, FloatArray]:
        self.batches.append(len(inputs))
        corner = inputs[:, : SIDE // 2, : SIDE // 2]
        first = np.abs(corner).mean(axis=(1, 2))
        return {"logits": np.stack([first, np.zeros_like(first)], axis=1).astype(np.float32)}


def checkers() -> FloatArray:
    """Detail everywhere, which a blur takes away wholly."""
    return np.asarray(np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 2 - 1, np.float32)


def made(batch: int = 16) -> tuple[OcclusionMap, Corner]:
    corner = Corner()
    return OcclusionMap(cast("Classifier", corner), batch=batch), corner


def test_only_what_the_network_looks_at_counts() -> None:
    explainer, _ = made()
    falls = explainer.falls(checkers())
    assert falls.shape == (2, CELLS, CELLS)
    # A window of 2 × 2 cells hides 4 of the 3.5 × 3.5 cells of the corner.
    assert falls[0, 0, 0] == pytest.approx(4 / 3.5**2, abs=0.05)
    assert not falls[0, 5:].any()
    assert not falls[0, :, 5:].any()
    assert not falls[1].any()


def test_the_batch_is_bounded_and_changes_no_number() -> None:
    explainer, corner = made(batch=5)
    whole, _ = made(batch=1000)
    np.testing.assert_allclose(explainer.falls(checkers()), whole.falls(checkers()), atol=1e-6)
    assert max(corner.batches) == 5


def test_the_map_lies_in_the_film_s_frame() -> None:
    explainer, _ = made()
    film = np.zeros((100, 120), np.float32)
    film[20:84, 30:94] = checkers()
    lungs = Lungs(mask=np.ones((4, 4), bool), box=(20, 30, 84, 94), found=True)
    found = explainer.explain(film, lungs)
    assert found.shape == (2, 100, 120)
    assert found[0, 30, 40] > 0.1
    assert found[0, 75, 85] == 0
    assert found[0, 10, 10] == 0
    assert explainer.name == "occlusion"
