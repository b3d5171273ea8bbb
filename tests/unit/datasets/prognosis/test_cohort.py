"""The cohort's folder: the same charts come back, and what was altered is refused."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import (
    FACTS,
    MEASUREMENTS,
    PATIENTS,
    Cohort,
    CohortError,
    Source,
    read_cohort,
    write_cohort,
)
from thoracle.datasets.prognosis.problems import Kind, Problems
from thoracle.prognosis.types import DEATH, Chart, Outcome
from thoracle.prognosis.variables import place_of


def _cohort() -> Cohort:
    problems = Problems("ward.csv")
    problems.add(Kind.OTHER_UNIT, [4], variable="hemoglobin", detail="g/dL", values=1)
    charts = (
        Chart(
            patient="p, 1",
            age_years=71.0,
            sex="F",
            admitted_at="2020-02-01T08:00:00",
            times_h=np.array([-1.5, 0.1, 30.0]),
            variables=np.array([place_of("ldh"), place_of("urea"), place_of("ldh")]),
            values=np.array([301.0, 5.3, 1 / 3 + 300]),
            outcome=Outcome(event=DEATH, time_h=31.25),
        ),
        Chart(
            patient="p2",
            age_years=float("nan"),
            sex="",
            admitted_at="",
            times_h=np.array([]),
            variables=np.array([], dtype=np.int64),
            values=np.array([]),
            outcome=None,
        ),
    )
    source = Source(name="ward", file="ward.csv", sha256="0" * 64, license="", citation="Ward.")
    return Cohort(name="ward", charts=charts, problems=problems.all, sources=(source,))


def test_what_is_written_comes_back_bit_by_bit(tmp_path: Path) -> None:
    cohort = _cohort()
    write_cohort(cohort, tmp_path / "ward")
    found = read_cohort(tmp_path / "ward")
    assert (found.name, found.problems, found.sources) == (
        cohort.name,
        cohort.problems,
        cohort.sources,
    )
    for old, new in zip(cohort.charts, found.charts, strict=True):
        np.testing.assert_array_equal(new.times_h, old.times_h)
        np.testing.assert_array_equal(new.variables, old.variables)
        np.testing.assert_array_equal(new.values, old.values)
        assert (new.patient, new.sex, new.admitted_at) == (old.patient, old.sex, old.admitted_at)
        assert new.outcome == old.outcome
    assert np.isnan(found.charts[1].age_years)


def test_files_are_plain_tables_and_the_same_cohort_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_cohort(_cohort(), tmp_path / name)
    for name in (PATIENTS, MEASUREMENTS, FACTS):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    lines = gzip.decompress((tmp_path / "one" / MEASUREMENTS).read_bytes()).decode().splitlines()
    assert lines[:2] == ["stay,time_h,variable,value", "1,-1.5,ldh,301.0"]
    patients = (tmp_path / "one" / PATIENTS).read_text().splitlines()
    assert patients[1] == '1,"p, 1",71.0,F,2020-02-01T08:00:00,death,31.25'
    assert patients[2] == "2,p2,,,,,"


def test_the_facts_tell_what_is_there_and_what_was_kept_out(tmp_path: Path) -> None:
    write_cohort(_cohort(), tmp_path / "ward")
    facts = json.loads((tmp_path / "ward" / FACTS).read_text())
    assert (facts["stays"], facts["patients"], facts["measurements"]) == (2, 2, 3)
    assert facts["variables"] == ["urea", "ldh"]
    assert "plausible in g/dL" in facts["problems"][0]["text"]


def test_an_older_cohort_is_replaced_and_anything_else_is_left_alone(tmp_path: Path) -> None:
    write_cohort(_cohort(), tmp_path / "ward")
    write_cohort(replace(_cohort(), name="again"), tmp_path / "ward")
    assert read_cohort(tmp_path / "ward").name == "again"
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "thesis.txt").write_text("years of work")
    with pytest.raises(ChartError, match=r"found files in .*letters that are no cohort"):
        write_cohort(_cohort(), tmp_path / "letters")
    assert (tmp_path / "letters" / "thesis.txt").exists()


def test_a_cohort_without_measurements_is_one(tmp_path: Path) -> None:
    write_cohort(replace(_cohort(), charts=_cohort().charts[1:]), tmp_path / "ward")
    (chart,) = read_cohort(tmp_path / "ward").charts
    assert chart.variables.dtype == np.int64


@pytest.mark.parametrize("name", [PATIENTS, MEASUREMENTS])
def test_an_altered_or_missing_table_is_refused(name: str, tmp_path: Path) -> None:
    write_cohort(_cohort(), tmp_path)
    (tmp_path / name).write_bytes(b"stay\n")
    with pytest.raises(CohortError, match=f"found {name} that was altered since"):
        read_cohort(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(CohortError, match=f"found no {name} that can be read"):
        read_cohort(tmp_path)


@pytest.mark.parametrize(
    ("facts", "message"),
    [(None, "no cohort.json"), ("{", "no cohort.json"), ("[]", "of another format"),
     ('{"format": 99}', "of another format")],
)  # fmt: skip
def test_facts_that_are_none_are_refused(facts: str | None, message: str, tmp_path: Path) -> None:
    if facts is not None:
        (tmp_path / FACTS).write_text(facts)
    with pytest.raises(CohortError, match=message):
        read_cohort(tmp_path)


def test_facts_without_what_they_need_are_refused(tmp_path: Path) -> None:
    write_cohort(_cohort(), tmp_path)
    facts = json.loads((tmp_path / FACTS).read_text())
    del facts["sources"]
    (tmp_path / FACTS).write_text(json.dumps(facts))
    with pytest.raises(CohortError, match="a row that cannot be read"):
        read_cohort(tmp_path)


def test_an_event_that_is_none_is_refused(tmp_path: Path) -> None:
    chart = replace(_cohort().charts[1], outcome=Outcome(event="moved", time_h=1.0))
    write_cohort(replace(_cohort(), charts=(chart,)), tmp_path)
    with pytest.raises(CohortError, match="a row that cannot be read"):
        read_cohort(tmp_path)
