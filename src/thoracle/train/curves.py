"""Learning curves as pictures, from the CSV files of a run."""

import csv
from pathlib import Path

from thoracle.core.files import write_atomically


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
    import io

    from matplotlib.figure import Figure

    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    epochs = [float(row["epoch"]) for row in rows]
    names = [name for name in rows[0] if name != "epoch"]
    figure = Figure(figsize=(3.4 * len(names), 2.8), layout="constrained")
    for index, name in enumerate(names):
        axes = figure.add_subplot(1, len(names), index + 1)
        axes.plot(epochs, [float(row[name]) for row in rows], color="#20639b")
        axes.set_xlabel("epoch")
        axes.set_title(name)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    target = path.with_suffix(".svg")
    write_atomically(target, buffer.getvalue())
    return target
