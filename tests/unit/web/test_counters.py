"""Counts are those of one app, in the form that Prometheus reads."""

from fastapi.testclient import TestClient

from thoracle.web.counters import Counters


def test_counts_are_written_with_their_names() -> None:
    counters, other = Counters(lambda: 3), Counters(lambda: 0)
    counters.analyses.labels("analyzed").inc()
    counters.seconds.observe(0.2)
    text = counters.text().decode("utf-8")
    assert 'thoracle_analyses_total{status="analyzed"} 1.0' in text
    assert "thoracle_line_length 3.0" in text
    assert 'thoracle_analysis_seconds_bucket{le="0.2"} 1.0' in text
    assert "analyzed" not in other.text().decode("utf-8")


def test_the_app_counts_how_films_end_and_tells_no_names(client: TestClient) -> None:
    for content in (b"film", b"film", b"broken"):
        client.post("/analyze", files={"files": ("Doe.png", content)})
    text = client.get("/metrics").text
    assert 'thoracle_analyses_total{status="analyzed"} 2.0' in text
    assert 'thoracle_analyses_total{status="failed"} 1.0' in text
    assert "thoracle_analysis_seconds_count 3.0" in text
    assert "Doe" not in text
