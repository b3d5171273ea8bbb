"""The last calibration that a bundle keeps is the one in force."""

from pathlib import Path

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.calibrations import (
    SHIPPED,
    calibration_in_force,
    check_new_calibration,
    name_in_force,
)


def test_the_last_one_is_in_force() -> None:
    table = {"calibrations": [{"name": "shipped"}, {"name": "north"}]}
    assert calibration_in_force(table) == {"name": "north"}
    assert name_in_force(table) == "north"


def test_a_bundle_without_calibrations_has_none_in_force() -> None:
    assert calibration_in_force({}) is None
    assert name_in_force({"calibrations": []}) == ""


def test_a_name_or_a_folder_that_is_taken_is_refused(tmp_path: Path) -> None:
    bundle = open_bundle("radiograph")
    check_new_calibration(bundle, site="north-1", out=tmp_path / "new")
    for site, out, said in (
        ("../north", tmp_path / "new", "expected letters"),
        ("north", tmp_path, "expected a new folder"),
        (SHIPPED, tmp_path / "new", "all are kept"),
    ):
        with pytest.raises(EvaluationError, match=said):
            check_new_calibration(bundle, site=site, out=out)
