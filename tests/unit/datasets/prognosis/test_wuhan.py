"""The Wuhan layout: whose row it is, what came too late, what was not blood."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.problems import Kind
from thoracle.datasets.prognosis.wuhan import read_wuhan
from thoracle.datasets.reference_standard.sheets import read_sheet
from thoracle.prognosis.types import DEATH, DISCHARGE, Chart, Outcome
from thoracle.prognosis.variables import VARIABLES, place_of

_HEAD = "PATIENT_ID,RE_DATE,age,gender,Admission time,Discharge time,outcome"
_A = "70,1,2020-01-30 22:00:00,2020-02-02 22:00:00,1"
_B = "55,2,2020-02-01 10:00:00,2020-02-11 10:00:00,0"


def _read(tmp_path: Path, *lines: str, columns: str = "Lactate dehydrogenase") -> Cohort:
    path = tmp_path / "made_up.csv"
    path.write_text("\n".join([f"{_HEAD},{columns}", *lines]) + "\n")
    return read_wuhan(path)


def _kinds(cohort: Cohort) -> dict[Kind, tuple[int, ...]]:
    return {one.kind: one.places for one in cohort.problems}


def _values(chart: Chart) -> list[tuple[float, str, float]]:
    names = [VARIABLES[place].name for place in chart.variables]
    return list(zip(chart.times_h.tolist(), names, chart.values.tolist(), strict=True))


def test_a_row_without_a_number_belongs_to_the_one_above(tmp_path: Path) -> None:
    cohort = _read(
        tmp_path,
        f"1,2020-01-31 00:00:00,{_A},300",
        f",2020-02-01 00:00:00,{_A},400",
        f"2,2020-02-01 11:00:00,{_B},200",
    )
    first, second = cohort.charts
    assert _values(first) == [(2.0, "ldh", 300.0), (26.0, "ldh", 400.0)]
    assert (first.patient, first.age_years, first.sex) == ("1", 70.0, "M")
    assert first.outcome == Outcome(event=DEATH, time_h=72.0)
    assert first.admitted_at == "2020-01-30T22:00:00"
    assert (second.sex, second.outcome) == ("F", Outcome(event=DISCHARGE, time_h=240.0))
    assert cohort.problems == ()


def test_a_number_on_every_row_gives_the_same(tmp_path: Path) -> None:
    rows = [f"2020-01-31 00:00:00,{_A},300", f"2020-02-01 00:00:00,{_A},400"]
    there = _read(tmp_path, *(f"1,{row}" for row in rows)).charts
    above = _read(tmp_path, f"1,{rows[0]}", f",{rows[1]}").charts
    assert [_values(one) for one in there] == [_values(one) for one in above]


@pytest.mark.parametrize("number", ["1", ""])
def test_facts_of_a_stay_may_stand_on_its_first_row_only(number: str, tmp_path: Path) -> None:
    cohort = _read(
        tmp_path, f"1,2020-01-31 00:00:00,{_A},300", f"{number},2020-02-01 00:00:00,,,,,,400"
    )
    (chart,) = cohort.charts
    assert [time_h for time_h, _, _ in _values(chart)] == [2.0, 26.0]
    assert chart.outcome == Outcome(event=DEATH, time_h=72.0)
    assert cohort.problems == ()


def test_a_row_whose_number_was_left_out_is_given_to_nobody(tmp_path: Path) -> None:
    cohort = _read(tmp_path, f"1,2020-01-31 00:00:00,{_A},300", f",2020-02-02 00:00:00,{_B},200")
    assert len(cohort.charts) == 1
    assert _kinds(cohort) == {Kind.NO_PATIENT: (3,)}


def test_rows_after_discharge_and_without_a_date_are_kept_out_and_counted(tmp_path: Path) -> None:
    cohort = _read(
        tmp_path,
        f"1,2020-02-02 22:00:01,{_A},1800",
        f",,{_A},500",
        f",2020-02-02 22:00:00,{_A},600",
    )
    assert _values(cohort.charts[0]) == [(72.0, "ldh", 600.0)]
    assert _kinds(cohort) == {Kind.NO_TIME: (3,), Kind.AFTER_OUTCOME: (2,)}


def test_with_semicolons_the_comma_is_the_decimal_sign(tmp_path: Path) -> None:
    head = "PATIENT_ID;RE_DATE;Admission time;Discharge time;outcome;Lactate dehydrogenase"
    line = "1;2020-01-31 22:00:00;2020-01-30 22:00:00;2020-02-02 22:00:00;1;300,5"
    (tmp_path / "made_up.csv").write_text(f"{head}\n{line}\n")
    (chart,) = read_wuhan(tmp_path / "made_up.csv").charts
    assert _values(chart) == [(24.0, "ldh", 300.5)]


def test_times_that_cannot_be_read_are_told_from_none(tmp_path: Path) -> None:
    admitted = _A.replace("2020-01-30", "30/01/2020")
    lines = (f"1,31/01/2020 10:00,{_A},300", f"2,2020-01-31 10:00:00,{admitted},300")
    problems = _read(tmp_path, *lines).problems
    assert {one.kind: one.detail for one in problems} == {
        Kind.NO_TIME: "unreadable",
        Kind.NO_ADMISSION: "unreadable",
    }


def test_urine_is_not_taken_for_blood(tmp_path: Path) -> None:
    columns = "PH value,White blood cell count,Red blood cell count,Platelet count"
    cohort = _read(
        tmp_path,
        f"1,2020-01-31 00:00:00,{_A},6.5,12.4,7.1,",
        f",2020-01-31 01:00:00,{_A},7.415,,,",
        f",2020-01-31 02:00:00,{_A},,5.1,4.3,200",
        columns=columns,
    )
    names = [name for _, name, _ in _values(cohort.charts[0])]
    assert names == ["ph", "platelet_count", "white_cell_count", "red_cell_count"]
    (problem,) = cohort.problems
    assert (problem.kind, problem.values, problem.detail) == (Kind.OTHER_SPECIMEN, 3, "urine")


def test_a_blood_count_beside_a_strip_is_still_blood(tmp_path: Path) -> None:
    columns = "PH value,White blood cell count,Platelet count"
    cohort = _read(tmp_path, f"1,2020-01-31,{_A},6,5.1,200", columns=columns)
    assert [name for _, name, _ in _values(cohort.charts[0])] == [
        "platelet_count",
        "white_cell_count",
    ]


def test_a_small_file_of_the_group_without_age_and_sex_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_text(
        "patient_id,Re_Date,admission time,DISCHARGE TIME,Outcome,Lactate  dehydrogenase ,"
        "Hypersensitive c-reactive protein,(%)Lymphocyte\n"
        "7,2020-02-01 11:00,2020-02-01 10:00,2020-02-11 10:00,0,250,12.5,18\n"
    )
    (chart,) = read_wuhan(path).charts
    assert {name for _, name, _ in _values(chart)} == {"ldh", "hs_crp", "lymphocyte_percent"}
    assert np.isnan(chart.age_years)
    assert chart.sex == ""


def test_a_workbook_reads_as_a_table_does(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*_HEAD.split(","), "Lactate dehydrogenase"])
    admitted, left = (
        datetime.fromisoformat("2020-01-30T22:00:00"),
        datetime.fromisoformat("2020-02-02T22:00:00"),
    )
    sheet.append([1, datetime.fromisoformat("2020-01-31"), 70, 1, admitted, left, 1, 300])
    sheet.append([None, datetime.fromisoformat("2020-02-01"), 70, 1, admitted, left, 1, 400])
    book.save(tmp_path / "made_up.xlsx")
    (chart,) = read_wuhan(tmp_path / "made_up.xlsx").charts
    assert _values(chart) == [(2.0, "ldh", 300.0), (26.0, "ldh", 400.0)]
    assert chart.outcome == Outcome(event=DEATH, time_h=72.0)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("1,2020-01-31,70,1,,2020-02-02 22:00:00,1,300", Kind.NO_ADMISSION),
        ("1,2020-01-31,70,1,2020-01-30,,1,300", Kind.NO_OUTCOME_TIME),
        ("1,2020-01-31,70,1,2020-01-30,2020-01-02,1,300", Kind.OUTCOME_BEFORE_ADMISSION),
        ("1,2020-01-31,70,1,2020-01-30,2020-02-02,2,300", Kind.UNKNOWN_WORD),
        (f"1,2020-01-31,{_A},>1867", Kind.NOT_A_NUMBER),
        (f",2020-01-31,{_A},300", Kind.NO_PATIENT),
    ],
)
def test_what_is_not_understood_is_told_and_not_guessed(
    line: str, kind: Kind, tmp_path: Path
) -> None:
    cohort = _read(tmp_path, line)
    assert _kinds(cohort) == {kind: (2,)}
    assert all(chart.outcome is None or chart.values.size == 0 for chart in cohort.charts)


def test_an_outcome_that_is_not_there_yet_is_none(tmp_path: Path) -> None:
    (chart,) = _read(tmp_path, "1,2020-01-31,70,1,2020-01-30,,,300").charts
    assert chart.outcome is None
    assert chart.values.tolist() == [300.0]


def test_a_column_that_is_no_variable_is_told(tmp_path: Path) -> None:
    (problem,) = _read(tmp_path, columns="Shoe size").problems
    assert (problem.kind, problem.detail) == (Kind.UNKNOWN_COLUMN, "Shoe size")


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("PATIENT_ID,LDH\n1,300\n")
    with pytest.raises(ChartError, match=r"found no column redate in other\.csv"):
        read_wuhan(tmp_path / "other.csv")


def test_the_published_file_has_what_its_paper_says(data_folder: Path) -> None:
    (path,) = (data_folder / "prognosis").glob("time_series_375*.xlsx")
    cohort = read_wuhan(path)
    assert len(cohort.charts) == 375
    events = Counter(None if one.outcome is None else one.outcome.event for one in cohort.charts)
    assert events == {DEATH: 174, DISCHARGE: 201}
    assert Counter(one.sex for one in cohort.charts) == {"M": 224, "F": 151}
    rows = {(one.kind, one.variable): one.rows for one in cohort.problems}
    assert rows[Kind.AFTER_OUTCOME, ""] == 71
    assert rows[Kind.NO_TIME, ""] == 14
    assert rows[Kind.OTHER_UNIT, "hemoglobin"] == 18
    assert Kind.UNKNOWN_COLUMN not in {one.kind for one in cohort.problems}
    used = {place for one in cohort.charts for place in one.variables.tolist()}
    assert used == set(range(74)) - {place_of("sars_cov_2_rna")}  # all of its cells are -1
    assert all(chart.times_h[0] > 0 for chart in cohort.charts if chart.times_h.size)


def test_the_published_file_cut_to_three_markers_gives_the_same_values(
    data_folder: Path, tmp_path: Path
) -> None:
    (path,) = (data_folder / "prognosis").glob("time_series_375*.xlsx")
    sheet = read_sheet(str(path))
    kept = [
        place
        for place, name in enumerate(sheet.header)
        if name in {"PATIENT_ID", "RE_DATE", "Admission time", "Discharge time", "outcome"}
        or name in {"Lactate dehydrogenase", "(%)lymphocyte"}
        or name == "High sensitivity C-reactive protein"
    ]
    lines = [[sheet.header[place] for place in kept]]
    lines += [[cells[place] for place in kept] for _, cells in sheet.rows]
    with (tmp_path / "cut.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    whole, cut = read_wuhan(path), read_wuhan(tmp_path / "cut.csv")
    markers = [place_of(name) for name in ("ldh", "hs_crp", "lymphocyte_percent")]
    for one, other in zip(whole.charts, cut.charts, strict=True):
        is_marker = np.isin(one.variables, markers)
        np.testing.assert_array_equal(one.times_h[is_marker], other.times_h)
        np.testing.assert_array_equal(one.values[is_marker], other.values)
        assert one.outcome == other.outcome
        assert other.sex == ""
