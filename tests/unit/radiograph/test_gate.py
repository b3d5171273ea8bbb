"""The gate around a network that tells kinds apart by their bright quadrants."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.results import GateKind
from thoracle.imaging.resample import turn_clockwise
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.reference import REFERENCE, EmbeddingReference, save_reference
from thoracle.radiograph.gate import GATE_CLASSES, Gate, film_warnings, likeliest_kind
from thoracle.radiograph.preprocess import gate_input

Draw = Callable[..., FloatArray]
AsFilm = Callable[..., Radiograph]


@pytest.fixture(scope="module")
def gate(shared_bundles: Path) -> Gate:
    return Gate(open_bundle(str(shared_bundles / "gate")))


def with_numbers(folder: Path, **numbers: float) -> Gate:
    """Open a gate with other limits, and with a reference around the embedding of 0."""
    reference = EmbeddingReference(
        mean=np.zeros(5, np.float32),
        whitening=np.eye(5, dtype=np.float32),
        distances=np.linspace(0, 1, 101, dtype=np.float32),
    )
    save_reference(reference, folder / REFERENCE)
    write_description(folder, read_description(folder) | {"numbers": numbers})
    return Gate(open_bundle(str(folder)))


def test_the_score_is_the_networks_own(gate: Gate, draw: Draw, tiny: SimpleNamespace) -> None:
    pixels = draw("ct")
    seen = 2 * gate_input(pixels, size=32) - 1
    expected = tiny.answers["gate"](seen[None, None])
    logits, embedding = gate.score(pixels)
    np.testing.assert_allclose(logits, expected["logits"][0], atol=1e-4)
    np.testing.assert_allclose(embedding, expected["embedding"][0], atol=1e-5)


def test_an_upright_frontal_film_is_accepted(gate: Gate, draw: Draw, as_film: AsFilm) -> None:
    examination = gate.examine(as_film(draw()))
    assert examination.decision.accepted
    assert examination.decision.kind is GateKind.FRONTAL_CHEST
    assert examination.decision.probability > 0.999
    assert examination.decision.rotation_degrees == 0
    assert examination.decision.reasons == ()
    assert examination.warnings == ()
    assert not examination.is_inverted


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_film_is_refused_with_its_angle(
    gate: Gate, draw: Draw, as_film: AsFilm, degrees: int
) -> None:
    decision = gate.examine(as_film(turn_clockwise(draw(), degrees=degrees))).decision
    assert not decision.accepted
    assert decision.kind is GateKind.ROTATED_CHEST
    assert decision.rotation_degrees == degrees
    (reason,) = decision.reasons
    assert reason.code == "gate-rotated-chest"
    assert f"turned by {degrees}° clockwise. Turn it back" in reason.text


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("lateral_chest", "gate-lateral-chest", "lateral chest radiograph"),
        ("ct", "gate-ct", "CT or another sectional scan"),
        ("other_radiograph", "gate-other-radiograph", "another body part"),
        ("not_radiograph", "gate-not-radiograph", "not look like a radiograph"),
    ],
)
def test_each_other_kind_is_refused_by_its_own_code(
    gate: Gate, draw: Draw, as_film: AsFilm, kind: str, code: str, words: str
) -> None:
    decision = gate.examine(as_film(draw(kind))).decision
    assert not decision.accepted
    assert decision.kind == kind
    assert decision.probability > 0.9
    assert decision.rotation_degrees == 0
    assert [one.code for one in decision.reasons] == [code]
    assert words in decision.reasons[0].text


def test_a_frontal_film_below_the_acceptance_is_unsure(
    bundles: Path, draw: Draw, as_film: AsFilm
) -> None:
    gate = with_numbers(bundles / "gate", accept_probability=1.0)
    decision = gate.examine(as_film(draw())).decision
    assert not decision.accepted
    assert decision.kind is GateKind.FRONTAL_CHEST
    (reason,) = decision.reasons
    assert reason.code == "gate-unsure"
    assert "at least 1.00 is needed" in reason.text


def test_a_frontal_film_far_from_all_others_is_unlike_them(
    bundles: Path, draw: Draw, as_film: AsFilm
) -> None:
    film = as_film(draw())  # four quadrants of ±1: a distance of 2 from the middle
    gate = with_numbers(bundles / "gate", accept_probability=0.9, distance_limit=1.8)
    (reason,) = gate.examine(film).decision.reasons
    assert reason.code == "gate-unlike"
    near = with_numbers(bundles / "gate", accept_probability=0.9, distance_limit=2.2)
    assert near.examine(film).decision.accepted


@pytest.mark.parametrize(("rows", "columns"), [(126, 300), (300, 126)])
def test_a_picture_under_128_px_is_refused_whatever_it_shows(
    gate: Gate, draw: Draw, as_film: AsFilm, rows: int, columns: int
) -> None:
    decision = gate.examine(as_film(draw(rows=rows, columns=columns))).decision
    assert not decision.accepted
    assert decision.kind is GateKind.FRONTAL_CHEST
    (reason,) = decision.reasons
    assert reason.code == "gate-too-small"
    assert f"{columns}×{rows} px; at least 128" in reason.text


def test_a_film_of_128_px_is_taken_with_a_warning(gate: Gate, draw: Draw, as_film: AsFilm) -> None:
    examination = gate.examine(as_film(draw(rows=128, columns=128)))
    assert examination.decision.accepted
    assert [one.code for one in examination.warnings] == ["low-resolution"]


def test_inverted_grey_is_seen_on_chest_films_only(gate: Gate, draw: Draw, as_film: AsFilm) -> None:
    examination = gate.examine(as_film(draw(is_inverted=True)))
    assert examination.is_inverted
    assert examination.decision.accepted  # as bone bright; as it is, it looks upside down
    assert [one.code for one in examination.warnings] == ["inverted-grey"]
    assert not gate.examine(as_film(draw("ct", is_inverted=True))).is_inverted


def warnings_of(pixels: FloatArray, as_film: AsFilm, **facts: Any) -> list[str]:
    return [one.code for one in film_warnings(as_film(pixels, **facts), is_inverted=False)]


def test_a_good_film_has_no_warning(draw: Draw, as_film: AsFilm) -> None:
    assert warnings_of(draw(rows=224, columns=224), as_film) == []


def test_a_very_dark_film_is_warned_of(as_film: AsFilm) -> None:
    film = np.full((300, 300), 0.11, np.float32)
    assert warnings_of(film, as_film) == ["too-dark"]
    assert warnings_of(film + np.float32(0.02), as_film) == []


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_a_film_clipped_at_either_end_is_warned_of(as_film: AsFilm, end: float) -> None:
    film = np.full((300, 300), 0.5, np.float32)
    film[:104] = end  # 34.7 %
    assert warnings_of(film, as_film) == []
    film[104:107] = end
    assert warnings_of(film, as_film) == ["clipped"]


@pytest.mark.parametrize(
    ("is_color", "share", "codes"),
    [(True, 0.06, ["color-photograph"]), (True, 0.05, []), (False, 0.06, [])],
)
def test_a_photograph_in_color_is_warned_of(
    draw: Draw, as_film: AsFilm, is_color: bool, share: float, codes: list[str]
) -> None:
    assert warnings_of(draw(), as_film, is_color=is_color, color_share=share) == codes


def test_turns_are_counted_together_and_the_likeliest_angle_is_named() -> None:
    chances = np.array([0.4, 0.1, 0.15, 0.2, 0.15, 0, 0, 0])
    kind, probability, degrees = likeliest_kind(chances)
    assert (kind, degrees) == (GateKind.ROTATED_CHEST, 270)
    assert probability == pytest.approx(0.45)


def test_every_class_but_the_turns_is_a_kind() -> None:
    kinds = {name for name in GATE_CLASSES if not name.startswith("turned_")} | {"rotated_chest"}
    assert kinds == {str(one) for one in GateKind}


def test_a_gate_without_its_acceptance_is_refused(bundles: Path) -> None:
    with pytest.raises(BundleError, match="no number 'accept_probability'"):
        with_numbers(bundles / "gate")


def test_a_bundle_of_another_task_is_refused(shared_bundles: Path) -> None:
    with pytest.raises(BundleError, match="expected task 'gate'"):
        Gate(open_bundle(str(shared_bundles / "lungs")))


def test_a_synthetic_film_is_warned_of(draw: Draw, as_film: AsFilm) -> None:
    assert warnings_of(draw(), as_film, is_synthetic=True) == ["synthetic"]
