"""How far off places are after laying scans over each other, on real lungs moved by a known breath.

Run as `python benchmarks/ct_registration.py FOLDER`, the folder of case1_image.nii.gz and its kind;
prints a Markdown table for each question. `--pairs` lays each two cases over each other as well.
"""

import argparse
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thoracle.ct.register import SAMPLES, SEED, Coarse, coarse_view, register, require_simpleitk
from thoracle.imaging.scan import CtScan, ScanFacts

DIAPHRAGM_MM, FRONT_MM = 20.0, 6.0
HEALED_HU = -780  # no lung that was ill is denser afterwards
CASES = (1, 2, 3, 4, 6, 7)
MESH_MM = 60.0


def read_case(folder: Path, number: int) -> tuple[CtScan, NDArray[np.uint8]]:
    """Return a case of the collection as a scan in HU of its window, and its labels."""
    stored = [_canonical(folder / f"case{number}_{kind}.nii.gz") for kind in ("image", "labels")]
    grey, labels = (
        np.ascontiguousarray(np.asarray(one.dataobj)[::-1, ::-1].transpose(2, 1, 0))
        for one in stored
    )
    columns, rows, slices = (float(one) for one in stored[0].header.get_zooms()[:3])
    scan = CtScan(
        hu=(grey.astype(np.float32) / 4095 * 1500 - 1350).astype(np.int16),
        spacing_mm=(slices, rows, columns),
        affine=np.diag([columns, rows, slices, 1.0]),
        sha256="0" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
    )
    return scan, np.round(labels).astype(np.uint8)


def _canonical(path: Path) -> Any:
    return nibabel.as_closest_canonical(nibabel.load(path))  # type: ignore[no-untyped-call]


