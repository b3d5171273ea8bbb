"""The monitor in a browser: what is live, what is stale, what is simulated, and alarms in words."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from thoracle.respiration.alarms import APNEA, FAST, SIGNAL
from thoracle.web.texts.monitor import ALARM_TITLES

pytestmark = [pytest.mark.browser]


def _begin(person: Any, pattern: str) -> Any:
    person.page.select_option("#pattern", pattern)
    person.page.get_by_role("button", name=person.w["monitor_begin"], exact=True).click()
    return person.page.locator(".stream").first


def test_a_simulated_patient_is_shown_live_and_marked(person: Any) -> None:
    person.open("/monitor")
    expect(person.page.locator("#link")).to_have_text(person.w["monitor_live"])
    expect(person.page.locator("#empty")).to_be_visible()
    tile = _begin(person, "tachypnea")
    expect(tile.locator("h2")).to_contain_text("SIMULATED tachypnea")
    expect(tile.locator(".no-patient")).to_have_text(person.w["monitor_simulated"])
    person.wait_until("/^\\d+$/.test(document.querySelector('.stream .rate')?.textContent ?? '')")
    person.look("monitor")
    tile.locator(".open").click()
    expect(person.page.locator(".stream.large")).to_be_visible()
    assert "#SIMULATED" in person.page.url
    person.look("monitor-large")
    person.page.get_by_role("button", name=person.w["monitor_back"]).click()
    expect(person.page.locator(".stream.large")).to_have_count(0)
    person.page.get_by_role("button", name=person.w["monitor_end"]).click()
    expect(person.page.locator("#empty")).to_be_visible()


def test_a_page_that_hears_nothing_says_that_it_is_stale_and_comes_back(person: Any) -> None:
    sockets: list[Any] = []
    held = {"is_on": True}

    def pass_on(socket: Any) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)
        server.on_message(lambda text: socket.send(text) if held["is_on"] else None)

    person.page.route_web_socket("**/api/v1/breathing/live", pass_on)
    person.open("/monitor")
    _begin(person, "eupnea")
    person.wait_until("document.querySelector('.monitor.live .stream canvas') !== null")
    held["is_on"] = False
    expect(person.page.locator(".monitor.stale")).to_be_visible()
    expect(person.page.locator(".stream .old").first).to_be_visible()
    expect(person.page.locator(".stream .old").first).to_have_text(person.w["monitor_stale_mark"])
    held["is_on"] = True
    expect(person.page.locator(".monitor.live")).to_be_visible()
    expect(person.page.locator(".stream .old").first).to_be_hidden()
    person.page.get_by_role("button", name=person.w["monitor_end"]).click()


def test_alarms_are_words_sorted_by_urgency_and_an_apnea_is_said_at_once(person: Any) -> None:
    status = {
        "time_s": 90.0,
        "rate_per_minute": 30.0,
        "since_breath_s": 22.0,
        "pattern": None,
        "quality": 1.0,
    }
    streams = [
        {"name": "A", "codes": ["signal"]},
        {"name": "B", "codes": ["fast"]},
        {"name": "C", "codes": ["apnea"]},
    ]
    made = [
        {
            "name": one["name"],
            "sensor": "belt",
            "rate_hz": 10,
            "is_simulated": False,
            "is_lost": one["name"] == "A",
            "silent_s": 30 if one["name"] == "A" else 0,
            "trace_hz": 10,
            "trace": [1, 2, None, 3],
            "trace_span": 2,
            "status": {**status, "alarms": [{"code": c, "since_s": 80} for c in one["codes"]]},
        }
        for one in streams
    ]
    person.page.add_init_script(
        "window.WebSocket = class extends EventTarget { constructor() { super(); setInterval(() => "
        "this.dispatchEvent(new MessageEvent('message', {data: JSON.stringify({number: 1, "
        f"is_whole: true, streams: {json.dumps(made)}}})}})), 300); }} close() {{}} }};"
    )
    person.open("/monitor")
    lines = person.page.locator("#alarms button")
    expect(lines).to_have_count(3)
    said = [lines.nth(place).inner_text() for place in range(3)]
    alarms = person.language.table(ALARM_TITLES)
    for line, name, code in zip(said, "CBA", (APNEA, FAST, SIGNAL), strict=True):
        assert line.startswith(f"{name}: {alarms[code]}")
    expect(person.page.locator("#assertive")).to_contain_text(alarms[APNEA])
    expect(person.page.locator("#polite")).to_contain_text(alarms[FAST])
    expect(person.page.locator(".stream.lost .state")).to_contain_text(person.w["monitor_lost"])
    person.look("monitor-alarms")
