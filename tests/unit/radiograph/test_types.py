"""What the steps hand to each other: frozen, and short when printed."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from thoracle.core.results import GateDecision, GateKind
from thoracle.radiograph.types import Examination, Lungs, Scores


def test_nothing_can_be_changed_on_the_way() -> None:
    lungs = Lungs(mask=np.zeros((2, 2), bool), box=(0, 0, 2, 2), found=False)
    with pytest.raises(FrozenInstanceError):
        lungs.found = True  # type: ignore[misc]


def test_arrays_are_left_out_of_a_printed_step() -> None:
    numbers = np.zeros(3, np.float32)
    maps = {"a/b": np.zeros((3, 2, 2), np.float32)}
    scores = Scores(logits=numbers, embedding=numbers, maps=maps, seen=maps["a/b"][0])
    assert "embedding" not in repr(scores)
    assert "maps" not in repr(scores)
    assert "seen" not in repr(scores)


def test_an_examination_without_more_is_not_inverted() -> None:
    decision = GateDecision(accepted=True, kind=GateKind.CT, probability=1.0, rotation_degrees=0)
    examination = Examination(decision=decision)
    assert examination.is_inverted is False
    assert examination.warnings == ()
