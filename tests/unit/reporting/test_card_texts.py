"""Phrases of model cards: every one is used, and those written elsewhere are what is said there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import thoracle
from thoracle.core.languages import PORTUGUESE, language
from thoracle.ct.model import TASK as CT_TASK
from thoracle.datasets.film import Population
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import CALIBRATE, EXTERNAL, TEST, TRAIN, TUNE
from thoracle.evaluation.calibration import fit_temperature
from thoracle.evaluation.thresholds import choose_thresholds
from thoracle.jobs import card, evaluate_gate
from thoracle.jobs.calibrate import _keep_threshold
from thoracle.jobs.calibrations import SHIPPED
from thoracle.jobs.evaluation_scope import EvaluationScope
from thoracle.jobs.scoring import unreadable_note
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.radiograph.preprocess import INPUT_FORMS
from thoracle.reporting import figures_markdown
from thoracle.reporting.card_texts import CARD_TEXTS, FIGURE_TEXTS, KNOWN_TEXTS
from thoracle.reporting.card_view import card_in

PACKAGE = Path(str(thoracle.__file__)).parent
RECIPES = sorted((PACKAGE.parents[1] / "recipes").glob("*.toml"))
ENGLISH = re.compile(r"\b(the|of|and|with|is|are|on|in|than|films?|films|split|was|left|out)\b")


def told(said: str) -> str:
    return card_in(said, language(PORTUGUESE))


@pytest.mark.parametrize(
    ("texts", "user"),
    [(CARD_TEXTS, card), (FIGURE_TEXTS, figures_markdown)],
    ids=["card", "figures"],
)
def test_every_text_is_used_and_every_used_text_exists(texts: dict[str, str], user: Any) -> None:
    code = Path(str(user.__file__)).read_text("utf-8")
    assert {key for key in texts if not re.search(f"[\"']{key}[\"']", code)} == set()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_what_a_recipe_says_of_its_bundle_is_known(path: Path) -> None:
    recipe = tomllib.loads(path.read_text("utf-8"))
    task = recipe.get("task", CT_TASK)  # recipes for CT are of one task
    for said in (recipe["intended_use"], recipe["population"], task):
        assert told(said) != said
        assert not ENGLISH.search(told(said))


@pytest.mark.parametrize("task", INPUT_FORMS)
def test_the_form_of_every_input_is_known(task: str) -> None:
    shown = told(CARD_TEXTS["input_form"].format(size="224×224", form=INPUT_FORMS[task]))
    assert shown.startswith("224×224, tons de cinza: ")
    assert not ENGLISH.search(shown)
    assert "." not in shown


def notes() -> Iterator[str]:
    """Yield what a calibration can note, as it says it."""
    for count in (1, 3, 12):
        for names in (0, 10):
            unread = unreadable_note([f"f{one}.png" for one in range(count)], names=names)
            assert unread is not None
            yield unread.text
    for positives in (2, 30):
        reference = np.repeat([0, 1], [60, positives])
        chances = np.linspace(0.1, 0.9, len(reference))
        choices = choose_thresholds(
            np.stack([1 - chances, chances], axis=1),
            reference,
            labels=("No finding", "COVID-19"),
            target_sensitivity=0.9,
        )
        yield from (one.warning.text for one in choices if one.warning is not None)
    sorted_well = fit_temperature(np.eye(2)[[0, 1] * 10], np.array([0, 1] * 10)).warning
    assert sorted_well is not None
    yield sorted_well.text
    label = {"name": "COVID-19", "threshold": 0.3, "threshold_target": "90% sensitivity on x"}
    yield from _keep_threshold(label, {"temperature": 1.5, "labels": [1, 2]}, former=2.0, name="y")


def test_every_note_of_a_calibration_is_known_alone_and_after_another() -> None:
    every = list(notes())
    known = [text for key, text in KNOWN_TEXTS.items() if key.startswith(("note_", "unread"))]
    forms = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(one)) for one in known]
    assert [one for one in forms if not any(re.fullmatch(one, note) for note in every)] == []
    for note in every:
        assert told(note) != note
        assert not ENGLISH.search(told(note)), note
    assert told(" ".join(every)) == " ".join(told(note) for note in every)


def test_every_way_that_a_threshold_came_about_is_known() -> None:
    chosen: dict[str, Any] = {"name": "COVID-19", "threshold": 0.3}
    _keep_threshold(chosen, {"temperature": 1.5, "labels": []}, former=2.0, name=SHIPPED)
    carried = {**chosen, "threshold_target": f"90% sensitivity on calibration {SHIPPED}"}
    table = {"temperature": 1.5, "labels": [1, 2, 3]}
    assert told(f"0.300 ({carried['threshold_target']})") == (
        "0,300 (sensibilidade de 90% na calibração original)"
    )
    assert told(f"0.300 ({chosen['threshold_target']})") == (
        "0,300 (mantido: poucas radiografias de COVID-19 na calibração original)"
    )
    _keep_threshold(carried, table, former=2.0, name="north")
    assert told(f"0.300 ({carried['threshold_target']})") == (
        "0,300 (sensibilidade de 90% na calibração original, escolhido na temperatura anterior "
        "2,000 e transposto: poucas radiografias de COVID-19 na calibração north)"
    )


@pytest.mark.parametrize("part", [TRAIN, TUNE, CALIBRATE, TEST, EXTERNAL, None])
def test_every_scope_is_known(part: str | None) -> None:
    scope = EvaluationScope(
        name="Here",
        manifest=Manifest(films=(), root=Path()),
        splits=None if part is None else {},
        part=part or TEST,
        sources=("cohen",) if part == TEST else (),
        populations=tuple(Population)[:2] if part == TUNE else (),
    )
    shown = told(f"Scope: {evaluate_gate._scope_text(scope)}; 95 % Wilson intervals.")
    assert shown.endswith("; intervalos de Wilson de 95 %.")
    assert not re.search(r"split|sources|populations|all |the |adult\b|child\b", shown)


def test_every_kind_that_the_gate_tells_apart_is_known() -> None:
    kinds = {one for one in GATE_CLASSES if not one.startswith(("frontal", "turned"))}
    assert kinds == {"ct", "lateral_chest", "other_radiograph", "not_radiograph"}
    assert {kind for kind in kinds if told(kind) == kind} == set()
