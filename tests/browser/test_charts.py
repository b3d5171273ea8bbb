"""A person at a desk and one at a phone send a chart, add to it, look closer, and delete it."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.unit.jobs.made_charts import ROWS, prognosis
from tests.unit.web.pages.kept_charts import ward_csv

from thoracle.jobs.charts import PrognosisReader
from thoracle.store.results import ResultStore

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.web.services.PrognosisReader", lambda: PrognosisReader(prognosis))
    monkeypatch.setattr("thoracle.web.pages.charts.has_prognosis", lambda: True)


def test_a_chart_is_refused_sent_added_to_looked_at_and_deleted(
    person: Any, store: ResultStore
) -> None:
    page, w = person.page, person.w
    person.open("/charts")
    page.get_by_role("link", name=w["ch_new"], exact=True).click()
    page.set_input_files("#file", person.file("ward.csv", b"a,b\n1,2\n"))
    page.click("#send")
    expect(page.get_by_role("alert")).to_contain_text("(chart-columns)")
    person.look("chart-refused")
    page.set_input_files("#file", person.file("ward.csv", ward_csv()))
    page.fill("#patient-file", "123")
    page.fill("#admitted-file", "2026-02-27T08:00")
    page.click("#send")
    page.wait_for_url("**/charts/*-*")
    expect(page.locator("#timeline-picture .ch-point")).to_have_count(3)
    page.get_by_role("link", name=w["ch_add"], exact=True).click()
    page.locator("summary", has_text=w["ch_entry"]).click()
    person.look("chart-add")
    _types_a_value(person)
    page.wait_for_url("**/charts/*-*")
    expect(page.locator("#timeline-picture .ch-point")).to_have_count(4)
    expect(page.locator("#headline")).to_contain_text("80 %")
    page.locator(".ch-horizons a").first.click()
    expect(page.locator("#headline")).to_contain_text("27 %")
    person.look("chart")
    _looks_at_variables(person)
    _deletes(person, store)


def _types_a_value(person: Any) -> None:
    page = person.page
    page.fill("#time_h-1", "74")
    page.fill("#ldh-1", "800")
    page.fill("#systolic_pressure-1", "12")
    page.click("#send-typed")
    expect(page.locator("#fault-systolic_pressure-1")).to_be_visible()
    person.look("chart-typed-refused")
    page.fill("#systolic_pressure-1", "")
    page.click("#send-typed")


def _looks_at_variables(person: Any) -> None:
    page, w = person.page, person.w
    page.get_by_role("link", name=w["ch_add"], exact=True).click()
    page.get_by_role("link", name=w["ch_variables_link"], exact=True).click()
    person.look("chart-variables")
    page.go_back()
    page.go_back()


def _deletes(person: Any, store: ResultStore) -> None:
    page, w = person.page, person.w
    assert store.charts.list_charts(9)[0].versions == 2
    page.locator("summary", has_text=w["ch_delete"]).click()
    page.get_by_role("button", name=w["ct_delete_button"], exact=True).click()
    page.wait_for_url("**/charts")
    person.look("charts-none")
    assert store.charts.list_charts(9) == ()


def test_without_javascript_everything_is_there(browser: Any, address: str, tmp_path: Path) -> None:
    path = tmp_path / "ward.csv"
    path.write_bytes(ward_csv())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/charts/new")
    page.set_input_files("#file", path)
    page.click("#send")
    page.wait_for_url("**/charts/*-*")
    expect(page.locator("#timeline-picture .ch-risk")).to_be_visible()
    expect(page.locator(".ch-course")).to_have_count(4)
    context.close()


def test_on_a_phone_the_whole_risk_is_seen_and_what_was_not_read_is_led_to(
    browser: Any, address: str, tmp_path: Path
) -> None:
    path = tmp_path / "ward.csv"
    path.write_bytes(ward_csv(ROWS, "ldh,9,stones,3"))
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/charts/new")
    page.set_input_files("#file", path)
    page.click("#send")
    page.wait_for_url("**/charts/*-*")
    expect(page.locator("#timeline-picture")).to_be_hidden()
    last = page.locator("#timeline-narrow .ch-point").last.bounding_box()
    assert 0 < last["x"] < 390 - last["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator('a[href="#kept-out"]').click()
    expect(page.locator("#kept-out")).to_be_in_viewport()
    expect(page.locator("#kept-out tbody tr")).to_have_count(1)
    context.close()
