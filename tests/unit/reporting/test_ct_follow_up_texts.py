"""Every verdict, reason, kind, region and place has its words."""

from thoracle.ct.follow_up import KINDS as MEASURED
from thoracle.ct.follow_up import Verdict
from thoracle.ct.match import AXES, Fit
from thoracle.ct.measures import PARTS, SIDES
from thoracle.ct.repeatability import read_repeatability
from thoracle.jobs.ct_visits import GIVEN
from thoracle.reporting.ct_follow_up_pictures import COLORS
from thoracle.reporting.ct_follow_up_texts import (
    FIT,
    KINDS,
    PLACES,
    REGIONS,
    SAID,
    VERDICTS,
    WHY,
)


def test_nothing_that_can_be_told_lacks_a_word() -> None:
    assert set(KINDS) == set(MEASURED)
    assert {str(one) for one in Verdict} <= set(VERDICTS)
    assert {str(one) for one in Fit} <= set(FIT)
    assert set(COLORS) <= set(PLACES)
    assert set(WHY) == {"", "border", "breath", "noise", "undefined"}
    names = {side if part == "whole" else f"{side}_{part}" for side in SIDES for part in PARTS}
    assert set(REGIONS) == names


def test_what_others_fill_in_can_be_translated() -> None:
    assert {GIVEN, read_repeatability().labeled_by, *AXES} == set(SAID.values())
