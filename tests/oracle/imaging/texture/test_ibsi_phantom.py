"""Every published value of the IBSI's digital phantom, to its tolerance."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.first_order import first_order
from thoracle.imaging.texture.glcm import cooccurrence, glcm
from thoracle.imaging.texture.gldzm import gldzm
from thoracle.imaging.texture.glrlm import glrlm
from thoracle.imaging.texture.glszm import glszm
from thoracle.imaging.texture.histogram import intensity_histogram
from thoracle.imaging.texture.lattice import STEPS_2D, Lattice
from thoracle.imaging.texture.ngldm import ngldm
from thoracle.imaging.texture.ngtdm import ngtdm
from thoracle.imaging.texture.volume_shape import volume_shape

ZONE_ENDINGS = {
    Aggregation.MERGED_2D: "2D",
    Aggregation.MERGED_25D: "2_5D",
    Aggregation.MERGED_3D: "3D",
}


def _phantom_module() -> ModuleType:
    path = Path(__file__).parent / "phantom.py"
    spec = importlib.util.spec_from_file_location("ibsi_phantom", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


PHANTOM = _phantom_module()
REFERENCES = PHANTOM.reference_values()


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """Every feature of the phantom, by the tag of its reference value."""
    levels, mask = PHANTOM.phantom()
    inside = np.where(mask, levels, 0)
    found: dict[str, float] = {}
    for aggregation in Aggregation:
        for family in (glcm, glrlm):
            found |= {f"{k}_{aggregation}": v for k, v in family(inside, aggregation).items()}
    for aggregation, ending in ZONE_ENDINGS.items():
        for family in (glszm, gldzm, ngldm, ngtdm):
            found |= {f"{k}_{ending}": v for k, v in family(inside, aggregation).items()}
    image = levels.astype(np.float64)
    found |= first_order(image[mask]) | intensity_histogram(levels[mask])
    return found | volume_shape(image, mask, spacing=PHANTOM.SPACING_MM)


@pytest.mark.parametrize("tag", REFERENCES)
def test_the_published_value_is_met(measured: dict[str, float], tag: str) -> None:
    reference = REFERENCES[tag]
    allowed = reference.tolerance + PHANTOM.half_digit(reference.value) * 1.0001

    assert measured[tag] == pytest.approx(reference.value, rel=0.0, abs=allowed)


def test_every_feature_that_the_ibsi_has_values_for_is_held_to_one(
    measured: dict[str, float],
) -> None:
    assert set(measured) == set(REFERENCES)
    assert len(REFERENCES) == 474


def test_the_slices_are_those_whose_cooccurrences_the_manual_prints() -> None:
    levels, mask = PHANTOM.phantom()
    second = np.where(mask, levels, 0)[1:2]
    counts = cooccurrence(Lattice(levels=second, steps=STEPS_2D), levels=6)
    down = counts[STEPS_2D.index((0, 1, 0))]

    # Table of direction (0, 1, 0), second slice: (i, j) and n.
    printed = {(1, 1): 16, (1, 4): 2, (3, 6): 2, (4, 1): 2, (4, 6): 1, (6, 3): 2, (6, 4): 1}
    assert {(int(i) + 1, int(j) + 1): int(down[i, j]) for i, j in np.argwhere(down)} == printed
