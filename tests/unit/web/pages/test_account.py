"""Signing in leads to where one wanted to go, and nowhere else."""

import pytest
from fastapi.testclient import TestClient

from thoracle.jobs.users import add_user
from thoracle.store.results import ResultStore
from thoracle.web.attempts import ATTEMPTS_MAX
from thoracle.web.options import WebOptions
from thoracle.web.visitors import SESSION_COOKIE

PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture(autouse=True)
def ana(store: ResultStore, options: WebOptions) -> None:
    add_user(store.users, "ana", PASSWORD, now=options.now())


def test_signing_in_and_out(client: TestClient) -> None:
    page = client.get("/results")
    assert page.url.path == "/login"
    answer = client.post(
        "/login", params={"next": "/results"}, data={"name": "ana", "password": PASSWORD}
    )
    assert answer.url.path == "/results"
    assert "Signed in as ana" in answer.text
    token = client.cookies[SESSION_COOKIE]
    client.post("/logout")
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/results").url.path == "/login"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post(
        "/login", data={"name": "ana", "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [("/results", "/results"), ("//evil.example", "/evil.example"), ("\\\\evil", "/evil")],
)
def test_the_way_on_stays_inside(client: TestClient, wanted: str, leads_to: str) -> None:
    answer = client.post(
        "/login",
        params={"next": wanted},
        data={"name": "ana", "password": PASSWORD},
        follow_redirects=False,
    )
    assert answer.headers["location"] == leads_to


def test_a_wrong_password_says_so_and_too_many_must_wait(client: TestClient) -> None:
    wrong = {"name": "ana", "password": "wrong password"}
    for _ in range(ATTEMPTS_MAX):
        answer = client.post("/login", data=wrong)
        assert answer.status_code == 401
        assert "do not belong together" in answer.text
        assert SESSION_COOKIE not in client.cookies
    answer = client.post("/login", data={"name": "ana", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Too many attempts failed" in answer.text
    program = client.post("/api/v1/sessions", json=wrong)
    assert program.status_code == 429
    assert int(program.headers["retry-after"]) > 0


def test_a_program_signs_in_for_a_token(client: TestClient) -> None:
    answer = client.post("/api/v1/sessions", json={"name": "ana", "password": PASSWORD})
    assert answer.status_code == 201
    headers = {"authorization": f"Bearer {answer.json()['token']}"}
    assert client.get("/api/v1/analyses", headers=headers).status_code == 200
    wrong = client.post("/api/v1/sessions", json={"name": "ana", "password": "wrong"})
    assert wrong.status_code == 401
    assert wrong.json()["detail"].startswith("Name and password")
