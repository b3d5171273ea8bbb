"""Plots of a repeated experiment as SVG text: summed confusion, learning curves, mean maps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from thoracle.core.arrays import FloatArray
from thoracle.core.files import write_atomically
from thoracle.reporting.evaluation_plots import matrix_svg
from thoracle.reporting.svg import color_of, picture_of, svg_of

_CURVES = (("loss", "Loss"), ("accuracy", "Accuracy"))
_PARTS = (("train", "training films"), ("tune", "tune films"))


def summed_confusion_svg(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> str:
    """Draw the confusion matrix of all repeats, larger with more classes; see `matrix_svg`."""
    side = 1.6 + 0.8 * len(labels)
    return matrix_svg(labels, matrix, width_in=side, height_in=side * 0.9)


def learning_svg(rows: Sequence[Mapping[str, float]]) -> str:
    """Draw loss and accuracy of training and tune films by epoch, side by side.

    Parameters
    ----------
    rows
        One per epoch: "epoch", "train_loss", "tune_loss", "train_accuracy", "tune_accuracy".
    """

    def draw(axes: Any) -> None:
        _draw_learning(axes, rows)

    return svg_of(draw, width_in=6.4, height_in=2.6)


def save_learning_plot(rows: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw what `learning_svg` draws into a file; its ending, such as .png, is the format."""
    write_atomically(
        path,
        picture_of(
            lambda axes: _draw_learning(axes, rows),
            form=path.suffix[1:].lower(),
            width_in=6.4,
            height_in=2.6,
        ),
    )


def _draw_learning(axes: Any, rows: Sequence[Mapping[str, float]]) -> None:
    panels = axes.figure.subplots(1, len(_CURVES))
    axes.remove()
    for panel, (figure, title) in zip(panels, _CURVES, strict=True):
        for index, (part, name) in enumerate(_PARTS):
            values = [row[f"{part}_{figure}"] for row in rows]
            epochs = [row["epoch"] + 1 for row in rows]
            panel.plot(epochs, values, color=color_of(index), label=name)
        panel.set(xlabel="Epoch", title=title)
        panel.legend(frameon=False, fontsize=8)


def class_maps_svg(maps: Mapping[str, Mapping[str, FloatArray]]) -> str:
    """Draw the mean map of the films of each class, a row per layer, on one scale per layer.

    Parameters
    ----------
    maps
        Layer to class to (rows, columns) float32; at least one of each.
    """

    def draw(axes: Any) -> None:
        classes = list(next(iter(maps.values())))
        panels = axes.figure.subplots(len(maps), len(classes), squeeze=False)
        axes.remove()
        for row, (layer, by_class) in zip(panels, maps.items(), strict=True):
            top = max(float(values.max()) for values in by_class.values()) or 1.0
            for panel, name in zip(row, classes, strict=True):
                panel.imshow(by_class[name], cmap="viridis", vmin=0.0, vmax=top)
                panel.set(xticks=[], yticks=[])
                panel.set_title(name if layer == next(iter(maps)) else "", fontsize=9)
            row[0].set_ylabel(layer, fontsize=8)

    wide = len(next(iter(maps.values())))
    return svg_of(draw, width_in=1.7 * wide + 0.4, height_in=1.8 * len(maps) + 0.2)
