"""The page of drift lists weeks, the newest first."""

from fastapi.testclient import TestClient


def test_weeks_are_listed_with_shares_and_intervals(client: TestClient) -> None:
    assert "No result matches." in client.get("/drift").text
    for content in (b"film", b"film", b"knee", b"broken"):
        client.post("/analyze", files={"files": ("a.png", content)})
    page = client.get("/drift").text
    assert "2026-02-23" in page  # the Monday before 1 March 2026
    assert "33 % (6 % – 79 %)" in page
    assert "94.8" in page
    portuguese = client.get("/drift", headers={"accept-language": "pt"}).text
    assert "23/02/2026" in portuguese
    assert "94,8" in portuguese
