"""Measure texture: against scikit-image and MIRP on the same region, one film, and a folder.

Run `python benchmarks/texture.py FILM` with a radiograph. Both sides of a ratio take turns in one
run. CPU time is printed beside the clock's, which other programs on the machine make longer.
"""

import argparse
import logging
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before any library starts its threads

import numpy as np
from skimage.feature import graycomatrix

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.imaging.decode import decode_trusted_file
from thoracle.imaging.resample import resize
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.glcm import cooccurrence
from thoracle.imaging.texture.lattice import STEPS_2D, Lattice
from thoracle.imaging.texture.measure import measure_grey
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.texture import TextureOptions
from thoracle.jobs.texture_worker import measure_files
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.regions import LUNGS, lung_regions
from thoracle.radiograph.texture import BINS, measure_film, prepare_film
from timing import Figure, options_of, publish

PARTS = ("scikit-image", "film", "mirp", "folder")
ANGLES = (0.0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
BOX_SIDES = (128, 256, 512, 1024)
TURNS = 200
FAMILIES = ["statistics", "intensity_histogram", "cm", "rlm", "szm", "dzm", "ngtdm", "ngldm"]


def main() -> None:
    """Measure what was asked for and print the table."""
    parser = options_of(__doc__, PARTS)
    parser.add_argument("--films", type=int, default=40, help="Films of the folder.")
    options = parser.parse_args()
    pixels = decode_trusted_file(options.film).pixels
    lungs = _lungs(pixels)
    figures: list[Figure] = []
    if "scikit-image" not in options.without:
        figures += _against_scikit_image(pixels)
    if "film" not in options.without:
        figures += _one_film(pixels, lungs)
    if "mirp" not in options.without:
        figures += _against_mirp(pixels, lungs)
    if "folder" not in options.without:
        figures += _folder(options)
    publish(figures, options)


def _lungs(pixels: FloatArray) -> BoolArray:
    mask = LungFinder(open_bundle(LUNG_BUNDLE)).find(pixels).astype(np.float32)
    return resize(mask, rows=pixels.shape[0], columns=pixels.shape[1]) > 0.5


def _best_ms(*acts: Callable[[], object], turns: int) -> list[float]:
    """Let acts take turns and return the shortest time of each, in milliseconds."""
    best = [np.inf] * len(acts)
    for _ in range(turns):
        for place, act in enumerate(acts):
            started_s = time.perf_counter()
            act()
            best[place] = min(best[place], 1000 * (time.perf_counter() - started_s))
    return [float(one) for one in best]


def _against_scikit_image(pixels: FloatArray) -> list[Figure]:
    figures = []
    for side in BOX_SIDES:
        grey = np.clip(resize(pixels, rows=side, columns=side), 0.0, 1.0)
        picture = np.minimum(grey * BINS, BINS - 1).astype(np.uint8)
        levels = picture[None].astype(np.int64) + 1

        def ours(levels: np.ndarray = levels) -> object:
            return cooccurrence(Lattice(levels=levels, steps=STEPS_2D), levels=BINS)

        def theirs(picture: np.ndarray = picture) -> object:
            return graycomatrix(picture, [1], ANGLES, levels=BINS, symmetric=True)

        here, there = _best_ms(ours, theirs, turns=max(20, TURNS * 128**2 // side**2))
        figures.append(
            Figure(
                name=f"co-occurrences of a box of {side} × {side}, {BINS} levels, 4 directions: "
                "graycomatrix / Thoracle",
                value=f"{there:.3f} / {here:.3f} ms = {there / here:.2f}",
                target="≥ 1",
            )
        )
    return figures


def _one_film(pixels: FloatArray, lungs: BoolArray) -> list[Figure]:
    regions = lung_regions(lungs)

    def measure() -> object:
        return measure_film(pixels, regions, lungs=lungs, spacing_mm=None)

    measure()
    clock_ms = _best_ms(measure, turns=10)[0]
    cpu_ms = min(_cpu_ms(measure) for _ in range(10))
    found = measure_film(pixels, regions, lungs=lungs, spacing_mm=None)
    count = sum(len(one.features) for one in found)
    return [
        Figure(
            name=f"one film: {count} features of {len(regions)} regions and 4 wavelet bands, best "
            "of 10 by the clock; CPU time",
            value=f"{clock_ms:.0f} ms; {cpu_ms:.0f} ms",
            target="≤ 300 ms",
        )
    ]


def _cpu_ms(act: Callable[[], object]) -> float:
    started_s = time.process_time()
    act()
    return 1000 * (time.process_time() - started_s)


def _against_mirp(pixels: FloatArray, lungs: BoolArray) -> list[Figure]:
    from mirp import extract_features

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    prepared = prepare_film(pixels, lungs=lungs, with_wavelets=False)
    layer = prepared.layers[""]
    size = layer.image.shape[1:]
    inside = resize(lungs.astype(np.float32), rows=size[0], columns=size[1]) > 0.5
    mask = inside[None]
    levels = np.where(mask, layer.binning.levels(layer.image), 0)

    def theirs() -> object:
        return extract_features(
            image=levels.astype(float),
            mask=mask.astype(int),
            by_slice=True,
            base_discretisation_method="none",
            base_feature_families=FAMILIES,
            glcm_spatial_method="2d_slice_merge",
            glrlm_spatial_method="2d_slice_merge",
            glszm_spatial_method="2d",
            gldzm_spatial_method="2d",
            ngtdm_spatial_method="2d",
            ngldm_spatial_method="2d",
        )

    def ours() -> object:
        return measure_grey(layer, mask, Aggregation.MERGED_2D)

    ours()
    here, there = min(_cpu_ms(ours) for _ in range(10)), _cpu_ms(theirs)
    return [
        Figure(
            name=f"the same families of region {LUNGS} ({int(mask.sum())} pixels), CPU time: "
            "MIRP 2.7 / Thoracle",
            value=f"{there:.0f} / {here:.1f} ms = {there / here:.0f}",
        )
    ]


def _folder(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(options.films):
            shutil.copy(options.film, folder / f"{number}{options.film.suffix}")
        paths = sorted(folder.iterdir())
        started_s = time.perf_counter()
        found = list(measure_files(paths, TextureOptions(), workers=options.threads))
        taken_s = time.perf_counter() - started_s
    failed = sum(one.error is not None for one in found)
    return [
        Figure(
            name=f"a folder of {len(paths)} films in {options.threads} processes, gate, lungs, "
            f"findings and maps included, {failed} failed, start of the processes too",
            value=f"{len(paths) / taken_s:.1f} per second",
        )
    ]


if __name__ == "__main__":
    main()
