import numpy as np
import pytest

from thoracle.core.arrays import BoolArray
from thoracle.core.results import ContributionMap, Finding
from thoracle.radiograph.regions import (
    ALTERED,
    LUNGS,
    REGIONS,
    altered_region,
    lung_regions,
    with_altered,
)


@pytest.fixture
def lungs() -> BoolArray:
    """Two lungs: the one at the left of the film 30 rows high, the other 24."""
    mask = np.zeros((60, 50), bool)
    mask[10:40, 5:20] = True
    mask[12:36, 28:45] = True
    return mask


def _map(label: str, values: list[list[float]], box: tuple[int, int, int, int]) -> ContributionMap:
    return ContributionMap(
        label=label,
        layer="last",
        method="gradcam",
        values=np.array(values, np.float32),
        scale_max=10.0,
        box=box,
        lung_share=None,
    )


def _finding(label: str, probability: float) -> Finding:
    return Finding(label=label, logit=0.0, probability=probability, threshold=0.5, is_positive=True)


def test_the_right_lung_is_left_on_the_film(lungs: BoolArray) -> None:
    found = lung_regions(lungs)

    assert set(found) == set(REGIONS) - {ALTERED, "drawn"}
    assert found["right_lung"][:, :25].sum() == 30 * 15
    assert not found["right_lung"][:, 25:].any()
    assert found["left_lung"].sum() == 24 * 17


def test_thirds_are_of_each_lungs_own_height_and_make_it_up(lungs: BoolArray) -> None:
    found = lung_regions(lungs)

    assert np.flatnonzero(found["right_upper"].any(axis=1)).tolist() == list(range(10, 20))
    assert np.flatnonzero(found["left_lower"].any(axis=1)).tolist() == list(range(28, 36))
    for side in ("right", "left"):
        thirds = [found[f"{side}_{zone}"] for zone in ("upper", "middle", "lower")]
        assert np.array_equal(np.sum(thirds, axis=0), found[f"{side}_lung"])


def test_lungs_that_cannot_be_told_apart_are_one_region_only(lungs: BoolArray) -> None:
    joined = lungs.copy()
    joined[20:22, 20:28] = True

    assert list(lung_regions(joined)) == [LUNGS]
    assert lung_regions(np.zeros((5, 5), bool)) == {}


def test_a_speck_is_no_third_lung(lungs: BoolArray) -> None:
    lungs[55, 2] = True

    assert len(lung_regions(lungs)) == 9


def test_the_altered_region_is_the_likeliest_findings_map_above_half_its_scale() -> None:
    maps = (
        _map("No finding", [[9.0]], (0, 0, 4, 4)),
        _map("Opacity", [[0.0, 0.0], [9.0, 0.0]], (0, 0, 20, 20)),
    )
    findings = (_finding("No finding", 0.9), _finding("Opacity", 0.1))
    found = altered_region(maps, findings, rows=24, columns=30)

    assert found is not None
    assert found.shape == (24, 30)
    assert found[18, 1]
    assert not found[:5].any()
    assert not found[20:].any()
    assert altered_region(maps, findings[:1], rows=24, columns=30) is None
    assert altered_region(maps[:1], findings, rows=24, columns=30) is None


def test_a_map_that_reaches_past_the_film_is_cut_at_it() -> None:
    found = altered_region(
        (_map("Opacity", [[9.0]], (-5, -5, 10, 10)),),
        (_finding("Opacity", 0.6),),
        rows=8,
        columns=6,
    )

    assert found is not None
    assert found.shape == (8, 6)
    assert found.all()


def test_without_an_altered_region_there_is_none(lungs: BoolArray) -> None:
    assert with_altered({LUNGS: lungs}, None) == {LUNGS: lungs}
    assert list(with_altered({LUNGS: lungs}, lungs)) == [LUNGS, ALTERED]
