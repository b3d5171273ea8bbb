"""Sentences on told risks are used, and say which setting they are of."""

from pathlib import Path

from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION

JOBS = Path(__file__).parents[3] / "src" / "thoracle"


def test_every_sentence_is_used() -> None:
    names = ("evaluate_cohort*.py", "prognosis_[fs]*.py", "prognosis_evaluate.py")
    code = "".join(
        path.read_text("utf-8")
        for folder in ("jobs", "cli")
        for name in names
        for path in (JOBS / folder).glob(name)
    )
    assert [key for key in PROGNOSIS_EVALUATION if f'"{key}"' not in code] == []


def test_a_caption_of_a_setting_names_it() -> None:
    captions = ("by_clinician", "by_outcome", "precision", "calibration", "over_rule")
    for key in captions:
        assert PROGNOSIS_EVALUATION[key].format(setting="S").startswith("S: ")