def breathe(
    scan: CtScan, labels: NDArray[np.uint8]
) -> tuple[CtScan, NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """Return a scan with its diaphragm up, its disease healed, and places before and after."""
    used = [np.flatnonzero((labels > 0).any(axis=axes)) for axes in ((1, 2), (0, 2))]
    (low, high), (front, back) = ((one[0], one[-1]) for one in used)
    at = np.indices(labels.shape, dtype=np.float32)
    down = np.clip((high - at[0]) / (high - low), 0, 1.2)
    ahead = np.clip((back - at[1]) / (back - front), 0, 1.2)
    up_mm = DIAPHRAGM_MM * down**2 * (0.6 + 0.4 * ahead)
    back_mm = FRONT_MM * ahead * np.clip(down, 0, 1)
    slice_mm, row_mm, _ = scan.spacing_mm
    source = [at[0] - up_mm / slice_mm, at[1] - back_mm / row_mm, at[2]]
    hu = ndimage.map_coordinates(scan.hu, source, order=1, mode="nearest", output=np.int16)
    moved = ndimage.map_coordinates(labels, source, order=0, mode="nearest")
    hu = hu + np.random.default_rng(SEED).normal(0, 20, hu.shape).astype(np.int16)
    hu[moved > 1] = np.minimum(hu[moved > 1], HEALED_HU)
    after = np.argwhere(moved > 0)[::997]
    before = np.stack([one[tuple(after.T)] for one in source], axis=1)
    scale = np.array(scan.spacing_mm)
    return replace(scan, hu=hu), moved, (before * scale)[:, ::-1], (after * scale)[:, ::-1]


class Alternatives:
    """The searches that were tried beside the one that is used."""

    def __init__(self, earlier: Coarse, later: Coarse, metric: str) -> None:
        self.itk, self.metric = require_simpleitk(), metric
        self.fixed, self.moving, self.rim = (
            self._image(one, view)
            for one, view in (
                (earlier.grey, earlier), (later.grey, later),
                (earlier.lungs.astype(np.uint8), earlier),
            )
        )  # fmt: skip
        reach = [max(1, round(12.0 / one)) for one in reversed(earlier.spacing_mm)]
        self.rim = self.itk.BinaryDilate(self.rim, reach)
        self.centers = earlier.center_mm, later.center_mm - earlier.center_mm

    def transforms(self) -> dict[str, Any]:
        """Return what each stage found."""
        center, shift = self.centers
        rigid = self.itk.Euler3DTransform()
        rigid.SetCenter(center.tolist())
        rigid.SetTranslation(shift.tolist())
        self._run(rigid, [4, 2], [6.0, 3.0], 4.0)
        affine = self.itk.AffineTransform(3)
        affine.SetCenter(rigid.GetCenter())
        affine.SetMatrix(rigid.GetMatrix())
        affine.SetTranslation(rigid.GetTranslation())
        self._run(affine, [2, 1], [3.0, 0.0], 2.0)
        size = [n * s for n, s in zip(self.fixed.GetSize(), self.fixed.GetSpacing(), strict=True)]
        mesh = [max(2, round(one / MESH_MM)) for one in size]
        spline = self.itk.BSplineTransformInitializer(self.fixed, mesh, 3)
        method = self._method([2], [3.0])
        method.SetMovingInitialTransform(affine)
        method.SetInitialTransform(spline, inPlace=True)
        method.SetOptimizerAsLBFGSB(1e-5, 25)
        method.Execute(self.fixed, self.moving)
        return {
            "rigid": rigid,
            "affine": affine,
            "with B-spline": self.itk.CompositeTransform([affine, spline]),
        }

    def _run(self, transform: Any, shrink: list[int], smooth: list[float], step: float) -> None:
        method = self._method(shrink, smooth)
        method.SetOptimizerAsRegularStepGradientDescent(step, 1e-3, 60, relaxationFactor=0.6)
        method.SetOptimizerScalesFromPhysicalShift()
        method.SetInitialTransform(transform, inPlace=True)
        method.Execute(self.fixed, self.moving)

    def _method(self, shrink: list[int], smooth: list[float]) -> Any:
        method = self.itk.ImageRegistrationMethod()
        method.SetNumberOfThreads(1)
        method.SetNumberOfWorkUnits(1)
        if self.metric == "correlation":
            method.SetMetricAsCorrelation()
        else:
            method.SetMetricAsMattesMutualInformation(32)
        inside = float(self.itk.GetArrayViewFromImage(self.rim).sum())
        shares = [min(1.0, SAMPLES / inside * one**3) for one in shrink]
        method.SetMetricFixedMask(self.rim)
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentagePerLevel(shares, SEED)
        method.SetInterpolator(self.itk.sitkLinear)
        method.SetShrinkFactorsPerLevel(shrink)
        method.SetSmoothingSigmasPerLevel(smooth)
        method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
        return method

    def _image(self, values: NDArray[Any], view: Coarse) -> Any:
        image = self.itk.GetImageFromArray(values)
        image.SetSpacing(list(reversed(view.spacing_mm)))
        image.SetOrigin(view.affine[:3, 3].tolist())
        return image


def said(errors: NDArray[np.float64]) -> str:
    """Return mean and 95th percentile of errors in mm."""
    return f"{errors.mean():.2f} ({np.percentile(errors, 95):.2f})"


def breathing(folder: Path, number: int) -> None:
    """Print how far off places are after each stage, and after the search that is used."""
    scan, labels = read_case(folder, number)
    later, moved, before, after = breathe(scan, labels)
    views = coarse_view(scan, labels > 0), coarse_view(later, moved > 0)
    shift = views[1].center_mm - views[0].center_mm
    found_by_package = register(*views)
    matrix, fit = found_by_package.matrix, found_by_package.after
    used = before @ matrix[:3, :3].T + matrix[:3, 3]
    print(f"Error over {len(after)} places in the lungs, mm: mean (95 % below)\n")
    print("| similarity | centers alone | rigid | affine | with B-spline |\n|---|---|---|---|---|")
    for metric in ("mutual information", "correlation"):
        cells = [said(np.linalg.norm(before + shift - after, axis=1))]
        for one in Alternatives(*views, metric).transforms().values():
            found = np.array([one.TransformPoint(place.tolist()) for place in before])
            cells.append(said(np.linalg.norm(found - after, axis=1)))
        print(f"| {metric} | {' | '.join(cells)} |", flush=True)
    print(f"\nAs the package does it: {said(np.linalg.norm(used - after, axis=1))}")
    print(f"Dice of the lungs {fit.dice:.3f}, correlation {fit.correlation:.3f}\n", flush=True)


def pairs(folder: Path) -> None:
    """Print how well each two cases fit; case2 and case3 are one patient."""
    views = {}
    for number in CASES:
        scan, labels = read_case(folder, number)
        views[number] = coarse_view(scan, labels > 0)
    print("| cases | Dice | surfaces apart, mm | correlation | mirrored |\n|---|---|---|---|---|")
    for first, second in combinations(CASES, 2):
        found = register(views[first], views[second])
        print(
            f"| {first}, {second} | {found.after.dice:.3f} | {found.after.surface_mm:.1f} | "
            f"{found.after.correlation:.3f} | {found.mirrored} |",
            flush=True,
        )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--case", type=int, default=1)
    parser.add_argument("--pairs", action="store_true")
    asked = parser.parse_args()
    if asked.pairs:
        pairs(asked.folder)
    else:
        breathing(asked.folder, asked.case)


if __name__ == "__main__":
    main()
