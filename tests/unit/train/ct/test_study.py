"""A study trains every part once, and never lets a judged patient in."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from thoracle.datasets.ct_cases import CtCase
from thoracle.train.ct import study as module
from thoracle.train.ct.fit import CtRun
from thoracle.train.ct.recipe import CtRecipe, parse_ct_recipe
from thoracle.train.ct.study import StudyParts, learned_from, planned, study

ALL = StudyParts(fewer=True)


@pytest.fixture
def recipe(ct_recipe_text: Callable[..., str]) -> CtRecipe:
    """The tiny one."""
    return parse_ct_recipe(ct_recipe_text())


def test_the_parts_are_each_patient_left_out_everybody_and_fewer(
    recipe: CtRecipe, cases: tuple[CtCase, ...], tmp_path: Path
) -> None:
    runs = {one.folder.name: one.patients for one in planned(recipe, cases, tmp_path, parts=ALL)}
    assert runs == {
        "without-p1": ("p2", "p3"),
        "without-p2": ("p1", "p3"),
        "without-p3": ("p1", "p2"),
        "all": ("p1", "p2", "p3"),
        "without-p1-of-1": ("p2",),
        "without-p2-of-1": ("p3",),
        "without-p3-of-1": ("p1",),
    }


def test_smaller_sets_are_parts_of_larger_ones_and_each_patient_is_learned_from_as_often() -> None:
    patients = ["a", "b", "c", "d", "e"]
    for name in patients:
        sets = [set(learned_from(patients, name, count)) for count in (1, 2, 3, 4)]
        assert all(one < two for one, two in pairwise(sets))
        assert all(name not in one for one in sets)
    drawn = [one for name in patients for one in learned_from(patients, name, 2)]
    assert all(drawn.count(name) == 2 for name in patients)


def test_what_is_done_is_kept(
    recipe: CtRecipe,
    cases: tuple[CtCase, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = []

    def fitted(_run: CtRun) -> None:
        return None

    def pack(folder: Path, _scans: object, out: Path, *, told: object) -> None:
        packed.append(folder.name)
        out.mkdir(parents=True)

    monkeypatch.setattr(module, "fit", fitted)
    monkeypatch.setattr(module, "pack_ct", pack)
    said: list[str] = []
    parts = StudyParts(everybody=False)
    for _ in range(2):
        made = study(recipe, cases, tmp_path, parts=parts, told=said.append)
    assert packed == ["without-p1", "without-p2", "without-p3"]
    assert made[0] == tmp_path / "without-p1" / "bundle"
    assert said[0] == "without-p1: learns from p2, p3"
