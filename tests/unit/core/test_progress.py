"""Progress is told after each item, and of every item."""

from thoracle.core.progress import Steps, counted, no_progress


def test_each_item_is_told_once_it_is_done_with() -> None:
    told: list[tuple[str, int, int]] = []
    seen = [(item, len(told)) for item in counted("ab", "judge", lambda *step: told.append(step))]
    assert seen == [("a", 0), ("b", 1)]
    assert told == [("judge", 1, 2), ("judge", 2, 2)]


def test_nobody_need_be_told() -> None:
    assert list(counted([1, 2], "judge", no_progress)) == [1, 2]


def test_steps_add_up_and_never_pass_their_total() -> None:
    told: list[tuple[str, int, int]] = []
    steps = Steps(lambda *one: told.append(one), "read", 5)
    steps.step()
    steps.step(2)
    steps.reach(9)
    assert told == [("read", 1, 5), ("read", 3, 5), ("read", 5, 5)]
