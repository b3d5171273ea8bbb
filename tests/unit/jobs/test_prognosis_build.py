"""One place that charts come from, and what is said of them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort, read_cohort
from thoracle.datasets.prognosis.feature_table import TABLE_FACTS, FeatureTable
from thoracle.jobs.prognosis_build import BuildRequest, build, summary_lines, write_built


def _simulated(patients: int) -> Cohort:
    built = build(BuildRequest(simulate=patients, seed=2))
    assert isinstance(built, Cohort)
    return built


def test_simulated_charts_are_summed_up() -> None:
    line = next(summary_lines(_simulated(50)))
    assert line.startswith("simulated: stays 50 (death ")
    assert "), patients 50, variables 18, values " in line


def test_stays_without_a_value_are_said() -> None:
    cohort = _simulated(3)
    empty = replace(
        cohort.charts[0],
        times_h=np.array([]),
        variables=np.array([], dtype=np.int64),
        values=np.array([]),
    )
    lines = list(summary_lines(replace(cohort, charts=(empty, *cohort.charts[1:]))))
    assert lines[1] == "stays without any value that was kept: 1"


def test_a_table_and_a_bundle_become_cohorts(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("id,hour,LDH\n1,2,300\n")
    (tmp_path / "ward.toml").write_text(
        'name = "ward"\nlayout = "wide"\npatient = "id"\n'
        'time = { column = "hour", kind = "hours" }\n'
        '[[values]]\ncolumn = "LDH"\nvariable = "ldh"\nunit = "U/L"\n'
    )
    declared = BuildRequest(table=tmp_path / "ward.csv", schema=tmp_path / "ward.toml")
    assert next(summary_lines(build(declared))) == (
        "ward: stays 1 (no outcome 1), patients 1, variables 1, values 1"
    )
    write_built(build(declared), tmp_path / "out")
    assert read_cohort(tmp_path / "out").charts[0].values.tolist() == [300.0]


def test_a_place_without_a_stay_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ward.json").write_text(json.dumps({"resourceType": "Bundle"}))
    with pytest.raises(ChartError, match=r"found no Encounter in ward\.json") as caught:
        build(BuildRequest(fhir=tmp_path / "ward.json"))
    assert caught.value.code == "chart-patients"


def test_a_set_that_is_no_charts_becomes_a_table_of_features(tmp_path: Path) -> None:
    lines = [
        f"{patient},0.5,{window},{int(patient == 2 and window == '2-4')}"
        for patient in (1, 2)
        for window in ("0-2", "2-4", "4-6", "6-12", "ABOVE_12")
    ]
    head = "PATIENT_VISIT_IDENTIFIER,UREA_MEAN,WINDOW,ICU"
    (tmp_path / "made_up.csv").write_text("\n".join([head, *lines]) + "\n")
    built = build(BuildRequest(source=f"sirio={tmp_path / 'made_up.csv'}"))
    assert isinstance(built, FeatureTable)
    assert next(summary_lines(built)) == (
        "sirio 0-2 h: subjects 2 (icu 1), features 1, known 100.0%"
    )
    write_built(built, tmp_path / "out")
    assert json.loads((tmp_path / "out" / TABLE_FACTS).read_text())["subjects"] == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (BuildRequest(table=Path("x.csv")), "found --table without --schema"),
        (BuildRequest(simulate=3, schema=Path("x.toml")), "found --schema without --table"),
    ],
)
def test_a_table_and_its_schema_come_together(asked: BuildRequest, said: str) -> None:
    with pytest.raises(ChartError, match=said) as caught:
        build(asked)
    assert caught.value.code == "chart-source"


@pytest.mark.parametrize(
    "asked",
    [
        BuildRequest(),
        BuildRequest(source="wuhan=x.csv", simulate=3),
        BuildRequest(fhir=Path("x.json"), simulate=3),
    ],
)
def test_one_place_is_needed(asked: BuildRequest) -> None:
    with pytest.raises(ChartError, match=r"found (no|2) places that charts come from"):
        build(asked)


@pytest.mark.parametrize("source", ["padua=x.csv", "wuhan", "wuhan="])
def test_an_unknown_source_is_refused(source: str) -> None:
    with pytest.raises(ChartError, match="expected NAME=FILE"):
        build(BuildRequest(source=source))
