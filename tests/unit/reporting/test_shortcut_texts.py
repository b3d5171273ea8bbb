"""What the laboratory says: every test has its words, and no phrase is left over."""

import re
from pathlib import Path

import pytest

import thoracle
from thoracle.datasets.disturbances import DISTURBANCES
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import FEWEST_FILMS, LIMITS, Outcome, verdict
from thoracle.jobs.audit.embedding import ATTRIBUTES
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS

PACKAGE = Path(str(thoracle.__file__)).parent
USERS = "\n".join(
    path.read_text("utf-8")
    for path in (
        *PACKAGE.glob("reporting/shortcut_*.py"),
        *PACKAGE.glob("jobs/audit/*.py"),
        *PACKAGE.glob("jobs/card.py"),
    )
    if path.name != "shortcut_texts.py"
)


@pytest.mark.parametrize("test", LIMITS)
def test_every_test_has_a_title_and_a_reason_for_either_end(test: str) -> None:
    for key in (f"test_{test}", f"{test}_passes", f"{test}_fails"):
        assert SHORTCUT_TEXTS[key]


def test_every_outcome_subject_and_family_has_a_name() -> None:
    for outcome in Outcome:
        assert SHORTCUT_TEXTS[str(outcome)] == str(outcome)
    for name in (*ATTRIBUTES, *(one.name for one in DISTURBANCES), "occlusion"):
        assert f"subject_{name}" in SHORTCUT_TEXTS


def test_too_few_films_are_told_in_the_words_that_are_translated() -> None:
    figure = Estimate(value=0.5, low=0.4, high=0.6, n=FEWEST_FILMS - 1, method="m")
    reason = verdict("change", "x", figure).reason
    assert reason is not None
    expected = SHORTCUT_TEXTS["few_films"].format(films=FEWEST_FILMS - 1, needed=FEWEST_FILMS)
    assert reason.text == expected


def test_no_text_is_left_over() -> None:
    made = {f"{test}_{outcome}" for test in LIMITS for outcome in Outcome}
    made |= {f"test_{test}" for test in LIMITS} | {str(one) for one in Outcome}
    subjects = {key for key in SHORTCUT_TEXTS if key.startswith("subject_")}
    unused = {
        key
        for key in set(SHORTCUT_TEXTS) - made - subjects - {"few_films"}
        if not re.search(rf"[\"']({key}|{key.removeprefix('column_')})[\"']", USERS)
    }
    assert unused == set()
    named = {key.removeprefix("subject_") for key in subjects}
    families = {one.name for one in DISTURBANCES}
    others = (
        named - families - {"occlusion", "anomaly", "gradcam", "gradcam++"}
    )  # named by explainers
    assert {one for one in others if f'"{one}' not in USERS} == set()
