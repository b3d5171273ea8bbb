"""What is described of charts is what the store and the readers have."""

from dataclasses import fields

from thoracle.store.chart_types import ChartFacts, ChartVersion
from thoracle.web.schemas_charts import (
    ChartLineSchema,
    ChartSchema,
    ChartVersionSchema,
    MeasurementsSchema,
)


def test_a_line_has_all_facts_and_a_version_all_of_its_own() -> None:
    facts = {one.name for one in fields(ChartFacts)}
    more = {"id", "created_at", "changed_at", "versions"}
    assert set(ChartLineSchema.model_fields) == facts | more
    assert set(ChartVersionSchema.model_fields) == {one.name for one in fields(ChartVersion)}
    assert {"version", "history", "document"} <= set(ChartSchema.model_fields)


def test_only_measurements_must_be_sent() -> None:
    required = {name for name, one in MeasurementsSchema.model_fields.items() if one.is_required()}
    assert required == {"measurements"}
