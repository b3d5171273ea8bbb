"""Learning curves as pictures, from the CSV files of a run."""

import csv
from pathlib import Path
from typing import Any

from thoracle.core.files import write_atomically
from thoracle.reporting.svg import color_of, svg_of


def plot_curves(run: Path) -> tuple[Path, ...]:
    """Draw one SVG per stage of a run: training loss and tune figures by epoch.

    Parameters
    ----------
    run
        Folder of a run, with a CSV per stage.

    Returns
    -------
    tuple of Path
        The pictures, beside the CSV files.
    """
    return tuple(_plot(path) for path in sorted(run.glob("*.csv")))


def _plot(path: Path) -> Path:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    epochs = [float(row["epoch"]) for row in rows]
    names = [name for name in rows[0] if name != "epoch"]

    def draw(axes: Any) -> None:
        panels = axes.figure.subplots(1, len(names), squeeze=False)[0]
        axes.remove()
        for panel, name in zip(panels, names, strict=True):
            panel.plot(epochs, [float(row[name]) for row in rows], color=color_of(0))
            panel.set(xlabel="epoch", title=name)

    target = path.with_suffix(".svg")
    svg = svg_of(draw, width_in=3.4 * len(names), height_in=2.8)
    write_atomically(target, svg.encode("utf-8"))
    return target
