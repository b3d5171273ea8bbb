"""A bundle is calibrated on labeled films, and a site's calibration is added to the shipped one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.calibration import softmax
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.landscape import LANDSCAPE, load_landscape
from thoracle.inference.reference import REFERENCE, load_reference
from thoracle.jobs.calibrate import (
    calibrate_new,
    calibrate_site,
    calibration_json,
    carried_threshold,
    fit_calibration,
)
from thoracle.jobs.card import attach
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.scoring import ScoredFilms, score_films
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier


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
    assert len(load_landscape(folder / LANDSCAPE).points) == 30
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


def test_a_calibration_that_the_bundle_keeps_is_not_replaced(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    calibrate_site("radiograph", collection, out=tmp_path / "one", site="north")
    with pytest.raises(EvaluationError, match=r"found a calibration 'north' .* all are kept"):
        calibrate_site(str(tmp_path / "one"), collection, out=tmp_path / "two", site="north")
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("site", ["a/b", "", ".hidden", "north wing"])
def test_a_name_that_no_folder_can_bear_is_refused(
    collection: Manifest, tmp_path: Path, site: str
) -> None:
    with pytest.raises(EvaluationError, match="expected letters, digits"):
        calibrate_site("radiograph", collection, out=tmp_path / "one", site=site)
    assert not (tmp_path / "one").exists()


def test_nine_of_ten_films_of_a_finding_lie_above_its_threshold(collection: Manifest) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1, (60, 3))
    logits[np.arange(60), np.arange(60) % 3] += 1.5
    found = fit_calibration(scored(collection, logits))
    powers = np.exp(logits.astype(np.float32) / found.temperature)
    chance = powers / powers.sum(axis=1, keepdims=True)
    for index, choice in enumerate(found.thresholds):
        assert choice.threshold is not None
        own = chance[index::3, index]
        assert (own >= choice.threshold).sum() == 18  # of 20
    assert len(found.notes) == 3  # twenty films a finding are few


def test_the_scale_of_a_map_is_what_one_film_in_a_hundred_passes(
    bundles: Path, collection: Manifest
) -> None:
    films = collection.films[30:]
    lungs, classifier = LungFinder(open_bundle("lungs")), Classifier(open_bundle("radiograph"))
    peaks = score_films(
        collection, films, lungs=lungs, classifier=classifier, with_maps=True
    ).map_peaks
    folder = bundles / "radiograph"
    calibrate_new(folder, collection, train=collection.films[:30], calibrate=films)
    scale = open_bundle(str(folder)).map_scale
    assert set(scale) == set(peaks)
    for name, values in peaks.items():
        assert scale[name] == pytest.approx(np.percentile(values, 99), rel=1e-6)


def test_a_finding_with_too_few_films_keeps_its_threshold(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    few = [film for film in collection.films if film.label == "covid-19"][:4]
    others = [film for film in collection.films if film.label != "covid-19"]
    manifest = replace(collection, films=(*others, *few))
    before = {one.name: one.threshold for one in open_bundle("radiograph").labels}
    found = calibrate_site("radiograph", manifest, out=tmp_path / "out", site="north")
    labels = {one.name: one for one in open_bundle(str(tmp_path / "out")).labels}
    assert found.thresholds[2].threshold is None
    kept = labels["COVID-19"]
    assert before["COVID-19"] is not None
    assert kept.threshold == carried_threshold(
        before["COVID-19"], former=2.0, temperature=found.temperature, labels=3
    )
    assert kept.threshold_target == (
        "90 %, chosen at the former temperature 2.000 and carried over: too few COVID-19 films in "
        "calibration north"
    )
    assert any("COVID-19: the threshold 0.300 was chosen at" in note for note in found.notes)
    entry = read_description(tmp_path / "out")["calibrations"][-1]
    assert entry["notes"] == list(found.notes)
    assert entry["thresholds"]["COVID-19"] == kept.threshold
    assert "90% sensitivity" in labels["No finding"].threshold_target
    assert any("COVID-19: 4 positives" in note for note in found.notes)


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


def test_a_threshold_that_was_never_chosen_is_kept_as_it_is(
    bundles: Path, collection: Manifest
) -> None:
    folder = bundles / "radiograph"
    table = read_description(folder)
    table["labels"][2] = {"name": "COVID-19", "threshold": 0.5}
    write_description(folder, table)
    others = [film for film in collection.films if film.label != "covid-19"]
    calibrate_new(folder, collection, train=collection.films[:30], calibrate=others)
    label = open_bundle(str(folder)).labels[2]
    assert label.threshold == 0.5
    assert label.threshold_target == "kept: too few COVID-19 films in calibration shipped"


@pytest.mark.parametrize(("former", "temperature"), [(2.0, 0.7), (0.7, 2.0), (1.3, 1.3)])
def test_with_two_labels_a_carried_threshold_finds_the_same_films(
    former: float, temperature: float
) -> None:
    logits = np.random.default_rng(0).normal(0, 2, (4000, 2))
    carried = carried_threshold(0.3, former=former, temperature=temperature, labels=2)
    before = softmax(logits, temperature=former)[:, 0] >= 0.3
    after = softmax(logits, temperature=temperature)[:, 0] >= carried
    assert np.array_equal(before, after)
    if former == temperature:
        assert carried == pytest.approx(0.3)


@pytest.mark.parametrize(("former", "temperature"), [(2.0, 0.7), (0.7, 2.0), (1.1, 1.0)])
@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.8])
def test_with_three_labels_no_film_is_lost_and_no_higher_threshold_loses_none(
    former: float, temperature: float, threshold: float
) -> None:
    logits = np.random.default_rng(0).normal(0, 3, (200_000, 3))
    logits[:, 2] = np.where(np.arange(200_000) % 3 == 0, logits[:, 1], logits[:, 2])
    logits[:, 2] = np.where(np.arange(200_000) % 3 == 1, -60.0, logits[:, 2])
    carried = carried_threshold(threshold, former=former, temperature=temperature, labels=3)
    before = softmax(logits, temperature=former)[:, 0] >= threshold
    after = softmax(logits, temperature=temperature)[:, 0]
    assert (after[before] >= carried).all()
    assert after[before].min() == pytest.approx(carried, rel=0.02)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_a_threshold_at_an_end_stays_there(end: float) -> None:
    assert carried_threshold(end, former=2.0, temperature=1.0, labels=3) == end


def test_the_card_of_a_site_has_its_numbers_and_marks_the_shipped_figures(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    calibrate_new(
        bundles / "radiograph",
        collection,
        train=collection.films[:30],
        calibrate=collection.films[30:],
    )
    attach("radiograph", [Report(name="Test films", json=b"{}", markdown="| 1 |")])
    found = calibrate_site("radiograph", collection, out=tmp_path / "site", site="north")
    card = (tmp_path / "site" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert card.startswith("# radiograph-north 1.2.3")
    assert f"| Temperature | {found.temperature:.3f} |" in card
    assert "Measured with calibration shipped, not with north, which is in force" in card
    assert open_bundle(str(tmp_path / "site")).name == "radiograph-north"
    shipped = (bundles / "radiograph" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Measured with" not in shipped


def test_films_that_cannot_be_read_are_named_in_the_notes(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    (collection.root / "f00.png").write_bytes(b"broken")
    found = calibrate_site("radiograph", collection, out=tmp_path / "out", site="north")
    assert found.notes[0] == "1 film could not be read and is left out: f00.png."
    assert read_description(tmp_path / "out")["calibrations"][-1]["notes"][0] == found.notes[0]
