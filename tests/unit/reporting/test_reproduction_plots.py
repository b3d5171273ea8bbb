"""Plots of a repeated experiment hold what they were given."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.reporting.reproduction_plots import (
    class_maps_svg,
    learning_svg,
    save_learning_plot,
    summed_confusion_svg,
)

ROWS = [
    {"epoch": n, "train_loss": 1 / (n + 1), "tune_loss": 1.0}
    | {"train_accuracy": 0.5, "tune_accuracy": 0.4}
    for n in range(3)
]


def test_the_matrix_shows_counts_and_shares() -> None:
    svg = summed_confusion_svg(("No finding", "COVID-19"), ((30, 10), (1, 9)))
    for text in (">30<", ">75 %<", ">9<", ">90 %<", "Reference", "Predicted"):
        assert text in svg


def test_an_empty_row_of_the_matrix_is_drawn() -> None:
    assert ">0<" in summed_confusion_svg(("a", "b"), ((0, 0), (1, 1)))


def test_learning_curves_name_both_parts_and_both_figures() -> None:
    svg = learning_svg(ROWS)
    for text in ("training films", "tune films", "Loss", "Accuracy"):
        assert text in svg


@pytest.mark.parametrize(
    ("ending", "head"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_a_plot_is_saved_in_the_format_of_its_name(
    tmp_path: Path, ending: str, head: bytes
) -> None:
    path = tmp_path / f"plot.{ending}"
    save_learning_plot(ROWS, path)
    first = path.read_bytes()
    assert first.startswith(head)
    save_learning_plot(ROWS, path)
    assert path.read_bytes() == first


def test_mean_maps_have_a_panel_for_each_class_and_a_row_for_each_layer() -> None:
    flat = np.ones((4, 4), np.float32)
    svg = class_maps_svg(
        {"backbone": {"a": flat, "b": 0 * flat}, "backbone.7": {"a": flat, "b": flat}}
    )
    assert svg.count("<image") == 4
    assert "backbone.7" in svg
