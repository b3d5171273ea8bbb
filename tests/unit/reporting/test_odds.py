"""How often a conclusion is right, from known counts."""

import pytest

from thoracle.core.languages import language
from thoracle.core.results import FileResult, Finding, Reason, Status
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.evaluation.estimate import unknown
from thoracle.evaluation.intervals import NO_CASES
from thoracle.reporting.odds import odds_sentence, share_with_interval

COUNTS = {"COVID-19": BinaryCounts(tp=90, fp=40, fn=10, tn=160)}  # right in a third at 10 %


def _result(probability: float = 0.8, *warnings: Reason) -> FileResult:
    finding = Finding(
        label="COVID-19", logit=0, probability=probability, threshold=0.5,
        is_positive=probability >= 0.5,
    )  # fmt: skip
    return FileResult(
        file="a", sha256="0" * 64, status=Status.ANALYZED, findings=(finding,), warnings=warnings
    )


def test_bayes_rule_is_said_in_words() -> None:
    assert odds_sentence(_result(), COUNTS, language("en")) == (
        "Where 10 in 100 patients have it, the answer COVID-19 is right in 33 % (27–40) of the "
        "films that get it."
    )
    said = odds_sentence(_result(), COUNTS, language("pt"))
    assert said is not None
    assert "33 % (27–40)" in said
    assert "Where" not in said


@pytest.mark.parametrize(
    ("result", "counts"),
    [
        (_result(), {}),
        (_result(), {"No finding": COUNTS["COVID-19"]}),
        (_result(0.2), COUNTS),
        (_result(0.8, Reason(code="no-lungs", text="No lungs.")), COUNTS),
    ],
)
def test_nothing_is_said_where_nothing_is_concluded_or_measured(
    result: FileResult, counts: dict[str, BinaryCounts]
) -> None:
    assert odds_sentence(result, counts, language("en")) is None


def test_an_unknown_share_is_a_dash() -> None:
    assert share_with_interval(unknown(NO_CASES, n=0, method="none")) == "–"
