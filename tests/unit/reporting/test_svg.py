"""One way to draw: the same drawing gives the same text, and a missing library is named."""

import builtins
from typing import Any

import pytest

from thoracle.core.errors import MissingExtraError
from thoracle.reporting.svg import COLORS, color_of, require_plots, svg_of


def draw(axes: Any) -> None:
    axes.plot([0, 1], [1, 0], color=color_of(0))
    axes.set_title("Dice by film")


def test_letters_stay_letters_and_the_same_drawing_gives_the_same_text() -> None:
    svg = svg_of(draw, width_in=2.0, height_in=1.0)
    assert svg.startswith("<?xml")
    assert "Dice by film" in svg
    assert 'width="144pt" height="72pt"' in svg
    assert svg == svg_of(draw, width_in=2.0, height_in=1.0)


def test_colors_begin_again_where_the_palette_ends() -> None:
    assert color_of(len(COLORS)) == color_of(0) != color_of(1)


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_matplotlib(name: str, *rest: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    require_plots()
    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    with pytest.raises(MissingExtraError, match=r"thoracle\[research\]"):
        svg_of(draw, width_in=2.0, height_in=1.0)
