"""Progress is told after each item, and of every item."""

from thoracle.core.progress import counted, no_progress


def test_each_item_is_told_once_it_is_done_with() -> None:
    told: list[tuple[str, int, int]] = []
    seen = [(item, len(told)) for item in counted("ab", "judge", lambda *step: told.append(step))]
    assert seen == [("a", 0), ("b", 1)]
    assert told == [("judge", 1, 2), ("judge", 2, 2)]


def test_nobody_need_be_told() -> None:
    assert list(counted([1, 2], "judge", no_progress)) == [1, 2]
