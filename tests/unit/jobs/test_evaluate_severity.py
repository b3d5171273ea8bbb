"""Predictions of unseen patients are judged beside the readers' own agreement."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.severity import BRIXIA_TABLE, EXTENT_TABLE, READERS, ZONES
from thoracle.jobs.evaluate_severity import (
    PREDICTIONS,
    agreement_tables,
    bland_altman_svg,
    read_run,
)

FILMS = 24
COLUMNS = ("path", "group", "method", *ZONES, "extent", "opacity", "days")


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """Films whose second reader says one more in zone A than the first."""
    folder = tmp_path / "cohen"
    folder.mkdir()
    rng = np.random.default_rng(0)
    lines = [",".join(["filename", *(f"{r}-{z}" for r in READERS for z in ZONES)])]
    extent = ["filename,geographic_mean,opacity_mean"]
    films = []
    for i in range(FILMS):
        first = rng.integers(0, 3, 6)
        second = first + np.array([1, 0, 0, 0, 0, 0])
        lines.append(f"f{i}.jpg," + ",".join(str(one) for one in (*first, *second)))
        extent.append(f"f{i}.jpg,{i % 9},{i % 7}")
        path = f"cohen/images/f{i}.jpg"
        films.append(Film(path=path, source="cohen", study_offset_days=float(i % 5) - 1))
    (folder / BRIXIA_TABLE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / EXTENT_TABLE).write_text("\n".join(extent) + "\n", encoding="utf-8")
    return Manifest(films=tuple(films), root=tmp_path)


@pytest.fixture
def run(tmp_path: Path, manifest: Manifest) -> Path:
    """A network that says what the first reader says, and a mean."""
    folder = tmp_path / "run"
    folder.mkdir()
    rows = [",".join(COLUMNS)]
    table = (tmp_path / "cohen" / BRIXIA_TABLE).read_text(encoding="utf-8").splitlines()[1:]
    for method in ("network", "mean"):
        for i, line in enumerate(table):
            said = line.split(",")[1:7] if method == "network" else ["1"] * 6
            sums = [str(i % 9), str(i % 7), "3"]
            rows.append(",".join([manifest.films[i].path, str(i // 2), method, *said, *sums]))
    (folder / PREDICTIONS).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_the_readers_differ_by_one_and_the_network_by_half_of_it(
    run: Path, manifest: Manifest
) -> None:
    content = agreement_tables(read_run(run, manifest)).content
    assert content["readers"]["mae"]["value"] == pytest.approx(1.0)  # type: ignore[index]
    network = content["network: Brixia"]
    assert network["mae"]["value"] == pytest.approx(0.5)  # type: ignore[index]
    assert network["mae"]["n"] == FILMS  # type: ignore[index]
    assert network["r"]["value"] == pytest.approx(1.0)  # type: ignore[index]
    assert content["network: extent"]["mae"]["value"] == 0  # type: ignore[index]
    assert content["mean: Brixia"]["mae"]["value"] > 1  # type: ignore[index]


def test_days_before_the_first_are_unknown(run: Path, manifest: Manifest) -> None:
    content = agreement_tables(read_run(run, manifest)).content
    known = sum(i % 5 >= 1 for i in range(FILMS))
    assert content["network: days"]["mae"]["n"] == known  # type: ignore[index]


def test_kappa_stands_zone_by_zone(run: Path, manifest: Manifest) -> None:
    made = agreement_tables(read_run(run, manifest))
    kappas = {zone: made.content[f"kappa {zone}"] for zone in ZONES}
    assert kappas["B"]["readers"] == pytest.approx(1)  # type: ignore[index]
    assert kappas["A"]["readers"] < 0.9  # type: ignore[index]
    assert kappas["A"]["network, first"] == pytest.approx(1)  # type: ignore[index]
    zones = made.tables[1]
    assert [row[0] for row in zones.rows] == list(ZONES)


def test_intervals_come_from_the_other_patients(run: Path, manifest: Manifest) -> None:
    made = agreement_tables(read_run(run, manifest))
    brixia = made.content["interval Brixia"]
    assert brixia["half_width"] == pytest.approx(0.5)  # type: ignore[index]
    assert brixia["bias"] == pytest.approx(-0.5)  # type: ignore[index]
    assert brixia["covered"] == 1.0  # type: ignore[index]
    assert made.tables[2].rows[1][-1] == "1.14"


def test_the_plot_shows_every_film_twice(run: Path, manifest: Manifest) -> None:
    plot = bland_altman_svg(read_run(run, manifest))
    assert "network less readers" in plot
    assert plot.startswith("<?xml")


def test_a_run_without_predictions_or_of_other_films_is_refused(
    run: Path, manifest: Manifest, tmp_path: Path
) -> None:
    with pytest.raises(EvaluationError, match="expected a finished run") as caught:
        read_run(tmp_path, manifest)
    assert caught.value.code == "run-unfinished"
    fewer = Manifest(films=manifest.films[1:], root=manifest.root)
    with pytest.raises(EvaluationError, match="predictions of 1 films"):
        read_run(run, fewer)
