import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.results import BundleReference, Provenance
from thoracle.prognosis.analyze import ChartReader, analyze
from thoracle.prognosis.prior import LocalPrevalence, Share, local_diagnosis
from thoracle.prognosis.reading import SCHEMA, ChartReading, reading_from_json, reading_json
from thoracle.prognosis.types import Chart


@pytest.fixture
def reading(sick_chart: Chart, chart_reader: ChartReader) -> ChartReading:
    told = analyze(sick_chart, index_h=51.0, reader=chart_reader, rng=np.random.default_rng(0))
    share = Share(value=0.1, low=0.05, high=0.2)
    return replace(
        told,
        prior=local_diagnosis(
            "COVID-19",
            0.7,
            calibrated_at=Share(value=0.5, low=0.4, high=0.6),
            local=LocalPrevalence(place="Porto", week="2020-W05", share=share),
        ),
        provenance=Provenance(
            sha256="ab" * 32,
            software_version="0.1.0",
            bundles=(BundleReference(name="prognosis", version="1.0.0", digest="cd" * 32),),
            runtime="onnxruntime",
            precision="fp32",
        ),
    )


def _shown(reading: ChartReading) -> str:
    return json.dumps(reading_json(reading), allow_nan=False)


def test_a_document_read_again_says_the_same(reading: ChartReading) -> None:
    again = reading_from_json(json.loads(_shown(reading)))
    assert _shown(again) == _shown(reading)
    # NaN, which LastValue has where nothing is known, is unequal to itself.
    assert replace(again, rule=reading.rule, news2=reading.news2) == reading


def test_a_refusal_is_kept_too(sick_chart: Chart, chart_reader: ChartReader) -> None:
    refused = analyze(sick_chart, index_h=1.0, reader=chart_reader, rng=np.random.default_rng(0))
    again = reading_from_json(json.loads(_shown(refused)))
    assert again.refusal == refused.refusal
    assert again.refusal is not None
    assert (again.added, again.attention, again.prior, again.provenance) == (None,) * 4


def test_the_document_says_what_it_is_and_of_whom(reading: ChartReading) -> None:
    document = reading_json(reading)
    assert next(iter(document)) == "schema"
    assert document["schema"] == SCHEMA
    assert document["patient"] == "synthetic-1"
    assert document["horizons"] == ["1 day", "3 days", "7 days", "discharge"]
    assert document["news2"]["risk"] == reading.news2.risk
    assert document["rule"]["is_death"] is True
    assert "outcome" not in document


def test_what_is_unknown_is_null(reading: ChartReading) -> None:
    parts = reading_json(reading)["news2"]["parts"]
    (pulse,) = [one for one in parts if one["observation"]["name"] == "heart_rate"]
    assert pulse == {
        "observation": {"name": "heart_rate", "value": None, "time_h": None},
        "points": None,
    }


def test_another_schema_is_refused(reading: ChartReading) -> None:
    with pytest.raises(ValueError, match="schema 'other'"):
        reading_from_json({**reading_json(reading), "schema": "other"})


def test_the_reference_names_every_field(reading: ChartReading) -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "chart-reading.md"
    said = page.read_text("utf-8")
    assert [name for name in reading_json(reading) if f"`{name}`" not in said] == []
