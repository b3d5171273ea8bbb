"""The last calibration that a bundle keeps is the one in force."""

from thoracle.jobs.calibrations import calibration_in_force, name_in_force


def test_the_last_one_is_in_force() -> None:
    table = {"calibrations": [{"name": "shipped"}, {"name": "north"}]}
    assert calibration_in_force(table) == {"name": "north"}
    assert name_in_force(table) == "north"


def test_a_bundle_without_calibrations_has_none_in_force() -> None:
    assert calibration_in_force({}) is None
    assert name_in_force({"calibrations": []}) == ""
