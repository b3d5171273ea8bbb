"""The page of live breathing says what it is not, its limits, and how to try it."""

import json
import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from thoracle.core.languages import language
from thoracle.reporting.pattern_texts import PATTERN_TITLES
from thoracle.web.texts import WEB
from thoracle.web.texts.monitor import ALARM_LIMITS


@pytest.mark.parametrize("code", ["en", "pt"])
def test_it_says_what_it_is_not_and_when_alarms_come(client: TestClient, code: str) -> None:
    page = unescape(client.get("/monitor", headers={"accept-language": code}).text)
    w = language(code).table(WEB)
    for key in ("research", "monitor_no_bedside", "monitor_memory", "monitor_no_script"):
        assert w[key] in page
    limits = language(code).table(ALARM_LIMITS)
    assert limits["apnea"].format(seconds=20) in page
    assert limits["slow"].format(rate=8, seconds=10) in page
    assert limits["fast"].format(rate=25, seconds=10) in page
    assert language(code)(PATTERN_TITLES["cheyne_stokes"]) in page


def test_a_script_gets_every_name_it_needs(client: TestClient) -> None:
    page = client.get("/monitor").text
    found = re.search(r'<script type="application/json" id="texts">(.*?)</script>', page)
    assert found is not None
    texts = json.loads(found[1])
    assert texts["alarms"]["apnea"] == "No breath (apnea)"
    assert texts["patterns"]["biot"] == "Biot’s breathing"
    assert texts["sensors"]["belt"] == "belt around chest or belly"
    assert "script-src" not in client.get("/monitor").headers["content-security-policy"]


def test_simulated_patients_are_begun_and_ended_there(client: TestClient) -> None:
    live = client.app.state.services.live  # type: ignore[attr-defined]
    answer = client.post("/monitor/simulated", data={"pattern": "biot"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/monitor")
    assert len(live) == 1
    assert client.post("/monitor/simulated", data={"pattern": "snoring"}).status_code == 422
    client.post("/monitor/simulated/end")
    assert len(live) == 0
