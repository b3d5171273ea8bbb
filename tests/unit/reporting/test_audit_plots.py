"""Plots of an audit are SVG that says what it shows."""

from thoracle.reporting.audit_plots import ages_svg, counts_svg, scores_svg


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
