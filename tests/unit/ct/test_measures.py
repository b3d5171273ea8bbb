"""The JSON form of measures: what is written can be read back."""

import json

import numpy as np
import pytest

from thoracle.ct.measures import Quantity, measures_from_json, measures_json
from thoracle.ct.quantify import measure
from thoracle.ct.types import Segmentation
from thoracle.datasets.thorax import Thorax, scattered_lesions
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom


@pytest.fixture(scope="module")
def made() -> Phantom:
    lesions = scattered_lesions(2, rng=np.random.default_rng(4))
    field = ((-50.0, 170.0), (-100.0, 100.0), (-140.0, 140.0))
    return phantom(Thorax(lesions=lesions), Scanner(spacing_mm=(10.0, 4.0, 4.0), field_mm=field))


def test_what_was_written_is_read_back(made: Phantom) -> None:
    found = measure(made.scan, made.segmentation, variants=[made.segmentation])
    assert found.warnings
    assert found.lesions.largest
    assert measures_from_json(json.loads(json.dumps(measures_json(found)))) == found


def test_unknown_is_null(made: Phantom) -> None:
    nothing = Segmentation(label_map=np.zeros_like(made.segmentation.label_map))
    content = json.loads(json.dumps(measures_json(measure(made.scan, nothing))))
    assert content["regions"][0]["name"] == "both"
    assert content["regions"][0]["percentage_of_infection"] == {
        "value": None, "low": None, "high": None
    }  # fmt: skip
    assert content["densities"][0]["mean_hu"]["value"] is None
    assert content["junction_mm"] is None


def test_regions_have_names_and_are_found_by_side_and_part(made: Phantom) -> None:
    found = measure(made.scan, made.segmentation)
    assert [one.name for one in found.regions][:7] == [
        "both", "both_upper", "both_middle", "both_lower", "both_ventral", "both_dorsal", "right"
    ]  # fmt: skip
    assert found.region("left", "upper").name == "left_upper"
    assert found.region("both").lung_ml == Quantity(value=found.region("both").lung_ml.value)
