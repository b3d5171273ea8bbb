"""The Carbon Health layout: visits, what was known at them, and the swab."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.carbon_health import (
    _COLUMNS,
    FEATURES,
    RESULT,
    read_carbon_health,
)
from thoracle.datasets.prognosis.feature_table import FeatureTable
from thoracle.datasets.prognosis.problems import Kind

_VISIT = {
    RESULT: "Negative", "age": "58", "temperature": "36.95", "pulse": "81", "sys": "126",
    "dia": "82", "rr": "18", "sats": "97", "cough": "TRUE", "cough_severity": "Severe",
    "sob": "False", "fever": "", "days_since_symptom_onset": "28", "er_referral": "TRUE",
}  # fmt: skip


def _read(tmp_path: Path, *visits: dict[str, str], name: str = "made_up.csv.gz") -> FeatureTable:
    columns = [*_COLUMNS, "er_referral", "cxr_label"]
    lines = [",".join(columns)]
    lines += [",".join(({**_VISIT, **one}).get(name, "") for name in columns) for one in visits]
    content = ("\ufeff" + "\n".join(lines) + "\n").encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return read_carbon_health(path)


def _value(table: FeatureTable, feature: str, visit: int = 0) -> float:
    return float(table.values[visit, FEATURES.index(feature)])


@pytest.mark.parametrize("name", ["made_up.csv.gz", "made_up.csv"])
def test_a_visit_becomes_numbers(name: str, tmp_path: Path) -> None:
    table = _read(tmp_path, {}, {RESULT: "Positive", "cough": "false"}, name=name)
    assert table.subjects == ("row 2", "row 3")
    assert table.labels.tolist() == [0.0, 1.0]
    assert _value(table, "temperature") == 36.95
    assert _value(table, "systolic_pressure") == 126
    assert (_value(table, "cough"), _value(table, "cough_severity")) == (1.0, 3.0)
    assert _value(table, "cough_severity", 1) == 0.0
    assert _value(table, "sob_severity") == 0.0
    assert np.isnan(_value(table, "fever"))
    assert table.problems == ()


def test_nothing_of_the_test_or_of_what_came_later_is_a_feature() -> None:
    assert not {"er_referral", "cxr_label", "test_name", "swab_type", "batch_date"} & set(FEATURES)
    assert not {"rapid_flu_results", "rapid_strep_results", RESULT} & set(FEATURES)


def test_what_cannot_be_is_kept_out_and_told(tmp_path: Path) -> None:
    table = _read(tmp_path, {"age": "-1", "rr": "0"}, {"cough": "maybe"}, {RESULT: "lost"})
    assert np.isnan(_value(table, "age_years"))
    assert np.isnan(_value(table, "respiratory_rate"))
    assert np.isnan(_value(table, "cough", 1))
    assert len(table.subjects) == 2
    found = {(one.kind, one.variable or one.detail, one.places) for one in table.problems}
    assert found == {
        (Kind.OUT_OF_RANGE, "age", (2,)),
        (Kind.IMPOSSIBLE, "respiratory_rate", (2,)),
        (Kind.UNKNOWN_WORD, "cough", (3,)),
        (Kind.UNKNOWN_WORD, RESULT, (4,)),
    }


def test_a_table_without_visits_is_one(tmp_path: Path) -> None:
    assert _read(tmp_path).values.shape == (0, len(FEATURES))


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("age\n3\n")
    with pytest.raises(ChartError, match=f"found no column {RESULT} in other"):
        read_carbon_health(tmp_path / "other.csv")
    (tmp_path / "broken.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(ChartError, match="that cannot be read as a table"):
        read_carbon_health(tmp_path / "broken.csv.gz")


def test_the_published_file_has_939_positive_swabs(data_folder: Path) -> None:
    table = read_carbon_health(data_folder / "prognosis" / "carbon_health_vitals.csv.gz")
    assert table.values.shape == (39942, 35)
    assert table.labels.sum() == 939
    found = {(one.kind, one.variable or one.detail, one.rows) for one in table.problems}
    assert found == {
        (Kind.OUT_OF_RANGE, "age", 4),
        (Kind.IMPOSSIBLE, "respiratory_rate", 1),
    }
