"""Tables of one's own: wide and long, converted by declared units, problems told."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.declared import read_declared
from thoracle.datasets.prognosis.problems import Kind
from thoracle.prognosis.types import DEATH, Chart, Outcome
from thoracle.prognosis.variables import VARIABLES

_WIDE = """
name = "ward"
layout = "wide"
patient = "id"
license = "CC0"
citation = "Made up."
time = { column = "hour", kind = "hours" }
outcome = { times = { death = { column = "died", kind = "days" } } }
[[values]]
column = "Hb"
variable = "hemoglobin"
unit = "g/dL"
[[values]]
column = "Temp"
variable = "temperature"
unit = "°F"
[[values]]
column = "O2"
variable = "supplemental_oxygen"
words = { yes = 1, no = 0 }
"""
_LONG = """
name = "ward"
layout = "long"
patient = "id"
decimal = ","
stays = "stays.csv"
time = { column = "taken", kind = "instant", format = "%d/%m/%Y %H:%M" }
admission = { column = "in", kind = "instant" }
long = { variable = "test", value = "result", unit = "unit" }
[outcome]
column = "end"
words = { death = ["died"], discharge = ["home"] }
time = { column = "out", kind = "instant" }
[[values]]
word = "PCR"
variable = "hs_crp"
[[values]]
word = "Ureia"
variable = "urea"
unit = "mg/dL urea"
"""


def _read(tmp_path: Path, schema: str, table: str, stays: str = "") -> Cohort:
    (tmp_path / "ward.toml").write_text(schema)
    (tmp_path / "ward.csv").write_text(table)
    (tmp_path / "stays.csv").write_text(stays)
    return read_declared(tmp_path / "ward.csv", tmp_path / "ward.toml")


def _values(chart: Chart) -> dict[tuple[float, str], float]:
    names = [VARIABLES[place].name for place in chart.variables]
    return {
        (time_h, name): round(value, 6)
        for time_h, name, value in zip(
            chart.times_h.tolist(), names, chart.values.tolist(), strict=True
        )
    }


def _kinds(cohort: Cohort) -> list[tuple[Kind, str, tuple[int, ...]]]:
    return [(one.kind, one.detail, one.places) for one in cohort.problems]


def test_a_wide_table_is_converted_into_the_units_of_the_variables(tmp_path: Path) -> None:
    table = "id,hour,died,Hb,Temp,O2\n1,2,3,13.5,98.6,yes\n1,4,,,,no\n2,1,,12,,\n"
    cohort = _read(tmp_path, _WIDE, table)
    first, second = cohort.charts
    assert _values(first) == {
        (2.0, "hemoglobin"): 135.0,
        (2.0, "temperature"): 37.0,
        (2.0, "supplemental_oxygen"): 1.0,
        (4.0, "supplemental_oxygen"): 0.0,
    }
    assert first.outcome == Outcome(event=DEATH, time_h=72.0)
    assert (second.outcome, second.admitted_at, second.sex) == (None, "", "")
    assert np.isnan(second.age_years)
    assert cohort.name == "ward"
    assert (cohort.sources[0].license, cohort.sources[0].citation) == ("CC0", "Made up.")
    assert cohort.problems == ()


def test_values_in_another_than_the_declared_unit_are_told_and_not_mended(tmp_path: Path) -> None:
    table = "id,hour,died,Hb,Temp,O2\n1,2,,135,37,perhaps\n1,90,3,12,,\n"
    cohort = _read(tmp_path, _WIDE, table)
    assert cohort.charts[0].values.size == 0
    assert _kinds(cohort) == [
        (Kind.AFTER_OUTCOME, "", (3,)),
        (Kind.NOT_A_NUMBER, "", (2,)),
        (Kind.OTHER_UNIT, "g/L", (2,)),
        (Kind.OTHER_UNIT, "°C", (2,)),
    ]


def test_a_long_table_with_a_table_of_stays(tmp_path: Path) -> None:
    table = (
        "id,taken,test,result,unit\n"
        '1,01/02/2020 12:00,PCR,"5,2",mg/dL\n'
        '1,02/02/2020 00:00,Ureia,"60,06",\n'
        "1,02/02/2020 00:00,PCR,80,mg/L\n"
    )
    stays = "id,in,end,out\n1,2020-02-01,home,2020-02-05\n"
    cohort = _read(tmp_path, _LONG, table.replace('"60,06"', '"60,06"'), stays)
    assert _values(cohort.charts[0]) == {
        (12.0, "hs_crp"): 52.0,
        (24.0, "hs_crp"): 80.0,
        (24.0, "urea"): pytest.approx(10.0, rel=1e-3),
    }
    assert [one.file for one in cohort.sources] == ["ward.csv", "stays.csv"]
    assert cohort.problems == ()


def test_what_a_long_table_has_wrong_is_told(tmp_path: Path) -> None:
    table = (
        "id,taken,test,result,unit\n"
        "1,01/02/2020 12:00,PCR,5.2,mg/L\n"
        "1,01/02/2020 12:00,PCR,52,mmol/L\n"
        "1,01/02/2020 12:00,Shoes,42,\n"
        "3,01/02/2020 12:00,PCR,52,mg/L\n"
        ",01/02/2020 12:00,PCR,52,mg/L\n"
        "1,2020-02-01,PCR,52,mg/L\n"
        "1,01/02/2020 12:00,PCR,,mg/L\n"
    )
    stays = "id,in,end,out\n1,2020-02-01,,\n,2020-02-01,,\n"
    cohort = _read(tmp_path, _LONG, table, stays)
    assert cohort.charts[0].values.size == 0
    assert _kinds(cohort) == [
        (Kind.NO_PATIENT, "", (3,)),
        (Kind.NO_PATIENT, "", (6,)),
        (Kind.NO_TIME, "not as declared", (7,)),
        (Kind.NOT_A_NUMBER, "", (2,)),
        (Kind.UNKNOWN_STAY, "", (5,)),
        (Kind.UNKNOWN_CODE, '"Shoes"', (4,)),
        (Kind.UNKNOWN_UNIT, "mmol/L", (3,)),
    ]
    assert [one.source for one in cohort.problems][:2] == ["stays.csv", "ward.csv"]


def test_a_column_that_the_schema_names_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match='found the column "Hb" 0 times'):
        _read(tmp_path, _WIDE, "id,hour,died,Temp,O2\n")
    with pytest.raises(ChartError, match='found the column "died" 0 times'):
        _read(tmp_path, _WIDE, "id,hour,Hb,Temp,O2\n")
