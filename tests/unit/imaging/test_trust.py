"""A refusal says every reason, and its code is the reason's where there is one."""

import pytest

from thoracle.core.results import Reason
from thoracle.imaging.trust import ScanRefusedError, refuse_for

FIRST, SECOND = Reason(code="scan-a", text="One."), Reason(code="scan-b", text="Two.")


def test_no_reason_is_no_refusal() -> None:
    refuse_for()
    refuse_for(None, None)


def test_one_reason_gives_its_code_and_several_a_common_one() -> None:
    with pytest.raises(ScanRefusedError) as one:
        refuse_for(None, FIRST)
    with pytest.raises(ScanRefusedError) as both:
        refuse_for(FIRST, None, SECOND)
    assert (one.value.code, one.value.text, one.value.reasons) == ("scan-a", "One.", (FIRST,))
    assert (both.value.code, both.value.text) == ("scan-refused", "One.\nTwo.")
