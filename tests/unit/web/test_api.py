"""JSON: the same objects as the command line, and the kept results under their ids."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.core.results import to_json

ANALYSES = "/api/v1/analyses"
UNKNOWN = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def _sent(client: TestClient, content: bytes = b"film") -> dict[str, Any]:
    answer = client.post(ANALYSES, files={"files": ("film.png", content)})
    (found,) = answer.json()["results"]
    return dict(found)


def test_analyzing_answers_the_object_of_the_command_line_and_where_it_is_kept(
    client: TestClient, analyzer: Any
) -> None:
    answer = client.post(ANALYSES, files={"files": ("film.png", b"film")})
    assert answer.status_code == 201
    (found,) = answer.json()["results"]
    expected = to_json(analyzer.analyze_bytes(b"film", file="film.png").result)
    assert {name: found[name] for name in expected} == expected
    assert found["status_title"] == "Analyzed"
    assert answer.headers["location"] == f"{ANALYSES}/{found['id']}"


def test_the_kept_result_is_the_same_object_with_its_circumstances(client: TestClient) -> None:
    found = _sent(client)
    kept = client.get(f"{ANALYSES}/{found['id']}").json()
    found.pop("status_title")
    assert kept == found
    assert kept["created_at"] == "2026-03-01T12:00:01+00:00"
    assert kept["parent_id"] is None
    assert kept["format"] == "PNG"
    assert kept["owner"].startswith("guest-")
    assert kept["risk"] == pytest.approx(0.948)
    assert kept["trust"] == {
        "verdict": "abstains",
        "label": None,
        "reasons": [{"code": "under-18", "text": "The patient is under 18."}],
    }


def test_only_when_every_file_failed_is_the_status_422(client: TestClient) -> None:
    broken = ("files", ("b.png", b"broken"))
    some = client.post(ANALYSES, files=[broken, ("files", ("f.png", b"film"))])
    assert some.status_code == 201
    assert [one["status"] for one in some.json()["results"]] == ["failed", "analyzed"]
    assert "location" not in some.headers
    every = client.post(ANALYSES, files=[broken])
    assert every.status_code == 422
    assert every.json()["results"][0]["error"]["code"] == "image"


def test_the_list_goes_on_from_any_line(client: TestClient) -> None:
    ids = [_sent(client)["id"] for _ in range(3)][::-1]
    first = client.get(ANALYSES, params={"limit": 2}).json()["results"]
    assert [one["id"] for one in first] == ids[:2]
    rest = client.get(ANALYSES, params={"before": ids[1]}).json()["results"]
    assert [one["id"] for one in rest] == ids[2:]


def test_the_list_is_searched_as_the_page_is(client: TestClient) -> None:
    kept = {name: _sent(client, name.encode()) for name in ("film", "knee", "broken")}

    def found(**sought: str) -> list[str]:
        return [one["id"] for one in client.get(ANALYSES, params=sought).json()["results"]]

    ids = {name: one["id"] for name, one in kept.items()}
    assert found(status="refused") == [ids["knee"]]
    assert found(finding="COVID-19") == [ids["film"]]
    assert found(batch_id=kept["broken"]["batch_id"]) == [ids["broken"]]
    assert found(text="FILM.p") == list(ids.values())[::-1]
    assert found(text="lung") == []
    assert found(since="2026-03-01", until="2026-03-01", whose="mine") == list(ids.values())[::-1]
    assert found(since="2026-03-02") == found(until="2026-02-28") == []
    client.cookies.clear()
    assert found(whose="mine") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "fine"), ("since", "2026-02-30"), ("until", "1.5"), ("whose", "x"), ("limit", "0")],
)
def test_a_search_that_means_nothing_is_refused_by_name(
    client: TestClient, name: str, value: str
) -> None:
    answer = client.get(ANALYSES, params={name: value})
    assert answer.status_code == 422
    assert answer.json()["fields"] == [f"query.{name}"]
    assert answer.json()["detail"].startswith(f"Found “{value}” for {name} – expected ")
    expected = {"status": "one of analyzed, refused, failed.", "since": "a day such as 2026-"}
    assert expected.get(name, "") in answer.json()["detail"]


def test_next_leads_through_all_that_is_sought_once(client: TestClient) -> None:
    wanted = [_sent(client)["id"] for _ in range(4)][::-1]
    _sent(client, b"knee")
    address, seen = f"{ANALYSES}?status=analyzed&limit=2", []
    while address:
        page = client.get(address).json()
        seen.append([one["id"] for one in page["results"]])
        address = page["next"]
    assert seen == [wanted[:2], wanted[2:]]


def test_the_whole_search_goes_out_as_one_file_newest_first(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.web.api._PAGE_LINES", 2)
    assert client.get("/results.json").json() == {"results": []}
    wanted = [_sent(client)["id"] for _ in range(5)][::-1]
    _sent(client, b"knee")
    answer = client.get("/results.json", params={"status": "analyzed"})
    assert answer.headers["content-disposition"] == 'attachment; filename="results.json"'
    assert [one["id"] for one in answer.json()["results"]] == wanted
    listed = client.get(ANALYSES, params={"status": "analyzed"}).json()["results"]
    assert answer.json()["results"] == listed


def test_a_result_can_be_deleted_and_its_map_can_be_had(client: TestClient) -> None:
    found = _sent(client)["id"]
    picture = client.get(f"{ANALYSES}/{found}/maps/0")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert client.delete(f"{ANALYSES}/{found}").status_code == 204
    assert client.get(f"{ANALYSES}/{found}").status_code == 404


def test_a_missing_result_is_a_problem_in_the_language_of_the_request(client: TestClient) -> None:
    answer = client.get(f"{ANALYSES}/{UNKNOWN}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["code"] == said["title"] == "unknown-result"
    assert said["status"] == 404
    assert said["detail"].startswith("found no result")
    asked = {"accept-language": "pt-BR"}
    said = client.get(f"{ANALYSES}/{UNKNOWN}", headers=asked).json()
    assert said["detail"].startswith("não há o resultado")


def test_health_says_ok_while_the_store_can_be_read(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


def test_the_description_of_the_interface_names_the_upload(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    body = paths[ANALYSES]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert body["schema"]["required"] == ["files"]
    assert "/results/{result_id}" not in paths


def test_a_body_that_is_one_film_is_taken_as_it_is(client: TestClient, analyzer: Any) -> None:
    answer = client.post(
        ANALYSES,
        params={"file": "a.dcm", "override_gate": "true"},
        content=b"knee",
        headers={"content-type": "application/dicom"},
    )
    assert answer.status_code == 201
    (found,) = answer.json()["results"]
    assert found["file"] == "a.dcm"
    assert analyzer.calls[-1] == ("a.dcm", True, 0)
    empty = client.post(ANALYSES, headers={"content-type": "application/dicom"})
    assert empty.status_code == 422


def test_a_request_sent_twice_is_answered_once(client: TestClient, analyzer: Any) -> None:
    def send(content: bytes, key: str = "one") -> Any:
        files = {"files": ("film.png", content)}
        return client.post(ANALYSES, files=files, headers={"idempotency-key": key})

    first, second = send(b"film"), send(b"film")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(analyzer.calls) == 1
    other = send(b"another film")
    assert other.status_code == 422
    assert other.json()["code"] == "key-reused"
    assert send(b"film", key="two").json() != first.json()


def test_a_full_line_is_told_before_and_with_the_time_to_return(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}
    services = client.app.state.services  # type: ignore[attr-defined]
    services.line._taken = services.line._places
    for answer in (
        client.get("/readyz"),
        client.post(ANALYSES, files={"files": ("film.png", b"film")}),
    ):
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
    services.line._taken = 0
    assert "thoracle_busy_total 1.0" in client.get("/metrics").text
