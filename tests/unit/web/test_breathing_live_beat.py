"""Each beat tells of all streams once, and what viewers get is short and whole."""

import asyncio
import json

from thoracle.jobs.breathing_live import LiveBreathing
from thoracle.jobs.breathing_live_types import StreamView
from thoracle.respiration.alarms import APNEA, Alarm
from thoracle.respiration.monitor import Status
from thoracle.web.breathing_live_beat import Beat, message, status_json
from thoracle.web.counters import Counters

STATUS = Status(
    patient="bed 1",
    time_s=30.1,
    pattern=None,
    pattern_since_s=None,
    probabilities={"eupnea": 0.123456},
    rate_per_minute=14.98765,
    since_breath_s=None,
    quality=1.0,
    alarms=(Alarm(code=APNEA, since_s=28.0),),
)


def test_a_status_is_written_with_numbers_no_longer_than_they_mean() -> None:
    assert status_json(STATUS) == {
        "patient": "bed 1",
        "time_s": 30.1,
        "pattern": None,
        "pattern_since_s": None,
        "probabilities": {"eupnea": 0.123},
        "rate_per_minute": 14.988,
        "since_breath_s": None,
        "quality": 1.0,
        "alarms": ({"code": "apnea", "since_s": 28.0},),
    }


def test_viewers_are_sent_json_with_gaps_as_null() -> None:
    view = StreamView(
        name="bed 1",
        sensor="belt",
        rate_hz=10.0,
        is_simulated=True,
        is_lost=False,
        silent_s=0.12345,
        trace_hz=10.0,
        trace=(1.5, None),
        trace_span=0.5,
        status=None,
    )
    read = json.loads(message(7, (view,), is_whole=True))
    assert (read["number"], read["is_whole"]) == (7, True)
    (stream,) = read["streams"]
    assert stream["trace"] == [1.5, None]
    assert stream["silent_s"] == 0.123
    assert stream["status"] is None


def test_beats_are_numbered_and_waited_for() -> None:
    async def three() -> list[int]:
        live = LiveBreathing(streams_max=1, classifier=lambda: None)
        beat = Beat(live, Counters(lambda: 0), every_s=0.01)
        assert await beat.whole() == (0, message(0, (), is_whole=True))
        task = asyncio.create_task(beat.run())
        numbers = [(await beat.after(number)).number for number in range(3)]
        assert (await beat.whole())[0] >= 3
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return numbers

    assert asyncio.run(three()) == [1, 2, 3]
