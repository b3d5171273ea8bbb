"""The bundles in the package open, equal what was exported, and do their work on real films."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.results import GateKind, Status
from thoracle.ct.model import CtSegmenter
from thoracle.ct.quantify import measure
from thoracle.datasets.breathing.sensor import Lost, Sensor
from thoracle.datasets.ct_cases import read_hu_scan
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.imaging.decode import decode
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.resample import resize, turn_clockwise
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.analyze import Analyzer
from thoracle.jobs.bundles import verify_bundle
from thoracle.jobs.judge_patterns import Condition, simulated
from thoracle.jobs.prognosis_asked import only_markers
from thoracle.prognosis.landmarks import before_outcome
from thoracle.prognosis.model import RiskModel
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.respiration.model import PatternClassifier

NAMES = ("anomaly", "breathing", "ct", "gate", "lungs", "prognosis", "radiograph", "severity")


def films(folder: Path, *, count: int) -> list[Radiograph]:
    """Return the first films of a folder by name."""
    files = sorted(one for one in folder.iterdir() if one.suffix == ".jpg")[:count]
    return [decode(one.read_bytes(), limits=DecodeLimits.from_settings()) for one in files]


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(open_bundle("gate"))


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Analyzer]:
    with Analyzer() as opened:
        yield opened


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_bundle_answers_as_it_did_when_exported(name: str) -> None:
    assert verify_bundle(name).problem is None


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_bundle_has_a_model_card_with_figures(name: str) -> None:
    card = (open_bundle(name).folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "## What it cannot do" in card
    assert "n |" in card


def test_the_gate_accepts_frontal_films_and_names_upside_down_ones(
    gate: Gate, data_folder: Path
) -> None:
    chosen = films(data_folder / "cxr" / "nih" / "images", count=20)
    accepted = [gate.examine(film).decision.accepted for film in chosen]
    assert sum(accepted) >= 19
    for film in chosen[:5]:
        turned = Radiograph(
            pixels=turn_clockwise(film.pixels, degrees=180), sha256="", format="JPEG", bits=8
        )
        decision = gate.examine(turned).decision
        assert decision.kind is GateKind.ROTATED_CHEST
        assert decision.rotation_degrees == 180


@pytest.mark.parametrize("folder", ["knee", "natural", "figures", "pathology"])
def test_the_gate_refuses_what_is_no_chest_film(gate: Gate, data_folder: Path, folder: str) -> None:
    chosen = films(data_folder / "gate" / folder, count=20)
    assert not any(gate.examine(film).decision.accepted for film in chosen)


def test_lungs_are_found_where_people_drew_them(data_folder: Path) -> None:
    finder = LungFinder(open_bundle("lungs"))
    folder = data_folder / "cxr" / "kermany"
    scores = []
    for mask_file in sorted((folder / "lung_masks").iterdir())[:20]:
        image = next(folder.rglob(f"{mask_file.stem}.jpg"))
        limits = DecodeLimits.from_settings()
        pixels = decode(image.read_bytes(), limits=limits).pixels
        mask = decode(mask_file.read_bytes(), limits=limits).pixels > 0.5
        found = finder.find(pixels).astype(np.float32)
        on_film = resize(found, rows=mask.shape[0], columns=mask.shape[1]) > 0.5
        scores.append(2 * (on_film & mask).sum() / (on_film.sum() + mask.sum()))
    assert np.mean(scores) > 0.93


def test_a_real_film_is_analyzed_with_maps_and_repeats_itself(
    analyzer: Analyzer, data_folder: Path
) -> None:
    file = min((data_folder / "cxr" / "nih" / "images").iterdir())
    one, two = (analyzer.analyze_path(file).result for _ in range(2))
    assert one.status is Status.ANALYZED
    assert sum(finding.probability for finding in one.findings) == pytest.approx(1.0)
    assert {found.label for found in one.maps} == {
        "No finding",
        "Other lung opacity",
        "COVID-19",
    }
    assert [f.logit for f in one.findings] == [f.logit for f in two.findings]


@pytest.mark.parametrize(
    ("condition", "least"),
    [
        (Condition(name="as published"), 0.99),
        (Condition(name="noise-free", snr_db=None), 0.99),
        (Condition(name="10 dB", snr_db=10.0), 0.95),
        (Condition(name="5 Hz", rate_hz=5.0), 0.95),
        (Condition(name="25 Hz", rate_hz=25.0), 0.95),
        (Condition(name="lost", sensor=Sensor(lost_share=(0.05, 0.05), lost=Lost.NAN)), 0.95),
        (Condition(name="drift", sensor=Sensor(drift=(0.0, 1.0))), 0.95),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_breathing_patterns_are_told_in_windows_that_nothing_was_learned_from(
    condition: Condition, least: float
) -> None:
    signal, kinds = simulated(condition, 700, rng=np.random.default_rng(9_091))
    found = PatternClassifier(open_bundle("breathing")).classify(signal, rate_hz=condition.rate_hz)
    assert (found.classes == kinds).mean() >= least


def test_death_is_told_apart_in_patients_of_whom_only_three_markers_are_known() -> None:
    charts = only_markers(simulate_cohort(400, rng=np.random.default_rng(77)).charts)
    landmarks = [one for one in before_outcome(charts, days=3) if not np.isnan(one.labels[3])]
    told = RiskModel(open_bundle("prognosis")).predict(charts, landmarks)
    died = np.array([one.labels[3] == 1 for one in landmarks])
    assert (told.risks[died, 3][:, None] > told.risks[~died, 3]).mean() >= 0.7
    assert (np.diff(told.risks, axis=1) >= 0).all()
    assert ((told.low <= told.risks) & (told.risks <= told.high)).all()


def test_lungs_are_found_on_ct_and_a_normal_scan_stays_clean(data_folder: Path) -> None:
    segmenter = CtSegmenter(open_bundle("ct"))
    scan = read_hu_scan(data_folder / "ct" / "covid_ct_md" / "normal001.nii.gz")
    found = measure(scan, segmenter.segment(scan))
    lungs, infection = found.region("both").lung_ml, found.region("both").percentage_of_infection
    assert lungs.value is not None
    assert 2500 < lungs.value < 5000
    assert infection.value is not None
    assert infection.value < 0.5
    assert not found.warnings
