"""A recording is sent by a form, refused in the form's own words, and stands in the lists."""

import re

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.recordings import belt_csv

from thoracle.core.languages import language
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.pages.breathing import in_the_form
from thoracle.web.services import Extras

PORTUGUESE = {"Accept-Language": "pt"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.jobs.breathing_records.list_bundles", lambda: ())


def _send(client: TestClient, content: bytes, **said: str) -> tuple[int, str, str]:
    files = {"file": ("night.csv", content)}
    answer = client.post("/breathing/new", files=files, data=said)
    return answer.status_code, answer.text, answer.url.path


def test_a_recording_leads_to_its_page_and_stands_in_the_list(
    client: TestClient, store: ResultStore
) -> None:
    assert "No recording has been read yet." in client.get("/breathing").text
    status, text, path = _send(client, belt_csv(), sensor="belt")
    assert status == 200
    assert path.startswith("/breathing/recordings/")
    assert "night.csv" in text
    page = client.get("/breathing").text
    assert f'href="{path}"' in page
    (line,) = store.recordings.list_recordings(9)
    assert line.facts.apneas == 1
    assert line.facts.owner is not None


@pytest.mark.parametrize(
    ("content", "said", "reason"),
    [
        (belt_csv(), {}, "“Sensor”"),
        (belt_csv(has_time=False), {"sensor": "belt"}, "“Samples per second”"),
        (belt_csv(), {"sensor": "belt", "rate_hz": "50"}, "“Samples per second”"),
        (belt_csv(), {"sensor": "belt", "rate_hz": "fast"}, "such as 25"),
        (b"\x89PNG\r\n\x1a\n" + bytes(90), {"sensor": "belt"}, "expected a recording"),
        (b"a,b\n1,2\n3,4\n", {"sensor": "belt", "rate_hz": "25"}, "“Channel”"),
        (b"time,a\n1,2\n3,4\n", {"sensor": "belt"}, "“Unit of time”"),
        (b"", {"sensor": "belt"}, "No recording arrived"),
    ],
)
def test_a_refusal_comes_back_to_the_form_in_its_own_words(
    client: TestClient, store: ResultStore, content: bytes, said: dict[str, str], reason: str
) -> None:
    status, text, path = _send(client, content, **said)
    assert (status, path) == (422, "/breathing/new")
    alert = re.search(r'<div class="alert alert-danger">(.*?)</div>', text, re.DOTALL)
    assert alert is not None
    assert reason in alert[1]
    assert " --" not in alert[1]
    assert store.recordings.list_recordings(9) == ()


def test_what_was_said_stays_in_the_form(client: TestClient) -> None:
    _, text, _ = _send(client, b"a,b\n1,2\n", sensor="flow", rate_hz="12.5", patient="A&B")
    assert '<option value="flow" selected>' in text
    assert 'value="12.5"' in text
    assert 'value="A&amp;B"' in text


def test_a_refusal_is_translated(client: TestClient) -> None:
    files = {"file": ("a.csv", belt_csv(has_time=False))}
    answer = client.post("/breathing/new", files=files, data={"sensor": "belt"}, headers=PORTUGUESE)
    assert answer.status_code == 422
    assert "“Amostras por segundo”" in answer.text
    assert "found no" not in answer.text


def test_a_recording_over_the_limit_is_stopped(client: TestClient) -> None:
    status, text, _ = _send(client, bytes(1_200_000), sensor="belt")
    assert status == 413
    assert "1 MB" in text


@pytest.mark.parametrize("option", ["--sensor", "--channel", "--rate-hz", "--time-unit"])
def test_every_option_has_its_field(option: str) -> None:
    said = in_the_form(f"Give {option}, or leave it out.", language("en"))
    assert "--" not in said
    assert said.count("“") == 1


def test_one_of_those_to_try_is_read(client: TestClient) -> None:
    page = client.get("/breathing/new").text
    name = re.findall(r'action="/breathing/examples/([^"]+)"', page)[0]
    answer = client.post(f"/breathing/examples/{name}")
    assert answer.url.path.startswith("/breathing/recordings/")
    assert client.post("/breathing/examples/other").status_code == 404


def test_a_patients_recordings_are_kept_under_a_pseudonym(
    analyzer: object, store: ResultStore, options: WebOptions, tmp_path: object
) -> None:
    keys = Pseudonyms(tmp_path, keeps_identifiers=False)  # type: ignore[arg-type]
    app = create_app(analyzer, store, options=options, extras=Extras(pseudonyms=keys))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        _, text, _ = _send(client, belt_csv(), sensor="belt", patient="4711")
        pseudonym = keys.of("4711")
        assert pseudonym is not None
        assert f"/patients/{pseudonym}" in text
        assert "4711" not in text
        page = client.get(f"/patients/{pseudonym}").text
        assert "night.csv" in page
        assert "Compare side by side" not in page


def test_a_long_list_goes_on(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.web.pages.breathing._LINES", 1)
    for _ in range(2):
        _send(client, belt_csv(30), sensor="belt")
    page = client.get("/breathing").text
    older = re.search(r'href="(/breathing\?before=[^"]+)"', page)
    assert older is not None
    assert "Newest recordings" in client.get(older[1]).text
