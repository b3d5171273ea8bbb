"""How far measures differ where nothing changed, against sums by hand."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import SettingError
from thoracle.ct.repeatability import (
    Amount,
    amounts,
    learned,
    read_repeatability,
    repeatability_toml,
    surface,
)
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG


def _of(lung: float, infection: float, glass: float, solid: float) -> dict[str, Amount]:
    named = {"lung": lung, "infection": infection, "ground_glass": glass, "consolidation": solid}
    return {name: Amount(ml=ml, surface_mm2=1000.0 if ml else 0.0) for name, ml in named.items()}


def test_a_block_has_the_surface_of_its_faces() -> None:
    mask = np.zeros((6, 7, 8), bool)
    mask[1:3, 2:5, 0:4] = True  # 2 × 3 × 4 voxels, at the border on one side
    # Voxels of 5 × 2 × 1 mm: 10 × 6 × 4 mm.
    assert surface(mask, (5.0, 2.0, 1.0)) == pytest.approx(2 * (10 * 6 + 10 * 4 + 6 * 4))


def test_amounts_count_the_ill_lung_to_the_lung() -> None:
    labels = np.full((2, 2, 2), LUNG, np.uint8)
    labels[0, 0] = GROUND_GLASS, CONSOLIDATION
    found = amounts(labels, (10.0, 10.0, 10.0))
    assert {name: one.ml for name, one in found.items()} == {
        "lung": 8.0,
        "infection": 2.0,
        "ground_glass": 1.0,
        "consolidation": 1.0,
    }
    assert found["ground_glass"].surface_mm2 == 600.0


def test_one_pair_gives_its_difference_over_the_root_of_two() -> None:
    found = learned([(_of(4000, 12, 8, 4), _of(4040, 10, 5, 5))], labeled_by="two readers")
    # 2 ml over 1000 mm² are 2 mm.
    assert found.border_mm["infection"] == pytest.approx(2.0 / np.sqrt(2))
    assert found.border_mm["ground_glass"] == pytest.approx(3.0 / np.sqrt(2))
    assert found.lung_share == pytest.approx(40 / 4020 / np.sqrt(2))
    # 1.96 · √2 of it for a difference: 1.96 times what the pair itself differed by.
    assert found.difference_ml("infection", 1000.0) == pytest.approx(1.96 * 2.0)
    assert found.lung_difference_ml(4020.0) == pytest.approx(1.96 * 40)


def test_several_pairs_give_the_root_of_the_mean_square() -> None:
    pairs = [
        (_of(4000, 12, 6, 6), _of(4000, 10, 5, 5)),
        (_of(4000, 10, 5, 5), _of(4000, 14, 7, 7)),
    ]
    found = learned(pairs, labeled_by="x")
    assert found.pairs == 2
    assert found.border_mm["infection"] == pytest.approx(np.sqrt((4 + 16) / 2 / 2))
    assert found.lung_share == 0.0


def test_a_lesion_that_no_pair_has_is_taken_for_as_uncertain_as_the_worst() -> None:
    found = learned([(_of(4000, 12, 12, 0), _of(4000, 10, 10, 0))], labeled_by="x")
    assert found.border_mm["consolidation"] == found.border_mm["infection"]


def test_without_lungs_and_lesions_nothing_is_learned() -> None:
    with pytest.raises(SettingError, match="found 1 pairs, none with") as caught:
        learned([(_of(4000, 0, 0, 0), _of(4000, 0, 0, 0))], labeled_by="x")
    assert caught.value.code == "ct-repeatability"


def test_what_was_learned_is_read_back(tmp_path: Path) -> None:
    made = learned([(_of(4000, 12, 8, 4), _of(4040, 10, 5, 5))], labeled_by="two readers")
    (tmp_path / "r.toml").write_text(repeatability_toml(made), encoding="utf-8")
    found = read_repeatability(tmp_path / "r.toml")
    assert (found.pairs, found.labeled_by) == (1, "two readers")
    assert found.border_mm["infection"] == pytest.approx(made.border_mm["infection"], abs=1e-5)


@pytest.mark.parametrize("said", ["pairs = 1", "pairs = ", "border_mm = 3"])
def test_a_file_that_is_none_is_told(tmp_path: Path, said: str) -> None:
    (tmp_path / "r.toml").write_text(said, encoding="utf-8")
    with pytest.raises(SettingError, match=r"no repeatability in r\.toml") as caught:
        read_repeatability(tmp_path / "r.toml")
    assert caught.value.code == "ct-repeatability-unreadable"


def test_the_package_brings_what_two_labelings_of_one_scan_told() -> None:
    found = read_repeatability()
    assert found.pairs == 1
    assert 0.0 < found.border_mm["infection"] < 3.0
