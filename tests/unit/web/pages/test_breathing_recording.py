"""The page of a recording tells its numbers, shows a range, and sends tables and data."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.recordings import belt_csv

from thoracle.core.settings import settings
from thoracle.store.results import ResultStore


def _kept(client: TestClient, sensor: str = "belt", seconds: float = 130.0) -> str:
    files = {"file": ("night.csv", belt_csv(seconds))}
    answer = client.post("/breathing/new", files=files, data={"sensor": sensor})
    assert answer.status_code == 200
    return str(answer.url.path)


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.jobs.breathing_records.list_bundles", lambda: ())


@pytest.fixture
def _network(pattern_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    made = pattern_bundle("biot", name="breathing")
    monkeypatch.setenv("THORACLE_BUNDLES", str(made.parent))
    settings.cache_clear()


@pytest.mark.usefixtures("_no_network")
def test_without_a_network_it_says_so_and_tells_the_rest(client: TestClient) -> None:
    page = client.get(_kept(client)).text
    assert "No pattern is told of this recording" in page
    assert "expected the bundle named breathing" in page
    assert re.search(r"1[45]\.\d breaths per minute, the median of 3 windows", page)
    assert "1:12" in page  # where the pause begins
    assert "br-onset" in page
    assert "br-attention" not in page
    assert "What the letters mean" not in page


@pytest.mark.usefixtures("_network")
def test_patterns_attention_and_what_is_untested_are_told(client: TestClient) -> None:
    page = client.get(_kept(client)).text
    assert "Biot’s breathing" in page
    assert page.count('class="br-pattern"') >= 2
    assert "where the network weighed in each minute, and not why" in page
    assert "All breathing that it learned from is simulated." in page
    assert "br-attention" in page
    assert re.search(r"Network small 1\.0\.0, SHA-256 [0-9a-f]{64}", page)
    address = page.split('data-address="')[1].split('"')[0]
    portuguese = client.get(address, headers={"Accept-Language": "pt"}).text
    assert "respiração de Biot" in portuguese
    assert "Toda a respiração com que aprendeu é simulada." in portuguese


@pytest.mark.usefixtures("_network")
def test_of_an_unknown_sensor_nothing_is_told_of_direction(client: TestClient) -> None:
    page = client.get(_kept(client, "unknown")).text
    assert "which way inspiration goes is unknown" in page
    assert "No pattern is told of this recording" in page
    assert "“Sensor”" in page
    assert "I:E is told only where" in page
    assert not re.search(r">1:\d\.\d<", page)


@pytest.mark.usefixtures("_no_network")
def test_a_range_is_moved_into_the_recording(client: TestClient) -> None:
    address = _kept(client)
    for query, title in (
        ("start_s=60&length_s=30", "From 1:00 to 1:30"),
        ("start_s=9999&length_s=60", "From 1:10 to 2:10"),
        ("start_s=0&length_s=0.1", "From 0:00 to 0:05"),
        ("start_s=50&length_s=600000", "From 0:00 to 2:10"),
    ):
        assert title in client.get(f"{address}?{query}").text
    for query in ("start_s=-1", "start_s=nan", "length_s=0", "length_s=x"):
        assert client.get(f"{address}?{query}").status_code == 422


@pytest.mark.usefixtures("_no_network")
def test_tables_and_data_are_sent(client: TestClient) -> None:
    address = _kept(client)
    windows = list(csv.DictReader(io.StringIO(client.get(f"{address}/windows.csv").text)))
    assert [one["start_s"] for one in windows] == ["0.0", "60.0", "120.0"]
    breaths = list(csv.DictReader(io.StringIO(client.get(f"{address}/breaths.csv").text)))
    document = client.get(f"{address}/recording.json").json()
    assert document["schema"] == "thoracle breathing 1"
    assert len(document["breaths"]) == len(breaths)
    assert document["apneas"][0]["start_s"] == pytest.approx(72, abs=1)
    assert document["apneas"][0]["length_s"] == pytest.approx(20, abs=1.5)


@pytest.mark.usefixtures("_no_network")
def test_a_recording_is_deleted(client: TestClient, store: ResultStore) -> None:
    address = _kept(client)
    answer = client.post(f"{address}/delete")
    assert answer.url.path == "/breathing"
    assert store.recordings.list_recordings(9) == ()
    assert client.get(address).status_code == 404
