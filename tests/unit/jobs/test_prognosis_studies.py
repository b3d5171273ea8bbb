"""Studies judge subjects left out, look at the first window alone, and split by date as well."""

import csv
import gzip
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis import carbon_health, sirio_libanes
from thoracle.datasets.prognosis.carbon_health import read_carbon_health
from thoracle.datasets.prognosis.feature_table import FeatureTable
from thoracle.jobs import prognosis_studies as module
from thoracle.jobs.prognosis_baselines import LOGISTIC, baselines
from thoracle.jobs.prognosis_studies import (
    SMALL_NETWORK,
    Dealing,
    Study,
    batch_dates,
    deal_subjects,
    small_network,
    study_carbon,
    study_sirio,
)

pytest.importorskip("sklearn")
QUICK = Dealing(folds=2, repeats=2, resamples=20)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    logistic = replace(baselines()[0], tried=(0.1,))
    network = replace(small_network(), tried=(10.0,))
    monkeypatch.setattr(module, "baselines", lambda: (logistic,))
    monkeypatch.setattr(module, "small_network", lambda: network)


@pytest.fixture(scope="module")
def sirio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 80 patients: A says who will need intensive care, B does so from the second window."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("sirio") / "sirio.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["PATIENT_VISIT_IDENTIFIER", "A", "B", "WINDOW", "ICU"])
        for patient in range(80):
            is_ill = bool(rng.random() < 0.4)
            first = 0 if patient < 8 else 2 if is_ill else 9
            a = float(np.clip((0.4 if is_ill else -0.4) + rng.normal(0, 0.4), -1, 1))
            for place, window in enumerate(sirio_libanes.WINDOWS):
                b = (1 if is_ill else -1) if place else 0
                rows.writerow([patient, f"{a:.3f}", b, window, int(place >= first)])
    return path


@pytest.fixture(scope="module")
def carbon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 200 visits in which fever says a little of the swab."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("carbon") / "carbon.csv.gz"
    names = ["batch_date", *carbon_health._COLUMNS]
    with gzip.open(path, "wt", newline="", encoding="utf-8") as stream:
        rows = csv.DictWriter(stream, names, restval="")
        rows.writeheader()
        for visit in range(240):
            is_positive = bool(rng.random() < 0.3)
            rows.writerow(
                {
                    "batch_date": f"2020-0{4 + visit // 50}-07" if visit < 200 else "",
                    carbon_health.RESULT: "Positive" if is_positive else "Negative",
                    "temperature": f"{37 + 0.5 * is_positive + rng.normal(0, 0.5):.2f}",
                    "pulse": f"{80 + rng.normal(0, 5):.0f}",
                }
            )
    return path


def _sirio(path: Path) -> Study:
    return study_sirio(path, dealing=QUICK)


@pytest.mark.usefixtures("quick")
def test_who_was_in_intensive_care_at_first_is_out_and_later_windows_are_not_seen(
    sirio: Path,
) -> None:
    found = _sirio(sirio)
    assert [one.model for one in found.figures] == [LOGISTIC, SMALL_NETWORK]
    for figures in found.figures:
        assert figures.landmarks == 72
        assert figures.auroc.value is not None
        assert 0.75 < figures.auroc.value < 0.99  # B alone would give 1
        assert figures.auroc_sd is not None
    assert found.temporal == ()


@pytest.mark.usefixtures("quick")
def test_later_visits_are_judged_by_earlier_ones(carbon: Path) -> None:
    found = study_carbon(carbon, dealing=QUICK)
    assert (found.since, found.undated) == ("2020-06-07", 40)
    assert found.figures[0].landmarks == 240
    assert found.temporal[0].landmarks == 100
    assert found.temporal[0].auroc.value is not None
    assert found.temporal[0].auroc.value > 0.6


def test_dates_belong_to_their_visits_and_are_no_feature(carbon: Path) -> None:
    table = read_carbon_health(carbon)
    dates = batch_dates(carbon, table)
    assert dates[:50] == ["2020-04-07"] * 50
    assert dates[150:200] == ["2020-07-07"] * 50
    assert not any("batch" in name for name in table.features)


@pytest.mark.usefixtures("quick")
def test_a_set_whose_dates_are_all_empty_has_no_later_visits(carbon: Path, tmp_path: Path) -> None:
    text = re.sub(r"2020-0\d-07", "", gzip.decompress(carbon.read_bytes()).decode())
    (tmp_path / "carbon.csv").write_text(text, encoding="utf-8")
    found = study_carbon(tmp_path / "carbon.csv", dealing=QUICK)
    assert (found.temporal, found.since) == ((), "")


def test_a_file_without_dates_is_refused(carbon: Path, tmp_path: Path) -> None:
    text = gzip.decompress(carbon.read_bytes()).decode().replace("batch_date", "somewhen")
    (tmp_path / "carbon.csv").write_text(text, encoding="utf-8")
    table = read_carbon_health(tmp_path / "carbon.csv")
    with pytest.raises(ChartError, match="no column batch_date"):
        batch_dates(tmp_path / "carbon.csv", table)


def test_visits_of_one_subject_are_in_one_fold() -> None:
    table = replace(_table(), subjects=tuple("aabbccddee" * 4))
    folds = deal_subjects(table.subjects, table.labels, Dealing(folds=2, repeats=3))
    for row in folds:
        for name in "abcde":
            assert len(set(row[np.array(table.subjects) == name])) == 1


def _table() -> FeatureTable:
    return FeatureTable(
        name="t",
        event="e",
        subjects=tuple(str(one) for one in range(40)),
        features=("x",),
        values=np.arange(40.0)[:, None],
        labels=(np.arange(40) % 2).astype(float),
        unit_note="",
        problems=(),
        sources=(),
    )
