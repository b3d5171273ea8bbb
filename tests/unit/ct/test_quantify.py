"""Numbers of a scan: exact volumes, real labels, what cannot be known, and intervals."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import ImageError
from thoracle.ct.measures import PARTS, SIDES, ScanMeasures
from thoracle.ct.quantify import measure
from thoracle.ct.types import CONSOLIDATION, Segmentation
from thoracle.datasets.thorax import Thorax, scattered_lesions
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom
from thoracle.datasets.thorax_shapes import Layer, Lesion
from thoracle.imaging.scan import CtScan, ScanFacts

FIELD = ((-80.0, 170.0), (-100.0, 100.0), (-140.0, 140.0))
COARSE = Scanner(spacing_mm=(6.0, 3.0, 3.0), field_mm=FIELD)


@pytest.fixture(scope="module")
def made() -> Phantom:
    return phantom(Thorax(lesions=scattered_lesions(4, rng=np.random.default_rng(7))), COARSE)


def value(measures: ScanMeasures, side: str, name: str, part: str = "whole") -> float:
    """Return one known number."""
    found = getattr(measures.region(side, part), name).value
    assert found is not None
    return float(found)


@pytest.mark.parametrize("spacing_mm", [(6.0, 1.5, 1.5), (3.0, 2.0, 2.0), (5.0, 1.0, 1.5)])
@pytest.mark.parametrize("gap", [0.99, 1.2])
def test_volumes_and_percentages_are_those_of_the_formulas(
    spacing_mm: tuple[float, float, float], gap: float
) -> None:
    lesions = scattered_lesions(6, rng=np.random.default_rng(11), gap=gap, largest_mm=45.0)
    thorax = Thorax(gap=gap, lesions=lesions)
    made = phantom(thorax, Scanner(spacing_mm=spacing_mm, field_mm=FIELD))
    found, truth = measure(made.scan, made.segmentation), made.volumes
    for index, side in enumerate(SIDES[1:]):
        assert value(found, side, "lung_ml") == pytest.approx(truth.lung_ml[index], rel=0.01)
    ill = sum(truth.ground_glass_ml) + sum(truth.consolidation_ml)
    assert value(found, "both", "lung_ml") == pytest.approx(sum(truth.lung_ml), rel=0.005)
    assert value(found, "both", "infection_ml") == pytest.approx(ill, rel=0.01)
    percent = value(found, "both", "percentage_of_infection")
    assert percent == pytest.approx(truth.percentage_of_infection, abs=0.1)


def test_a_dorsal_layer_lies_in_the_dorsal_half_of_its_lung() -> None:
    layer = Layer(side=-1, share=0.6, label=CONSOLIDATION)
    found = measure(*_both(phantom(Thorax(layers=(layer,)), COARSE)))
    exact = Thorax().lungs[0].behind_ml(0.6)
    assert value(found, "right", "consolidation_ml", "dorsal") == pytest.approx(exact, rel=0.03)
    assert value(found, "right", "consolidation_ml", "ventral") == 0.0
    assert value(found, "left", "infection_ml") == 0.0


def test_thirds_of_an_egg_have_the_volumes_of_its_slabs() -> None:
    found = measure(*_both(phantom(Thorax(), replace(COARSE, spacing_mm=(2.5, 3.0, 3.0)))))
    lung = Thorax().lungs[1]
    area = np.pi * np.prod(lung.half_mm) / 1000.0  # of the widest slice, in ml per mm

    def slab(low: float, high: float) -> float:
        heights = np.linspace(low, high, 20001)
        half = np.where(heights > 0.0, lung.up_mm, lung.down_mm)
        return float(np.mean(area * (1.0 - (heights / half) ** 2)) * (high - low))

    cuts = np.linspace(-75.0, 165.0, 4)
    for part, low, high in zip(("lower", "middle", "upper"), cuts[:-1], cuts[1:], strict=True):
        assert value(found, "left", "lung_ml", part) == pytest.approx(slab(low, high), rel=0.02)


def _both(made: Phantom) -> tuple[CtScan, Segmentation]:
    return made.scan, made.segmentation


FLIPS: dict[str, tuple[Callable[[ByteArray], ByteArray], dict[str, str]]] = {
    "left-right": (lambda one: one[:, :, ::-1], {"right": "left", "left": "right"}),
    "front-back": (lambda one: one[:, ::-1], {"ventral": "dorsal", "dorsal": "ventral"}),
    "feet-head": (lambda one: one[::-1], {"upper": "lower", "lower": "upper"}),
}


@pytest.mark.parametrize("name", FLIPS)
def test_a_flip_exchanges_what_it_should_and_nothing_else(name: str, made: Phantom) -> None:
    flip, names = FLIPS[name]
    flipped = Segmentation(label_map=np.ascontiguousarray(flip(made.segmentation.label_map)))
    found, other = measure(*_both(made)), measure(made.scan, flipped)
    for side in SIDES:
        for part in PARTS:
            one = found.region(side, part)
            two = other.region(names.get(side, side), names.get(part, part))
            for key in ("lung_ml", "ground_glass_ml", "consolidation_ml"):
                assert getattr(one, key).value == pytest.approx(getattr(two, key).value, rel=1e-9)
    assert other.lesions.count == found.lesions.count


def test_twice_the_spacing_is_eight_times_the_volume_and_the_same_percentage(
    made: Phantom,
) -> None:
    mm = made.scan.spacing_mm
    twice = replace(made.scan, spacing_mm=(2 * mm[0], 2 * mm[1], 2 * mm[2]))
    small, large = measure(*_both(made)), measure(twice, made.segmentation)
    assert value(large, "both", "lung_ml") == pytest.approx(8 * value(small, "both", "lung_ml"))
    assert value(large, "both", "percentage_of_infection") == pytest.approx(
        value(small, "both", "percentage_of_infection")
    )


def test_hu_of_compartments_are_those_that_were_painted() -> None:
    thick = Lesion(center_mm=(20.0, 0.0, 75.0), half_mm=(40.0, 40.0, 30.0), core=0.6)
    found = measure(*_both(phantom(Thorax(lesions=(thick,)), COARSE))).densities
    assert found is not None
    median = {(one.side, one.compartment): one.median_hu for one in found}
    assert median["both", "lung"] == -850.0
    assert median["both", "ground_glass"] == -550.0
    assert median["both", "consolidation"] == 10.0


def test_grey_of_a_window_has_no_hu(made: Phantom) -> None:
    grey = replace(made.scan, window_hu=(-1350.0, 150.0))
    assert measure(grey, made.segmentation).densities is None


def test_no_lung_has_no_percentage_and_says_so(made: Phantom) -> None:
    nothing = Segmentation(label_map=np.zeros_like(made.segmentation.label_map))
    found = measure(made.scan, nothing)
    assert found.region("both").lung_ml.value == 0.0
    assert found.region("both").percentage_of_infection.value is None
    assert found.lesions.count.value == 0.0
    assert [one.code for one in found.warnings] == ["ct-no-lung"]


def test_one_lung_alone_is_measured_without_a_side(made: Phantom) -> None:
    labels = made.segmentation.label_map.copy()
    labels[:, :, labels.shape[2] // 2 :] = 0
    found = measure(made.scan, Segmentation(label_map=labels))
    assert value(found, "both", "lung_ml") == pytest.approx(made.volumes.lung_ml[0], rel=0.01)
    assert found.region("right").lung_ml.value is None
    assert {one.region for one in found.lesions.largest} <= {None}
    assert [one.code for one in found.warnings] == ["ct-sides-unknown"]


def test_a_lung_cut_by_the_first_slice_makes_its_own_volumes_lower_bounds(made: Phantom) -> None:
    lifted = made.segmentation.label_map.copy()
    middle = lifted.shape[2] // 2
    lifted[:-3, :, :middle] = lifted[3:, :, :middle]  # the right lung sinks through the floor
    found = measure(made.scan, Segmentation(label_map=lifted))
    assert [(one.edge, one.sides) for one in found.cuts] == [("feet", ("right",))]
    bound = {one.name: one.is_lower_bound for one in found.regions}
    assert (bound["both"], bound["right"], bound["right_upper"], bound["left"]) == (
        True, True, True, False
    )  # fmt: skip
    (warning,) = found.warnings
    assert warning.text.startswith("The first slice, at the feet, cuts the lungs over ")


def test_lungs_that_touch_are_parted_and_the_reader_is_told() -> None:
    found = measure(*_both(phantom(Thorax(gap=0.97), COARSE)))
    assert [one.code for one in found.warnings] == ["ct-lungs-touch"]
    assert found.junction_mm is not None
    assert found.junction_mm > 0.0


def test_lungs_of_very_unlike_size_are_told(made: Phantom) -> None:
    labels = made.segmentation.label_map.copy()
    middle = labels.shape[2] // 2
    filled = np.flatnonzero(labels[:, :, :middle].any(axis=(1, 2)))
    labels[filled[len(filled) // 4] :, :, :middle] = 0  # the right lung keeps its lowest part
    found = measure(made.scan, Segmentation(label_map=labels))
    (warning,) = found.warnings
    ratio = value(found, "left", "lung_ml") / value(found, "right", "lung_ml")
    assert warning.code == "ct-lungs-unlike"
    assert warning.text.startswith(f"One lung is {ratio:.0f} times as large")


@pytest.mark.parametrize("factor", [0.1, 4.0])
def test_lungs_of_a_size_that_adults_seldom_have_are_told(made: Phantom, factor: float) -> None:
    slice_mm, row_mm, column_mm = made.scan.spacing_mm
    scan = replace(made.scan, spacing_mm=(slice_mm * factor, row_mm, column_mm))
    found = measure(scan, made.segmentation)
    (warning,) = found.warnings
    liters = value(found, "both", "lung_ml") / 1000
    assert (warning.code, f"{liters:.1f} liters" in warning.text) == ("ct-lungs-size", True)


def test_intervals_are_the_least_and_the_greatest_of_all_label_maps(made: Phantom) -> None:
    grown, gone = (made.segmentation.label_map.copy() for _ in range(2))
    ill = np.argwhere(grown >= 2)
    grown[grown == 2] = 3
    gone[tuple(ill[: len(ill) // 2].T)] = 1
    variants = (Segmentation(label_map=one) for one in (grown, gone))
    found = measure(made.scan, made.segmentation, variants=variants)
    assert found.variants == 2
    infection = found.region("both").infection_ml
    assert infection.value == infection.high
    assert infection.low == pytest.approx((infection.value or 0.0) / 2, rel=0.01)
    assert found.region("both").ground_glass_ml.low == 0.0
    lung = found.region("both").lung_ml
    assert lung.low == lung.value == lung.high
    assert found.densities is not None
    assert found.densities[0].mean_hu.low == found.densities[0].mean_hu.high


def test_without_variants_there_is_no_interval(made: Phantom) -> None:
    found = measure(*_both(made))
    assert found.variants == 0
    assert {one.lung_ml.low for one in found.regions} == {None}


def test_a_number_that_a_variant_lacks_has_no_interval(made: Phantom) -> None:
    nothing = Segmentation(label_map=np.zeros_like(made.segmentation.label_map))
    found = measure(made.scan, made.segmentation, variants=[nothing])
    assert found.region("both").percentage_of_infection.low is None
    assert found.region("both").lung_ml.low == 0.0


def test_labels_of_another_grid_are_refused(made: Phantom) -> None:
    with pytest.raises(ImageError, match=r"found labels of 2 × 2 × 2 voxels \(uint8\)") as caught:
        measure(made.scan, Segmentation(label_map=np.zeros((2, 2, 2), np.uint8)))
    assert caught.value.code == "labels-elsewhere"


def test_unknown_labels_are_refused(made: Phantom) -> None:
    odd = Segmentation(label_map=np.full_like(made.segmentation.label_map, 4))
    with pytest.raises(ImageError, match="found label 4 – expected 0 to 3"):
        measure(made.scan, odd)


CASES = ("case1", "case2", "case3", "case4", "case6", "case7")


@pytest.mark.parametrize("case", CASES)
def test_the_radiologists_labels_give_the_published_volumes(case: str, data_folder: Path) -> None:
    import nibabel

    with (data_folder / "ct" / "cases.csv").open(encoding="utf-8", newline="") as stream:
        row = next(one for one in csv.DictReader(stream) if one["case"] == case)
    image: Any = nibabel.load(data_folder / "ct" / f"{case}_labels.nii.gz")
    labels = np.ascontiguousarray(np.asarray(image.dataobj).T)
    column_mm, row_mm, slice_mm = (float(one) for one in image.header.get_zooms())
    scan = CtScan(
        hu=np.zeros(labels.shape, np.int16),
        spacing_mm=(slice_mm, row_mm, column_mm),
        affine=np.eye(4),
        sha256="0" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
        window_hu=(-1350.0, 150.0),
    )
    found = measure(scan, Segmentation(label_map=labels))
    published = {
        "lung_ml": "lung_volume_ml",
        "ground_glass_ml": "ground_glass_volume_ml",
        "consolidation_ml": "consolidation_volume_ml",
    }
    for name, column in published.items():
        assert value(found, "both", name) == pytest.approx(float(row[column]), abs=0.05)
    percent = value(found, "both", "percentage_of_infection")
    assert percent == pytest.approx(float(row["percentage_of_infection"]), abs=0.0051)
    assert found.junction_mm == 0.0
    shares = value(found, "right", "lung_ml") / value(found, "both", "lung_ml")
    assert 0.45 < shares < 0.6
