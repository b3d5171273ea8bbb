"""How far volumes of a label map are from volumes known by formula, over spacings of real scans.

Run `python benchmarks/ct_measures.py`. Each phantom is a fresh thorax with scattered lesions; its
lungs are apart, or touch at the front. Everything is seeded: the table repeats. With `--labels`
it tells too how real lungs are parted once their labels have been joined by a closing.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from thoracle.ct.quantify import measure
from thoracle.ct.sides import LEFT, RIGHT, find_sides
from thoracle.datasets.thorax import Thorax, scattered_lesions
from thoracle.datasets.thorax_phantom import Scanner, phantom
from thoracle.imaging.volume import read_volume

SPACINGS = (
    (0.5, 1.5, 1.5), (1.0, 1.5, 1.5), (1.5, 0.7, 0.7), (3.0, 0.7, 0.7), (4.5, 1.37, 1.37),
    (6.0, 0.5, 0.5), (6.0, 1.37, 1.37), (6.0, 1.5, 1.5),
)  # fmt: skip  # slices, rows, columns, in mm
GAPS = (1.2, 0.99)
FIELD = ((-80.0, 170.0), (-100.0, 100.0), (-140.0, 140.0))
LESIONS, LARGEST_MM = 6, 35.0
CLOSING_MM = 8.0  # a gap of twice that is filled


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phantoms", type=int, default=2, help="Of each spacing and gap.")
    parser.add_argument("--labels", type=Path, nargs="*", default=[], help="NIfTI label maps.")
    options = parser.parse_args()
    print(
        "| slices, rows, columns, mm | lungs | both lungs, % | one lung, % | infection, % | POI |"
    )
    print("|---|---|---|---|---|---|")
    for spacing_mm in SPACINGS:
        for gap in GAPS:
            found = np.array([_errors(spacing_mm, gap, seed) for seed in range(options.phantoms)])
            both, one, ill, percent = np.abs(found).max(axis=0)
            sides = " × ".join(f"{one:g}" for one in spacing_mm)
            lungs = "apart" if gap > 1 else "touch"
            print(f"| {sides} | {lungs} | {both:.2f} | {one:.2f} | {ill:.1f} | {percent:.3f} |",
                  flush=True)  # fmt: skip
    for path in options.labels:
        print(_joined(path), flush=True)


def _errors(spacing_mm: tuple[float, float, float], gap: float, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    lesions = scattered_lesions(LESIONS, rng=rng, gap=gap, largest_mm=LARGEST_MM)
    scanner = Scanner(spacing_mm=spacing_mm, field_mm=FIELD)
    made = phantom(Thorax(gap=gap, lesions=lesions), scanner)
    found, true = measure(made.scan, made.segmentation), made.volumes
    ill = sum(true.ground_glass_ml) + sum(true.consolidation_ml)
    both = found.region("both")
    sides = [found.region(side).lung_ml.value or np.nan for side in ("right", "left")]
    one = max(abs(ml / exact - 1) for ml, exact in zip(sides, true.lung_ml, strict=True))
    percent = both.percentage_of_infection.value or np.nan
    return [
        100 * ((both.lung_ml.value or np.nan) / sum(true.lung_ml) - 1),
        100 * one,
        100 * ((both.infection_ml.value or np.nan) / ill - 1),
        percent - true.percentage_of_infection,
    ]


def _joined(path: Path) -> str:
    """Join the lungs of a label map in each slice, and say how many of its voxels change sides."""
    volume = read_volume(path)
    labels = np.round(volume.values).astype(np.uint8)
    apart = find_sides(labels, spacing_mm=volume.spacing_mm)
    turns = round(CLOSING_MM / volume.spacing_mm[1])
    closed = ndimage.binary_closing(labels > 0, np.ones((1, 3, 3), np.bool_), iterations=turns)
    joined = np.maximum(labels, closed.astype(np.uint8))
    parted = find_sides(joined, spacing_mm=volume.spacing_mm)
    if apart is None or parted is None:
        return f"{path.name}: sides unknown"
    inside = labels > 0
    changed = 100.0 * float(np.mean(apart.side_map[inside] != parted.side_map[inside]))
    ml = [np.count_nonzero(apart.side_map == side) for side in (RIGHT, LEFT)]
    return (
        f"{path.name}: right share {100 * ml[0] / sum(ml):.1f} %, joined over "
        f"{2 * parted.junction_mm:g} mm, {changed:.3f} % of voxels change sides"
    )


if __name__ == "__main__":
    main()
