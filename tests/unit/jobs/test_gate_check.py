"""What a gate would refuse: the gate's own decision on trusted local files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError, ImageError
from thoracle.core.results import GateKind
from thoracle.jobs.gate_check import gate_decider


def test_a_file_gets_the_gates_decision(
    bundles: Path,
    tmp_path: Path,
    draw: Callable[..., FloatArray],
    as_png: Callable[[FloatArray], bytes],
) -> None:
    decide = gate_decider("gate")
    for kind in ("frontal_chest", "other_radiograph"):
        (tmp_path / kind).write_bytes(as_png(draw(kind)))
    assert decide(tmp_path / "frontal_chest").accepted
    refused = decide(tmp_path / "other_radiograph")
    assert not refused.accepted
    assert refused.kind is GateKind.OTHER_RADIOGRAPH


def test_a_file_that_cannot_be_decoded_is_an_error(bundles: Path, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("no film", encoding="utf-8")
    decide = gate_decider("gate")
    for name, words in (("note", "is text"), ("missing", "--root")):
        with pytest.raises(ImageError, match=words):
            decide(tmp_path / name)


def test_a_bundle_of_another_task_is_refused(bundles: Path) -> None:
    with pytest.raises(BundleError, match="expected task 'gate'"):
        gate_decider("radiograph")
