"""The table of ranges is the published one."""

import pytest

from thoracle.datasets.breathing.rsm_ranges import RSM
from thoracle.respiration.types import PATTERNS

WIDE = (-0.4, 0.4)


def test_every_pattern_has_its_ranges() -> None:
    assert tuple(RSM) == PATTERNS


@pytest.mark.parametrize(
    ("name", "a", "b", "cuts_until_s"),
    [
        ("eupnea", (0.3, 0.5), (1.27, 1.77), 60),
        ("bradypnea", (0.3, 0.5), (0.79, 1.15), 60),
        ("tachypnea", (0.2, 0.8), (2.09, 3.14), 60),
        ("biot", (0.6, 0.9), (2.25, 3.14), 50),
        ("central_apnea", (0.3, 0.6), (1.37, 1.77), 40),
    ],
)
def test_segments_are_alike(
    name: str, a: tuple[float, float], b: tuple[float, float], cuts_until_s: int
) -> None:
    pattern = RSM[name]
    assert pattern.cuts_s == ((0, cuts_until_s),) * 5
    assert [one.bounds for one in pattern.segments] == [(a, b, WIDE, (-0.1, 0.1))] * 6


def test_cheyne_stokes_waxes_and_wanes() -> None:
    pattern = RSM["cheyne_stokes"]
    assert pattern.cuts_s == ((0, 4), (10, 14), (16, 20), (26, 30), (38, 40))
    low, high = (0.2, 0.4), (0.6, 0.9)
    assert [one.a for one in pattern.segments] == [low, low, high, high, low, low]
    assert {one.bounds[1:] for one in pattern.segments} == {
        ((1.37, 1.77), (-0.05, 0.05), (-0.1, 0.1))
    }


@pytest.mark.parametrize(
    ("name", "until_s", "c"),
    [("biot", 50, (-0.2, 0.2)), ("cheyne_stokes", 40, (-0.2, 0.2)), ("central_apnea", 40, WIDE)],
)
def test_pauses(name: str, until_s: int, c: tuple[float, float]) -> None:
    pattern = RSM[name]
    assert pattern.pause_until_s == until_s
    assert pattern.pause is not None
    assert pattern.pause.bounds == ((-0.05, 0.05), (0.01, 3.14), c, (-0.01, 0.01))
