"""A verdict in words: figures, limits, subjects and reasons."""

from typing import Any

import pytest

from thoracle.reporting.shortcut_words import (
    SECTIONS,
    figure_text,
    limit_text,
    subject_title,
    why,
)
from thoracle.reporting.shortcut_words import (
    test_title as title_of,
)

VERDICT: dict[str, Any] = {
    "test": "change", "subject": "tone:nih", "outcome": "passes", "value": -0.004, "low": -0.031,
    "high": 0.02, "n": 180, "limit": -0.05, "is_ceiling": False, "reason": None,
}  # fmt: skip


def test_figures_have_a_true_minus_and_no_negative_zero() -> None:
    assert figure_text(VERDICT) == "0.00 (−0.03 – 0.02), n 180"
    assert figure_text(VERDICT | {"low": None}) == "0.00"
    assert figure_text(VERDICT | {"value": None}) == "–"


def test_limits_are_floors_or_ceilings() -> None:
    assert limit_text(VERDICT) == "at least −0.05"
    assert limit_text(VERDICT | {"limit": 0.5, "is_ceiling": True}) == "at most 0.50"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("tone:nih", "grey tones of nih"),
        ("lungs_blackened", "lungs blackened"),
        ("age_band", "age"),
        ("cohen", "cohen"),
        ("features.norm5/gradcam++", "Grad-CAM++ at features.norm5"),
        ("early/gradcam", "Grad-CAM at early"),
        ("anomaly", "anomaly map"),
    ],
)
def test_subjects_have_names_and_what_is_a_name_stays(subject: str, said: str) -> None:
    assert subject_title(subject) == said


def test_the_reason_is_the_test_s_own_or_what_is_lacking() -> None:
    assert title_of("change") == "Change of AUROC"
    assert why(VERDICT) == "The findings are told as well as before."
    assert why(VERDICT | {"outcome": "fails"}) == "The findings are told worse."
    untold = VERDICT | {"outcome": "cannot tell"}
    assert why(untold) == "The limit lies inside the interval: more films are needed."
    few = {"code": "audit-few-films", "text": "9 films; 10 or more are needed."}
    assert why(untold | {"reason": few}) == few["text"]


def test_every_section_has_a_heading_and_a_question() -> None:
    assert all(question.endswith((".", "?")) and heading for heading, question in SECTIONS.values())
