"""Guests stay the same guests; as soon as a user exists, everybody signs in."""

from datetime import timedelta

from fastapi.testclient import TestClient

from thoracle.store.results import ResultStore
from thoracle.web.options import WebOptions
from thoracle.web.visitors import GUEST_COOKIE, SESSION_COOKIE

ANALYSES = "/api/v1/analyses"


def _owner(client: TestClient, **more: dict[str, str]) -> str:
    answer = client.post(ANALYSES, files={"files": ("a.png", b"film")}, **more)  # type: ignore[arg-type]
    return str(answer.json()["results"][0]["owner"])


def test_a_guest_is_the_same_guest_next_time(client: TestClient) -> None:
    first = _owner(client)
    assert first == _owner(client)
    assert first == f"guest-{client.cookies[GUEST_COOKIE]}"
    client.cookies.clear()
    assert _owner(client) != first


def test_a_forged_guest_gets_a_name_of_ours(client: TestClient) -> None:
    client.cookies.set(GUEST_COOKIE, "<script>")
    assert "<" not in _owner(client)


def test_without_a_session_pages_lead_to_the_login_and_programs_get_401(
    client: TestClient, store: ResultStore, options: WebOptions
) -> None:
    store.users.add("ana", "hash", now=options.now())
    page = client.get("/results", follow_redirects=False)
    assert page.status_code == 303
    assert page.headers["location"] == "/login?next=/results"
    answer = client.get(ANALYSES)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["detail"] == "Sign in first."
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/web.css").status_code == 200


def test_a_session_counts_from_the_cookie_and_from_the_header(
    client: TestClient, store: ResultStore, options: WebOptions
) -> None:
    store.users.add("ana", "hash", now=options.now())
    token = store.users.begin_session("ana", now=options.now(), lasts=timedelta(hours=1))
    assert _owner(client, headers={"authorization": f"Bearer {token}"}) == "ana"
    client.cookies.set(SESSION_COOKIE, token)
    assert _owner(client) == "ana"
    client.cookies.set(SESSION_COOKIE, "forged")
    assert client.get(ANALYSES).status_code == 401
