"""What is known of the bundle in use: of this very network and this calibration, or nothing."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from thoracle.inference.bundle import METRICS, find_bundle, open_bundle
from thoracle.jobs.measured import measured


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(find_bundle("radiograph"), tmp_path / "radiograph"))


def test_the_shipped_bundle_was_measured_on_held_out_films() -> None:
    known = measured(open_bundle("radiograph"))
    assert known.calibration == "shipped"
    assert not known.is_of_site
    assert known.calibration_films > 100
    assert set(known.counts) == {"No finding", "Other lung opacity", "COVID-19"}
    assert {one.films for one in known.counts.values()} == {known.films}


def test_figures_of_another_network_or_calibration_do_not_count(folder: Path) -> None:
    bundle = replace(open_bundle(str(folder)), folder=folder)
    path = folder / METRICS
    table = json.loads(path.read_text("utf-8"))
    for one in table["evaluations"].values():
        one["calibration"] = "another"
    path.write_text(json.dumps(table), "utf-8")
    known = measured(bundle)
    assert known.counts == {}
    assert known.films == 0
    path.unlink()
    assert measured(bundle).counts == {}
