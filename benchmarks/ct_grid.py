"""Measure what a network's grid costs: reference labels brought to it and back, against themselves.

Run `python benchmarks/ct_grid.py CASES` on the folder of the labeled scans. For each grid and way
back it prints the Dice of lungs and of infection per scan: the best that any network on that grid
can reach.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from thoracle.core.arrays import ByteArray
from thoracle.ct.grid import Grid, Spacing, grid_of, labels_to_grid, shares_to_scan, to_grid
from thoracle.ct.types import LABELS
from thoracle.datasets.ct_cases import read_case, read_cases
from thoracle.evaluation.segmentation import dice

GRIDS: tuple[Spacing, ...] = ((5, 1.5, 1.5), (5, 2, 2), (6, 2, 2), (5, 2.5, 2.5))
WAYS = ("nearest label", "labels interpolated", "shares interpolated")


def main() -> None:
    """Read the arguments, bring the labels there and back, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path, help="Folder of the labeled scans.")
    parser.add_argument("--scans", nargs="*", default=["case1", "case3", "case4"])
    options = parser.parse_args()
    labeled = [read_case(one) for one in read_cases(options.cases) if one.name in options.scans]
    print("| grid, mm | way back | lungs | infection |\n|---|---|---|---|")
    for spacing_mm in GRIDS:
        rows: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for one in labeled:
            slices, height, width = one.label_map.shape
            grid = grid_of((slices, height, width), one.scan.spacing_mm, spacing_mm=spacing_mm)
            for way, back in ways_back(one.label_map, grid):
                lungs, infection = (dice(back > least, one.label_map > least) for least in (0, 1))
                rows[way].append((lungs, infection))
        for way, scores in rows.items():
            shown = (", ".join(f"{one[place]:.3f}" for one in scores) for place in (0, 1))
            print(f"| {' × '.join(f'{mm:g}' for mm in spacing_mm)} | {way} | {' | '.join(shown)} |")


def ways_back(label_map: ByteArray, grid: Grid) -> Iterator[tuple[str, ByteArray]]:
    """Yield the labels that come back to the scan, by each way."""
    coarse = labels_to_grid(label_map, grid, labels=len(LABELS))
    nearest = [np.round(grid.places_back(axis)).astype(np.int64) for axis in range(3)]
    yield WAYS[0], coarse[np.ix_(*nearest)]
    hard = np.stack([np.uint8(255) * (coarse == label) for label in range(1, len(LABELS))])
    yield WAYS[1], shares_to_scan(hard.astype(np.uint8), grid)
    soft = np.stack(
        [
            np.round(255 * to_grid((label_map == label).astype(np.uint8), grid)).astype(np.uint8)
            for label in range(1, len(LABELS))
        ]
    )
    yield WAYS[2], shares_to_scan(soft, grid)


if __name__ == "__main__":
    main()
