"""The line: so many at work, so many waiting, in the order of coming, and nobody who has gone."""

import threading
import time
from collections.abc import Callable

import pytest

from thoracle.web.line import BusyError, GoneError, Line, Turn

SOON_S = 20.0


def _until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_a_full_line_says_when_to_come_back_and_lets_in_who_insists() -> None:
    line = Line(parallel=1, waiting_max=0)
    with line.place():
        assert line.length == 1
        with pytest.raises(BusyError) as caught, line.place():
            pass
        assert caught.value.code == "busy"
        assert caught.value.seconds >= 1
        entered: list[bool] = []

        def insist() -> None:
            with line.place(Turn(insists=True)):
                entered.append(True)

        thread = threading.Thread(target=insist)
        thread.start()
    thread.join()
    assert entered == [True]
    assert line.length == 0


def test_a_place_is_given_back_when_the_analysis_fails() -> None:
    line = Line(parallel=1, waiting_max=0)
    for _ in range(3):
        with pytest.raises(RuntimeError), line.place():
            raise RuntimeError
    assert line.length == 0


def test_turns_come_in_the_order_of_coming_and_one_who_has_gone_is_passed_over() -> None:
    line = Line(parallel=1, waiting_max=3)
    gone = threading.Event()
    called: list[str] = []

    def wait(name: str, turn: Turn) -> None:
        try:
            with line.place(turn):
                called.append(name)
        except GoneError:
            called.append(f"{name} has gone")

    turns = {"a": Turn(), "b": Turn(is_gone=gone.is_set), "c": Turn()}
    with line.place():
        threads = []
        for place, (name, turn) in enumerate(turns.items()):
            threads.append(threading.Thread(target=wait, args=(name, turn)))
            threads[-1].start()
            _until(lambda place=place: len(line._waiting) == place + 1)  # type: ignore[misc]
        gone.set()
        _until(lambda: line.length == 3)
        assert called == ["b has gone"]
    for thread in threads:
        thread.join()
    assert called == ["b has gone", "a", "c"]
    assert line.length == 0


def test_who_has_gone_before_a_free_turn_is_not_served_and_the_next_one_is() -> None:
    line = Line(parallel=1, waiting_max=0)
    with pytest.raises(GoneError), line.place(Turn(is_gone=lambda: True)):
        pass
    assert line._free == 1
    with line.place():
        assert line.length == 1


def test_a_full_line_has_no_room() -> None:
    line = Line(parallel=1, waiting_max=0)
    line.need_room()
    with line.place(), pytest.raises(BusyError, match=r"Try again in \d+ s"):
        line.need_room()
