"""Plots of an audit are SVG that says what it shows."""

import builtins

import pytest

from thoracle.core.errors import MissingExtraError
from thoracle.reporting.audit_plots import ages_svg, counts_svg, scores_svg
from thoracle.reporting.svg import require_plots


def test_counts_name_every_source_and_label() -> None:
    rows = [(f"label{index}", index, 2, index + 2) for index in range(9)]
    svg = counts_svg(("cohen", "nih"), rows)
    assert svg.startswith("<?xml")
    for text in ("cohen", "nih", "label0", "label8", "Films"):
        assert text in svg


def test_ages_say_how_many_films_state_them() -> None:
    svg = ages_svg({"nih": (40.0, 50.0), "cohen": (61.0,)})
    assert "nih (n = 2)" in svg
    assert "cohen (n = 1)" in svg


def test_without_any_age_there_is_an_empty_plot() -> None:
    assert "Age, years" in ages_svg({})


def test_scores_show_both_kinds_of_pairs() -> None:
    svg = scores_svg((0.7, 0.9), (0.1,), (0.5, 0.6))
    assert "near-duplicates" in svg
    assert "refused candidates" in svg


def test_the_same_figures_give_the_same_bytes() -> None:
    assert ages_svg({"a": (1.0, 2.0)}) == ages_svg({"a": (1.0, 2.0)})


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_matplotlib(name: str, *rest: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    require_plots()
    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    with pytest.raises(MissingExtraError, match=r"thoracle\[research\]"):
        ages_svg({})
