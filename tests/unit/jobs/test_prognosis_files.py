from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.core.files import sha256_of_file
from thoracle.datasets.prognosis.cohort import write_cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.prognosis_files import file_bytes, open_charts
from thoracle.prognosis.variables import place_of

TABLE = (
    "patient,time_h,variable,value,unit\n"
    "made-up,2,ldh,300,U/L\n"
    "made-up,26,ldh,410,U/L\n"
    "made-up,26,hs_crp,60000,mg/L\n"
)


def test_a_cohorts_folder_is_opened_with_the_digest_of_its_facts(tmp_path: Path) -> None:
    cohort = simulate_cohort(5, rng=np.random.default_rng(0))
    write_cohort(cohort, tmp_path / "cohort")
    opened = open_charts(tmp_path / "cohort")
    assert [one.patient for one in opened.charts] == [one.patient for one in cohort.charts]
    assert opened.sha256 == sha256_of_file(tmp_path / "cohort" / "cohort.json")
    assert opened.kept_out == ()


def test_one_patients_table_is_opened_and_says_what_was_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text(TABLE)
    opened = open_charts(path)
    (chart,) = opened.charts
    assert chart.variables.tolist() == [place_of("ldh")] * 2
    assert chart.values.tolist() == [300.0, 410.0]
    assert opened.sha256 == sha256_of_file(path)
    assert len(opened.kept_out) == 1
    assert "hs_crp" in opened.kept_out[0]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match=r"found no readable file at .*absent") as caught:
        open_charts(tmp_path / "absent.csv")
    assert caught.value.code == "chart-file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match="found no readable file"):
        file_bytes(tmp_path)


def test_a_folder_without_a_cohort_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match=r"expected a cohort"):
        open_charts(tmp_path)
