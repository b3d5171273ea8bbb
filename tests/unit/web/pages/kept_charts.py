"""Charts that pages show: sent through the app, told by a network that is a formula."""

from fastapi.testclient import TestClient
from tests.unit.jobs.made_charts import ROWS, prognosis

from thoracle.jobs.charts import PrognosisReader
from thoracle.prognosis.variables import VARIABLES, place_of

ADMITTED = "2026-02-27T08:00:00+00:00"


def with_network(client: TestClient) -> None:
    """Let an app tell risks."""
    client.app.state.services.prognosis = PrognosisReader(prognosis)  # type: ignore[attr-defined]


def without_network(client: TestClient) -> None:
    """Let an app tell none, whatever is installed."""
    client.app.state.services.prognosis = PrognosisReader(lambda: None)  # type: ignore[attr-defined]


def ward_csv(rows: tuple[tuple[float, str, float], ...] = ROWS, *more: str) -> bytes:
    lines = [
        f"{name},{value},{VARIABLES[place_of(name)].unit},{time_h}" for time_h, name, value in rows
    ]
    return ("\n".join(["variable,value,unit,time_h", *lines, *more]) + "\n").encode()


def send(client: TestClient, content: bytes | None = None, **said: str) -> str:
    """Send a table of a ward; return the path of the page that it leads to."""
    files = {"file": ("ward.csv", ward_csv() if content is None else content)}
    given = {"admitted_at": ADMITTED, **said}
    answer = client.post("/charts/new", files=files, data=given)
    assert answer.status_code == 200, answer.text
    return str(answer.url.path)
