"""The folder of a table of features."""

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Source
from thoracle.datasets.prognosis.feature_table import (
    FEATURES,
    TABLE_FACTS,
    FeatureTable,
    write_table,
)
from thoracle.datasets.prognosis.problems import Kind, Problems


def _table() -> FeatureTable:
    problems = Problems("visits.csv")
    problems.add(Kind.OUT_OF_RANGE, [3], detail="age", values=1)
    return FeatureTable(
        name="made up",
        event="icu",
        subjects=("a", "b"),
        features=("heart_rate", "cough"),
        values=np.array([[80.5, 1.0], [np.nan, 0.0]]),
        labels=np.array([1.0, 0.0]),
        unit_note="none",
        problems=problems.all,
        sources=(Source(name="made up", file="visits.csv", sha256="", license="", citation=""),),
    )


def test_what_is_not_known_is_an_empty_cell(tmp_path: Path) -> None:
    write_table(_table(), tmp_path)
    text = gzip.decompress((tmp_path / FEATURES).read_bytes()).decode()
    assert list(csv.reader(text.splitlines())) == [
        ["subject", "icu", "heart_rate", "cough"],
        ["a", "1", "80.5", "1.0"],
        ["b", "0", "", "0.0"],
    ]
    facts = json.loads((tmp_path / TABLE_FACTS).read_text())
    assert (facts["subjects"], facts["events"], facts["units"]) == (2, 1, "none")
    assert "numbers in age that cannot be" in facts["problems"][0]["text"]


def test_an_older_table_is_replaced_and_anything_else_is_left_alone(tmp_path: Path) -> None:
    write_table(_table(), tmp_path / "set")
    write_table(replace(_table(), name="again"), tmp_path / "set")
    assert json.loads((tmp_path / "set" / TABLE_FACTS).read_text())["name"] == "again"
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "thesis.txt").write_text("years of work")
    with pytest.raises(ChartError, match="that are no table of features"):
        write_table(_table(), tmp_path / "letters")
