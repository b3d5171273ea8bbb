"""The sentences about a scan's numbers: one for every edge, each with its place."""

import pytest

from thoracle.ct.measures import EDGES
from thoracle.ct.texts import MEASURES


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_has_a_sentence_that_names_the_area(edge: str) -> None:
    said = MEASURES[f"cut_{edge}"].format(area="12.5")
    assert "12.5 cm²" in said
    assert "lower bounds" in said
