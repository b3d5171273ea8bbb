"""The sentences of a CT report: nothing said twice differently, a name for all there is."""

from thoracle.ct.measures import PARTS, SIDES
from thoracle.reporting.ct_texts import CT_DEFINITIONS, CT_PAGE


def test_every_side_and_part_and_every_place_of_a_lesion_has_a_name() -> None:
    thirds = ("upper", "middle", "lower")
    places = {f"{side}_{third}" for side in ("right", "left") for third in thirds}
    assert {*SIDES, *PARTS, *places} <= set(CT_PAGE)


def test_the_definitions_name_what_is_measured() -> None:
    text = " ".join(CT_DEFINITIONS)
    for word in ("Percentage of infection", "Thirds", "Halves", "Lesion", "Sphericity".lower()):
        assert word in text


def test_the_smallest_lesion_is_the_one_that_is_counted() -> None:
    from thoracle.ct.lesions import SMALLEST_ML
    from thoracle.ct.regions import BEGINS_CM2

    text = " ".join(CT_DEFINITIONS)
    assert f"{SMALLEST_ML:g} ml or more" in text
    assert f"fills {BEGINS_CM2:g} cm²" in text
