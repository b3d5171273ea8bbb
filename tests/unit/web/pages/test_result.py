"""Pages: from the form to a result, a refusal and its ways out, the history, deleting."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from thoracle.core.results import AnomalyMap, Status
from thoracle.jobs.measured import Measured
from thoracle.store.results import ResultStore
from thoracle.store.types import NewResult
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras


def _upload(client: TestClient, content: bytes, name: str = "film.png") -> str:
    """Upload one file and return the address it leads to."""
    answer = client.post("/analyze", files={"files": (name, content)}, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_a_film_leads_to_its_result_with_three_bars_that_add_up(client: TestClient) -> None:
    page = client.get(_upload(client, b"film")).text
    bars = re.findall(
        r'class="finding tone-(\w+)[ "].*?class="percent">([\d.]+) %', page, re.DOTALL
    )
    assert [tone for tone, _ in bars] == ["green", "blue", "red"]
    assert sum(float(percent) for _, percent in bars) == pytest.approx(100.0)
    assert re.findall(r'class="fill" width="([\d.]+)"', page) == ["5.2", "11.7", "83.1"]
    assert re.findall(r'class="mark" x="([\d.]+)"', page) == ["40.0", "35.0", "31.0"]
    assert "at or above the threshold of 31.0 %, so it is called positive" in page
    assert "97.0 %: accepted." in page
    assert "Thoracle abstains" in page
    assert "The patient is under 18." in page


def test_a_result_shows_the_film_and_one_overlay_for_each_finding(client: TestClient) -> None:
    address = _upload(client, b"film")
    page = client.get(address).text
    pictures = re.findall(r'<img src="(/results/[^"]+)"', page)
    assert pictures == [f"{address}/film.png", *(f"{address}/maps/{i}.png" for i in range(3))]
    film = np.asarray(Image.open(io.BytesIO(client.get(pictures[0]).content)))
    overlay = np.asarray(Image.open(io.BytesIO(client.get(pictures[1]).content)))
    assert film.shape == (96, 80)
    assert overlay.shape == (96, 80, 3)
    assert client.get(pictures[1]).headers["content-type"] == "image/png"


def test_a_map_that_has_no_kept_overlay_is_painted_when_asked_for(
    client: TestClient, store: ResultStore
) -> None:
    address = _upload(client, b"film")
    assert "overlay-3.png" not in store.load(address.rsplit("/", 1)[-1]).picture_names
    assert (
        client.get(f"{address}/maps/3.png").content == client.get(f"{address}/maps/0.png").content
    )
    assert client.get(f"{address}/maps/6.png").status_code == 404
    assert client.get(f"{address}/maps/x.png").status_code == 422


def test_the_viewer_is_told_where_film_maps_and_rim_are(client: TestClient) -> None:
    address = _upload(client, b"film")
    page = client.get(address).text
    found = re.search(r'<script type="application/json">(.*?)</script>', page)
    assert found is not None
    config = json.loads(found[1])
    assert config["size_mm"] == [80, 96]
    assert config["window"] == [0, 255]
    assert [one["label"] for one in config["maps"][:3]] == [
        "No finding",
        "Other lung opacity",
        "COVID-19",
    ]
    for url in (config["film"], config["rim"], config["maps"][5]["url"]):
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.content[344:348] == b"n+1\0"
        assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"{address}/maps/6.nii").status_code == 404


def test_predictive_values_follow_the_slider(
    analyzer: Any, store: ResultStore, options: WebOptions, measured: Measured
) -> None:
    app = create_app(analyzer, store, options=options, extras=Extras(measured=measured))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        address = _upload(client, b"film")
        page = client.get(address).text
        low, high = (
            client.get(f"{address}/values", params={"prevalence": one}).text for one in (1, 50)
        )
        assert client.get(f"{address}/values", params={"prevalence": 0}).status_code == 422
        decided = client.get(_upload(client, b"adult")).text
    assert "Where 10 in 100 patients have it, the answer COVID-19 is right in 33 % (" in decided
    assert "the answer COVID-19 is right" not in page  # Thoracle abstains
    assert "On 50 films of the bundle" in page
    assert "At 10 %:" in page
    assert re.search(r">4 % \(\d+–\d+\)", low)  # 0.9 · 0.01 / (0.9 · 0.01 + 0.2 · 0.99)
    assert re.search(r">82 % \(\d+–\d+\)", high)


def test_a_result_of_another_bundle_shows_no_predictive_values(client: TestClient) -> None:
    assert "Not measured for this bundle." in client.get(_upload(client, b"film")).text


def test_the_reason_for_overriding_is_kept_and_shown(client: TestClient) -> None:
    first = _upload(client, b"knee")
    data = {"override_gate": "true", "reason": "It <is> a chest."}
    page = client.post(f"{first}/again", data=data).text
    assert "Reason given: It &lt;is&gt; a chest." in page


def test_nothing_in_a_page_is_inline_or_from_elsewhere(client: TestClient) -> None:
    for address in ("/", "/results", _upload(client, b"film"), _upload(client, b"rotated")):
        page = re.sub(r'<meta name="htmx.*?>', "", client.get(address).text)
        assert "style=" not in page
        assert "<style" not in page
        assert not re.search(r'<script(?! src="/static/| type="application/json")', page)
        assert not re.search(r'(?:src|href|action)="(?!/|#)', page)
        assert not re.search(r"\son\w+=", page)


def test_a_file_name_is_printed_never_run(client: TestClient) -> None:
    page = client.get(_upload(client, b"film", name="<script>alert(1)<script>.png")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;script&gt;" in client.get("/results").text


def test_a_rotated_film_is_refused_with_reasons_and_both_ways_out(client: TestClient) -> None:
    page = client.get(_upload(client, b"rotated")).text
    assert "This picture was not classified." in page
    assert "It is rotated_chest." in page
    assert "Turn back by 90° and try again" in page
    assert "Classify anyway" in page
    assert 'class="finding' not in page
    assert "/film.png" in page


def test_turning_back_makes_a_new_result_that_names_the_first(
    client: TestClient, analyzer: Any, store: ResultStore
) -> None:
    first = _upload(client, b"rotated", name="turned.png")
    answer = client.post(f"{first}/again", data={"turn_degrees": "90"}, follow_redirects=False)
    assert answer.status_code == 303
    assert analyzer.calls[-1] == ("turned.png", False, 90)
    new = answer.headers["location"]
    assert new != first
    page = client.get(new).text
    assert 'class="finding' in page
    assert f'<a href="{first}">' in page
    assert "turned back by 90°" in page
    assert store.load(first.rsplit("/", 1)[-1]).summary.status is Status.REFUSED


def test_overriding_is_one_click_and_the_result_says_so(client: TestClient, analyzer: Any) -> None:
    first = _upload(client, b"knee")
    page = client.get(first).text
    assert "Turn back" not in page
    new = client.post(f"{first}/again", data={"override_gate": "true"}).text
    assert analyzer.calls[-1] == ("film.png", True, 0)
    assert "a user overrode it" in new
    assert "Classify anyway" not in new


@pytest.mark.parametrize("data", [{"turn_degrees": "45"}, {"override_gate": "perhaps"}])
def test_a_forged_form_is_refused(client: TestClient, data: dict[str, str]) -> None:
    answer = client.post(f"{_upload(client, b'knee')}/again", data=data)
    assert answer.status_code == 422
    assert "a value that this server does not know" in answer.text


def test_a_broken_file_is_kept_as_a_failure_and_answered_with_422(
    client: TestClient, store: ResultStore
) -> None:
    answer = client.post("/analyze", files={"files": ("torn.png", b"broken")})
    assert answer.status_code == 422
    assert "found a torn file – expected a whole one. Send it again." in answer.text
    (line,) = store.list_results(9)
    assert line.status is Status.FAILED
    page = client.get(f"/results/{line.id}")
    assert page.status_code == 200
    assert "Classify anyway" not in page.text
    assert '<img src="/results' not in page.text
    again = client.post(f"/results/{line.id}/again", data={"override_gate": "true"})
    assert again.status_code == 404
    assert "found no film kept" in again.text


def test_deleting_removes_the_result_from_every_page(client: TestClient) -> None:
    address = _upload(client, b"film")
    answer = client.post(f"{address}/delete")
    assert answer.url.path == "/results"
    assert "No result matches." in answer.text
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/film.png").status_code == 404
    assert client.post(f"{address}/delete").status_code == 404


@pytest.mark.parametrize("path", ["/results/x", "/results/..%2F..%2Fetc", "/static/none.css"])
def test_what_is_not_there_is_a_friendly_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "This did not work" in answer.text


def test_an_anomaly_map_is_offered_as_a_map_of_no_finding(
    client: TestClient, store: ResultStore
) -> None:
    first = store.load(_upload(client, b"film").rsplit("/", 1)[-1])
    anomaly = AnomalyMap(
        values=np.ones((4, 4), np.float32), scale_max=4.0, box=(0, 0, 96, 80), lung_share=0.4,
        lung_mean=1.0,
    )  # fmt: skip
    pictures = {name: store.picture(first.summary.id, name) for name in first.picture_names}
    result_id = store.save(
        NewResult(result=replace(first.result, anomaly=anomaly), pictures=pictures),
        now=datetime(2026, 3, 1, tzinfo=UTC),
    )
    page = client.get(f"/results/{result_id}").text
    plain = client.get(f"/results/{first.summary.id}").text
    place = len(first.result.maps)
    assert '<option value="anomaly">Anomaly (of no finding)</option>' in page
    assert "Anomaly (of no finding)" not in plain
    assert "The anomaly map is of no finding" in page
    assert "s score comes from this map, and it changes none" in page
    assert re.findall('class="percent">[^<]+', page) == re.findall('class="percent">[^<]+', plain)
    for kind in ("png", "nii"):
        assert client.get(f"/results/{result_id}/maps/{place}.{kind}").status_code == 200
        assert client.get(f"/results/{result_id}/maps/{place + 1}.{kind}").status_code == 404
    document = client.get(f"/api/v1/analyses/{result_id}").json()
    assert document["anomaly"] == {"path": None, "lung_share": 0.4, "lung_mean": 1.0}
    assert client.get(f"/api/v1/analyses/{result_id}/report.pdf").status_code == 200
