"""Time CT segmentation: a scan from HU to labels, and MONAI's sliding window of the same weights.

Run `python benchmarks/ct.py RUN SCAN` in an installation with the extra `dev`, on an idle machine.
RUN is the folder of a finished `thoracle train ct`, SCAN a NIfTI file in HU, which is spread over
512 × 512 pixels and as many slices as asked for. Each turn is a process of its own, so that its
peak of resident memory is its own. It prints a Markdown table; `--out FILE` writes it.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.core.settings import settings
from thoracle.ct.grey import WINDOW_HU
from thoracle.ct.grid import grid_of, to_grid
from thoracle.ct.lungs import keep_lungs, search_box
from thoracle.ct.model import OVERLAP, CtSegmenter
from thoracle.ct.outside import drop_side_air, find_side_air
from thoracle.datasets.ct_cases import read_hu_scan
from thoracle.imaging.scan import CtScan
from thoracle.inference.bundle import open_bundle
from timing import Figure, seconds, table_of

SIDE_PX = 512
PEER_TILE = (16, 128, 144)  # the crop that the network was trained on: MONAI's usual choice.
WHO = ("ours", "monai")


def main() -> None:
    """Measure what was asked for and print the table."""
    options = _options()
    if options.child:
        print(json.dumps(_child(options)))
        return
    figures = _figures(options)
    made = f"{options.threads} threads, {SIDE_PX} × {SIDE_PX} pixels of {options.scan.name}"
    printed = table_of(figures, made)
    print(printed)
    if options.out is not None:
        options.out.write_text(printed, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="Folder of a finished `thoracle train ct`.")
    parser.add_argument("scan", type=Path, help="A chest CT in HU, as NIfTI.")
    parser.add_argument("--slices", type=int, nargs="+", default=[150, 300, 600])
    parser.add_argument("--against", type=int, default=300, help="Slices of the comparison.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="Also write the table into this file.")
    parser.add_argument("--child", choices=WHO, help=argparse.SUPPRESS)
    parser.add_argument("--labels", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _figures(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        places = {who: Path(folder) / f"{who}.npz" for who in WHO}
        turns: dict[str, list[dict[str, float]]] = {who: [] for who in WHO}
        for _ in range(options.rounds):
            for who in WHO:
                turns[who].append(_turn(options, who, options.against, places[who]))
        maps = {who: np.load(place)["labels"] for who, place in places.items()}
    ours, monai = (_medians(turns[who]) for who in WHO)
    grown = {count: _turn(options, "ours", count, None) for count in options.slices}
    apart = maps["ours"] != maps["monai"]
    return [
        Figure(
            name=f"(a) Thoracle, {options.against} slices from HU to labels",
            value=f"{ours['seconds']:.1f} s, {ours['peak_mb']:.0f} MB resident at most",
        ),
        Figure(
            name="(b) PyTorch: resampling, MONAI's sliding window, the same weights, labels back",
            value=f"{monai['seconds']:.1f} s, {monai['peak_mb']:.0f} MB resident at most",
        ),
        Figure(name="(b) / (a)", value=f"{monai['seconds'] / ours['seconds']:.1f}", target="≥ 3"),
        Figure(
            name="resampling and network without the way back, (b) / (a)",
            value=f"{monai['network_seconds'] / ours['network_seconds']:.1f}",
        ),
        Figure(
            name="voxels of the scan whose label differs",
            value=f"{100 * apart.mean():.3f} %",
            target="≤ 0.5 %",
        ),
        *(
            Figure(
                name=f"Thoracle, {count} slices",
                value=f"{one['seconds']:.1f} s, {one['peak_mb']:.0f} MB resident at most",
                target="≤ 3000 MB" if count == max(grown) else "",
            )
            for count, one in grown.items()
        ),
    ]


def _medians(turns: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(one[key] for one in turns) for key in turns[0]}


def _turn(
    options: argparse.Namespace, who: str, slices: int, labels: Path | None
) -> dict[str, float]:
    """Run one turn in a process of its own."""
    command = [sys.executable, __file__, str(options.run), str(options.scan), "--child", who]
    command += ["--against", str(slices), "--threads", str(options.threads)]
    command += [] if labels is None else ["--labels", str(labels)]
    threads = {"OMP_NUM_THREADS": str(options.threads), "THORACLE_THREADS": str(options.threads)}
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, env={**os.environ, **threads}
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _child(options: argparse.Namespace) -> dict[str, float]:
    scan = spread(read_hu_scan(options.scan), slices=options.against)
    run: dict[str, Callable[[], tuple[Callable[[], ByteArray], Callable[[], FloatArray]]]] = {
        "ours": lambda: _ours(options, scan),
        "monai": lambda: _monai(options, scan),
    }
    whole, network = run[options.child]()
    kept: list[ByteArray] = []
    whole_s = seconds(lambda: kept.append(whole()))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    network_s = seconds(network)
    if options.labels is not None:
        np.savez_compressed(options.labels, labels=kept[0])
    return {"seconds": whole_s, "network_seconds": network_s, "peak_mb": peak_mb}


def spread(scan: CtScan, *, slices: int) -> CtScan:
    """Return the same chest on another grid: more slices, 512 × 512 pixels."""
    have = scan.hu.shape
    wanted = (slices, SIDE_PX, SIDE_PX)
    finer = [new / old for new, old in zip(wanted, have, strict=True)]
    hu = np.empty(wanted, np.int16)
    scipy.ndimage.zoom(scan.hu, finer, output=hu, order=1, mode="nearest", grid_mode=True)
    slice_mm, row_mm, column_mm = (
        mm / factor for mm, factor in zip(scan.spacing_mm, finer, strict=True)
    )
    return replace(scan, hu=hu, spacing_mm=(slice_mm, row_mm, column_mm))


def _ours(
    options: argparse.Namespace, scan: CtScan
) -> tuple[Callable[[], ByteArray], Callable[[], FloatArray]]:
    settings.cache_clear()
    segmenter = CtSegmenter(open_bundle(str(options.run / "bundle")), threads=options.threads)
    slices, rows, columns = scan.hu.shape
    grid = grid_of((slices, rows, columns), scan.spacing_mm, spacing_mm=segmenter.spacing_mm)

    def logits() -> FloatArray:
        hu = to_grid(scan.hu, grid)
        return segmenter.logits(hu[search_box(hu, spacing_mm=segmenter.spacing_mm)])

    return lambda: segmenter.segment(scan).label_map, logits


def _monai(
    options: argparse.Namespace, scan: CtScan
) -> tuple[Callable[[], ByteArray], Callable[[], FloatArray]]:
    """Return what a script of today would do with the same weights."""
    import torch
    from monai.inferers.utils import sliding_window_inference
    from safetensors.torch import load_file

    from thoracle.train.ct.network import CtNetwork
    from thoracle.train.ct.recipe import read_ct_recipe

    torch.set_num_threads(options.threads)
    recipe = read_ct_recipe(options.run / "recipe.toml")
    network = CtNetwork(recipe.network)
    network.load_state_dict(load_file(options.run / "ct.safetensors"))
    network.eval()
    slices, rows, columns = scan.hu.shape
    slice_mm, row_mm, column_mm = recipe.spacing_mm
    spacing_mm = (slice_mm, row_mm, column_mm)
    grid = grid_of((slices, rows, columns), scan.spacing_mm, spacing_mm=spacing_mm)
    low, high = WINDOW_HU

    def logits() -> Any:
        # The same averaging of thin slices: otherwise the masks would differ by the resampling.
        hu = torch.from_numpy(to_grid(scan.hu, grid))[None, None]
        grey = ((hu - low) / (high - low)).clamp(0, 1) * 2 - 1
        with torch.inference_mode():
            return sliding_window_inference(
                grey, PEER_TILE, 1, network, overlap=OVERLAP, mode="gaussian"
            )

    def whole() -> ByteArray:
        found = logits()
        coarse = found.argmax(dim=1)[0].numpy().astype(np.uint8)
        air = find_side_air(to_grid(scan.hu, grid))
        kept = keep_lungs(drop_side_air(coarse, air), spacing_mm=spacing_mm)
        shares = torch.softmax(found, dim=1)
        shares[:, 1:, torch.from_numpy(kept != coarse)] = 0
        made = np.empty((slices, rows, columns), np.uint8)
        fine = torch.nn.functional.interpolate(
            shares, size=[slices, rows, columns], mode="trilinear"
        )
        made[:] = fine.argmax(dim=1)[0].numpy()
        return made

    return whole, lambda: np.asarray(logits().numpy(), np.float32)


if __name__ == "__main__":
    main()
