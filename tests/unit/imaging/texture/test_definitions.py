import numpy as np
from pydicom.sr._concepts_dict import concepts

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.definitions import FAMILIES, FEATURES
from thoracle.imaging.texture.flat_shape import flat_shape
from thoracle.imaging.texture.measure import Binning, Layer, measure_layers
from thoracle.imaging.texture.volume_shape import volume_shape

# Statistics of grey values: pydicom lists the codes of all other families.
STATISTICS = {
    "Q4LE", "ECT3", "KE2A", "IPH6", "Y12H", "1GSF", "QG58", "8DWT", "84IY", "SALO", "2OJQ", "4FUA",
    "1128", "N72L", "7TET", "9S40", "N8CA", "5ZWQ",
}  # fmt: skip


def test_everything_that_is_measured_is_defined_and_nothing_else() -> None:
    image = np.random.default_rng(0).random((3, 8, 8))
    mask = np.ones(image.shape, bool)
    layers = {"": Layer(image=image, binning=Binning())}
    measured = measure_layers(layers, mask, Aggregation.MERGED_3D)
    measured |= volume_shape(image, mask, spacing=(1.0, 1.0, 1.0))
    measured |= flat_shape(mask[0], spacing=(1.0, 1.0))

    assert set(measured) == set(FEATURES)


def test_codes_are_those_of_the_ibsi_and_belong_to_one_feature_each() -> None:
    known = {code for codes in concepts["IBSI"].values() for code in codes} | STATISTICS
    codes = [one.code for one in FEATURES.values() if one.code is not None]

    assert set(codes) <= known
    assert len(codes) == len(set(codes))


def test_only_shapes_of_the_plane_and_local_patterns_lack_a_code() -> None:
    lacking = {one.family for one in FEATURES.values() if one.code is None}

    assert lacking == {"shape", "lbp"}


def test_every_feature_is_named_after_its_family_and_says_how_it_is_computed() -> None:
    for name, one in FEATURES.items():
        assert name == one.name
        assert one.family in FAMILIES
        assert name.startswith(f"{one.family}_")
        assert one.title
        assert one.formula
