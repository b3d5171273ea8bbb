"""A bundle is calibrated on labeled films, and a site's calibration is added to the shipped one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description
from thoracle.inference.reference import REFERENCE, load_reference
from thoracle.jobs.calibrate import (
    calibrate_new,
    calibrate_site,
    calibration_json,
    fit_calibration,
)
from thoracle.jobs.scoring import ScoredFilms


def scored(manifest: Manifest, logits: np.ndarray) -> ScoredFilms:
    films = manifest.films[: len(logits)]
    return ScoredFilms(
        films=films,
        logits=logits.astype(np.float32),
        embeddings=np.zeros((len(films), 2), np.float32),
        map_peaks={},
    )


def test_logits_that_are_twice_too_sure_get_temperature_two(collection: Manifest) -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1, (3000, 3))
    chance = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    truth = [
        rng.choice(3, p=row) for row in chance
    ]  # the first three films are of findings 0, 1, 2
    manifest = replace(collection, films=tuple(collection.films[one] for one in truth))
    found = fit_calibration(scored(manifest, 2 * honest))
    assert found.temperature == pytest.approx(2.0, rel=0.12)
    assert found.nll_after < found.nll_before


def test_films_of_one_finding_cannot_calibrate(collection: Manifest) -> None:
    one = replace(collection, films=collection.films[:1] * 5)
    with pytest.raises(EvaluationError, match=r"1 findings \(No finding\) – expected at least two"):
        fit_calibration(scored(one, np.zeros((5, 3))))


def test_a_new_bundle_gets_scale_distances_and_thresholds(
    bundles: Path, collection: Manifest
) -> None:
    folder = bundles / "radiograph"
    found = calibrate_new(
        folder, collection, train=collection.films[:30], calibrate=collection.films[30:]
    )
    bundle = open_bundle(str(folder))
    assert bundle.temperature == found.temperature
    assert set(bundle.map_scale) == set(read_description(folder)["map_scale"])
    assert all(value > 0 for value in bundle.map_scale.values())
    reference = load_reference(folder / REFERENCE)
    assert reference.distances.shape == (101,)
    entry = read_description(folder)["calibrations"][0]
    assert entry["name"] == "shipped"
    assert entry["films"] == 30
    assert entry["manifest_digest"] == collection.digest


def test_a_sites_calibration_joins_the_shipped_one_in_a_copy(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    before = (bundles / "radiograph" / "bundle.toml").read_bytes()
    calibrate_site("radiograph", collection, out=tmp_path / "one", site="north")
    calibrate_site(str(tmp_path / "one"), collection, out=tmp_path / "two", site="south")
    assert (bundles / "radiograph" / "bundle.toml").read_bytes() == before
    names = [one["name"] for one in read_description(tmp_path / "two")["calibrations"]]
    assert names == ["north", "south"]
    assert not list(tmp_path.glob(".*.partial"))


def test_a_folder_that_exists_is_not_overwritten(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(EvaluationError, match="expected a new folder"):
        calibrate_site("radiograph", collection, out=tmp_path / "out", site="north")


def test_a_calibration_is_plain_numbers_and_names(collection: Manifest) -> None:
    logits = np.eye(3)[np.arange(60) % 3]
    content = calibration_json(fit_calibration(scored(collection, logits)))
    assert content["films"] == 60
    assert len(content["thresholds"]) == 3  # type: ignore[arg-type]  # a tuple of choices
