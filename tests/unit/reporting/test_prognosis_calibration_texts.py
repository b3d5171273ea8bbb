"""Sentences on a calibration name what they must."""

from thoracle.reporting.prognosis_calibration_texts import PROGNOSIS_CALIBRATION


def test_the_site_is_named_wherever_something_is_its_own() -> None:
    for name in ("name", "adapted"):
        assert "{site}" in PROGNOSIS_CALIBRATION[name]
    assert "{horizon}" in PROGNOSIS_CALIBRATION["shift"]
