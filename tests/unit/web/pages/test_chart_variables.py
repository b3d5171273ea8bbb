"""Everybody can see which variables are read, in which units, and start from a table."""

import csv
import io

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.pages.kept_charts import send, without_network

from thoracle.prognosis.variables import KINDS, VARIABLES
from thoracle.web.pages.chart_variables import KIND_TITLES


def test_every_kind_of_variable_is_listed() -> None:
    assert set(KIND_TITLES) == set(KINDS)


@pytest.mark.parametrize(
    ("code", "said"),
    [("en", "Lactate dehydrogenase"), ("pt", "Desidrogenase lática")],
)
def test_every_variable_stands_with_its_units_and_range(
    client: TestClient, code: str, said: str
) -> None:
    page = client.get("/charts/variables", headers={"Accept-Language": code}).text
    assert said in page
    for one in VARIABLES:
        assert f">{one.name}</code>" in page
    assert "mmol/L · mg/dL" in page
    assert "20–30000 U/L" in page


def test_the_form_leads_to_the_list_and_to_a_table_that_is_read(client: TestClient) -> None:
    without_network(client)
    form = client.get("/charts/new").text
    assert 'href="/charts/variables"' in form
    assert 'href="/charts/template.csv"' in form
    table = client.get("/charts/template.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {*rows[0]} == {"variable", "value", "unit", "time_h"}
    page = client.get(send(client, table.content)).text
    assert f"{len(rows)} measurements of 3 variables" in page
    assert "that were not read" not in page
