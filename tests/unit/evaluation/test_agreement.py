"""Cohen's kappa: known answers, and what cannot be known."""

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.agreement import cohen_kappa

# 20 films both find, 15 neither, 5 and 10 only one of them: observed 0.7, by chance 0.5.
FIRST = ["yes"] * 25 + ["no"] * 25
SECOND = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15


def test_a_known_table_has_the_known_kappa() -> None:
    found = cohen_kappa(FIRST, SECOND)
    assert found.value == pytest.approx(0.4)
    assert found.n == 50
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.4 < found.high


def test_perfect_agreement_is_one_and_names_do_not_matter() -> None:
    assert cohen_kappa(["a", "b", "c"], ["a", "b", "c"]).value == pytest.approx(1.0)
    renamed = (
        [{"yes": 1, "no": 0}[one] for one in FIRST],
        [{"yes": 1, "no": 0}[one] for one in SECOND],
    )
    assert cohen_kappa(*renamed).value == pytest.approx(0.4)


def test_where_chance_explains_everything_there_is_no_kappa() -> None:
    found = cohen_kappa(["a", "a"], ["a", "a"])
    assert found.value is None
    assert found.reason is not None
    assert found.reason.code == "one-category"
    assert cohen_kappa([], []).value is None


def test_readers_of_other_films_cannot_be_compared() -> None:
    with pytest.raises(EvaluationError, match="found 1 and 2 judgements"):
        cohen_kappa(["a"], ["a", "b"])
