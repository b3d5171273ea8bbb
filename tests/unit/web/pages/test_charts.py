"""Charts are sent, typed in or tried; a refusal comes back to the form; the list has them all."""

import re

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.pages.kept_charts import send as sent
from tests.unit.web.pages.kept_charts import ward_csv, with_network, without_network

from thoracle.jobs.chart_examples import EXAMPLES
from thoracle.store.results import ResultStore

TYPED = {
    "age_years": "64",
    "sex": "F",
    "time_h-1": "0,5",
    "ldh-1": "250",
    "hs_crp-1": "41,5",
    "time_h-2": "24",
    "supplemental_oxygen-2": "1",
}


@pytest.fixture(autouse=True)
def _network(client: TestClient) -> None:
    with_network(client)


def test_a_chart_is_sent_and_listed(client: TestClient) -> None:
    assert "No chart has been read yet" in client.get("/charts").text
    path = sent(client)
    page = client.get("/charts").text
    assert f'href="{path}"' in page
    assert "51 %" in page
    assert "day 2, 2 h" in page


def test_older_charts_stand_on_the_next_page(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.web.pages.charts._LINES", 1)
    first, second = sent(client), sent(client)
    page = client.get("/charts").text
    assert second in page
    assert first not in page
    older = re.findall(r'href="(/charts\?before=[^"]+)"', page)[0]
    assert first in client.get(older).text


def test_the_form_says_whether_a_network_is_there(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for has, said in ((True, False), (False, True)):
        monkeypatch.setattr("thoracle.web.pages.charts.has_prognosis", lambda has=has: has)
        assert ("No network for prognosis" in client.get("/charts/new").text) == said


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"a,b\n1,2\n", "chart-columns"), (b"{", "chart-json"), (ward_csv(()), "chart-empty")],
)
def test_a_refusal_comes_back_to_the_form_with_what_was_said(
    client: TestClient, content: bytes, code: str, store: ResultStore
) -> None:
    files = {"file": ("ward.csv", content)}
    answer = client.post("/charts/new", files=files, data={"patient": "123"})
    assert answer.status_code == 422
    assert f"({code})" in answer.text
    assert 'value="123"' in answer.text
    assert store.charts.list_charts(9) == ()


def test_no_file_comes_back_to_the_form(client: TestClient) -> None:
    answer = client.post("/charts/new", data={"layout": "measurements"})
    assert answer.status_code == 422
    assert "No chart arrived" in answer.text
    portuguese = client.post(
        "/charts/new", data={"layout": "measurements"}, headers={"Accept-Language": "pt"}
    )
    assert "Nenhum prontuário chegou" in portuguese.text


def test_what_is_typed_in_is_read(client: TestClient, store: ResultStore) -> None:
    answer = client.post("/charts/entry", data=TYPED)
    assert answer.status_code == 200
    assert "64 years, female; 3 measurements of 3 variables" in answer.text
    (line,) = store.charts.list_charts(9)
    assert (line.facts.file, line.facts.last_h) == ("typed-in", 24.0)


@pytest.mark.parametrize(
    ("field", "said"),
    [("age_years", "640"), ("systolic_pressure-1", "12"), ("time_h-2", "1d"), ("time_h-3", "9")],
)
def test_what_is_typed_wrongly_comes_back_and_its_field_says_why(
    client: TestClient, field: str, said: str, store: ResultStore
) -> None:
    answer = client.post("/charts/entry", data={**TYPED, field: said})
    assert answer.status_code == 422
    assert "Fields that cannot be read: 1." in answer.text
    assert answer.text.count('class="invalid-feedback"') == 1
    assert f'id="fault-{field}"' in answer.text
    assert f'aria-describedby="fault-{field}" id="{field}"' in answer.text
    assert 'value="41,5"' in answer.text
    assert '<details class="card" open>' in answer.text
    assert store.charts.list_charts(9) == ()


def test_nothing_that_was_typed_is_left_out_without_a_word(
    client: TestClient, store: ResultStore
) -> None:
    for typed in ({"sex": "F"}, {**TYPED, "hs_crp-2": "1.200", "ldh-2": "250.5"}):
        answer = client.post("/charts/entry", data=typed, headers={"Accept-Language": "pt"})
        assert answer.status_code == 422
        assert "(chart-empty)" in answer.text
        assert "Corrija e envie de novo." in answer.text
    assert store.charts.list_charts(9) == ()


def test_of_a_file_without_a_value_all_that_is_wrong_is_listed(client: TestClient) -> None:
    content = ward_csv((), "ldh,9,stones,3", "unicorns,3,,4")
    files = {"file": ("ward.csv", content)}
    page = client.post("/charts/new", files=files, headers={"Accept-Language": "pt"}).text
    assert "Nada em ward.csv pode ser guardado" in page
    assert "1 × uma unidade que não se converte (stones)" in page
    assert page.count("<td>Linha") == 0
    assert "found" not in page


def test_a_time_of_admission_is_chosen_once_and_then_stands(client: TestClient) -> None:
    assert client.get("/charts/new").text.count('type="datetime-local"') == 2
    chart = sent(client).rsplit("/", 1)[1]
    form = client.get(f"/charts/new?chart={chart}").text
    assert "datetime-local" not in form
    assert form.count('value="2026-02-27T08:00:00+00:00" readonly') == 2


def test_more_is_added_to_a_chart_that_is_named(client: TestClient, store: ResultStore) -> None:
    path = sent(client)
    chart = path.rsplit("/", 1)[1]
    form = client.get(f"/charts/new?chart={chart}").text
    assert "Add to the chart of ward.csv" in form
    answer = client.post("/charts/entry", data={"chart": chart, "time_h-1": "60", "ldh-1": "700"})
    assert str(answer.url.path) == path
    assert store.charts.list_charts(9)[0].versions == 2
    assert client.get("/charts/new?chart=018f3b0e-7c00-7abc-8def-0123456789ab").status_code == 404


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_simulated_patient_can_be_tried(client: TestClient, name: str) -> None:
    without_network(client)
    assert f"/charts/examples/{name}" in client.get("/charts").text
    answer = client.post(f"/charts/examples/{name}")
    assert answer.status_code == 200
    assert name in answer.text
    assert client.post("/charts/examples/other").status_code == 404
