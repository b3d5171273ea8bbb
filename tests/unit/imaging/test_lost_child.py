"""What a user is told when a decoder's child ended, stalled or never began."""

from thoracle.imaging.lost_child import ChildLostError, explain_lost


def test_each_way_to_lose_a_child_has_its_own_words() -> None:
    told = {
        (started, late): explain_lost(
            ChildLostError(has_started=started, is_late=late, how="SIGKILL"),
            size_bytes=10_000_000,
            cpu_s=10,
        )
        for started in (True, False)
        for late in (True, False)
    }
    assert told[True, True].code == "image-timeout"
    assert "6.2 s of CPU time" in told[True, True].text
    assert told[True, False].code == "image-decoder-died"
    assert "SIGKILL" in told[True, False].text
    assert told[False, True].code == told[False, False].code == "image-decoder-unavailable"
