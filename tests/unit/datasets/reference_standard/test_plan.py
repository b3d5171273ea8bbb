"""The declared plan: what is shipped, what a file changes, and what it may not hold."""

import tomllib
from pathlib import Path

import pytest

from thoracle.datasets.reference_standard.icd10 import dotted
from thoracle.datasets.reference_standard.plan import (
    AdmissionChoice,
    FlankedBy,
    PlanError,
    default_plan,
    default_plan_text,
    meaning_by_word,
    plain_word,
    read_plan,
)


def _plan_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_plan_is_the_default_and_its_text_reads_back(tmp_path: Path) -> None:
    assert read_plan(None) == default_plan()
    assert read_plan(_plan_file(tmp_path, default_plan_text())) == default_plan()


def test_the_shipped_codes_hold_all_of_j12_to_j18_and_covid() -> None:
    codes = {one.code for one in default_plan().codes if one.pneumonia}
    assert {"J12", "J13", "J14", "J15", "J16", "J17", "J18", "U071", "U072"} <= codes


def test_every_shipped_code_has_its_title_and_clause() -> None:
    assert all(one.title and one.clause and one.labels for one in default_plan().codes)


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = _plan_file(
        tmp_path,
        '[rule]\nflanked_by = "adjacent"\n[cohort]\nadmissions = "all"\n'
        '[words.position]\nstanding = ["stehend"]\nlying = ["liegend"]\n',
    )
    plan = read_plan(path)
    assert plan.rule.flanked_by is FlankedBy.ADJACENT
    assert plan.cohort.admissions is AdmissionChoice.ALL
    assert plan.cohort.smallest_cell == default_plan().cohort.smallest_cell
    assert plan.words.position == {"standing": ("stehend",), "lying": ("liegend",)}
    assert plan.words.sex == default_plan().words.sex
    assert plan.digest != default_plan().digest


def test_codes_of_a_file_replace_the_shipped_ones(tmp_path: Path) -> None:
    path = _plan_file(
        tmp_path, '[[codes]]\ncode = "j18.9"\ntitle = "t"\nclause = "c"\nlabels = "viral"\n'
    )
    assert [one.code for one in read_plan(path).codes] == ["J189"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[rule]\nflanked = "any"\n', "rule.flanked"),
        ('[rule]\nflanked_by = "both"\n', "rule.flanked_by"),
        ("[cohort]\nsmallest_cell = 0\n", "cohort.smallest_cell"),
        ('[labels]\nnegative = "healthy"\n', "labels.negative"),
        ('[[codes]]\ncode = "pneumonia"\ntitle = ""\nclause = ""\nlabels = ""\n', "codes.0.code"),
        ('[words.position]\nsitting = ["sitting"]\n', "words.position"),
        ('[words.suspected]\nyes = ["y"]\nno = ["Y"]\n', "words.suspected"),
        ('[ethnicity]\norder = ["A"]\n', "words.ethnicity"),
        ("not toml", "cannot be read as TOML"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(PlanError, match=what.replace(".", r"\.")) as got:
        read_plan(_plan_file(tmp_path, text))
    assert got.value.code == "reference-plan"


def test_a_code_may_not_stand_there_twice(tmp_path: Path) -> None:
    one = '[[codes]]\ncode = "J13"\ntitle = "t"\nclause = "c"\nlabels = "viral"\n'
    with pytest.raises(PlanError, match="J13 in codes"):
        read_plan(_plan_file(tmp_path, one + one))


def test_a_missing_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"found none\.toml that cannot be read"):
        read_plan(tmp_path / "none.toml")


def test_words_are_turned_around() -> None:
    assert meaning_by_word({"yes": ["Y", " TRUE  "], "no": ["n"]}) == {
        "y": "yes",
        "true": "yes",
        "n": "no",
    }
    assert plain_word(" Sars_CoV  2 ") == "sars cov 2"


def test_the_shipped_text_is_plain_toml() -> None:
    assert "codes" in tomllib.loads(default_plan_text())


def test_the_documentation_has_every_shipped_code_with_title_labels_and_clause() -> None:
    page = Path(__file__).parents[4] / "docs" / "reference" / "reference-standard.md"
    rows = page.read_text(encoding="utf-8").splitlines()
    for one in default_plan().codes:
        labels = one.labels.replace("|", ", ")
        assert f"| {dotted(one.code)} | {one.title} | {labels} | {one.clause} |" in rows
