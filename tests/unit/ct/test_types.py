"""Labels have names in their order."""

from thoracle.ct.types import BACKGROUND, CONSOLIDATION, GROUND_GLASS, LABELS, LUNG


def test_each_label_is_the_index_of_its_name() -> None:
    names = [LABELS[one] for one in (BACKGROUND, LUNG, GROUND_GLASS, CONSOLIDATION)]
    assert names == ["background", "lung", "ground glass", "consolidation"]
