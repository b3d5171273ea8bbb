"""Texts: one for each status and kind, all of them used, none left unfilled."""

import re
from pathlib import Path

import thoracle.reporting
from thoracle.core.results import GateKind, Status
from thoracle.reporting.analysis_texts import (
    KIND_TITLES,
    PAGE,
    STATUS_TITLES,
    finding_sentence,
    lung_share_sentence,
)

FOLDER = Path(str(thoracle.reporting.__file__)).parent


def test_every_status_and_kind_has_words() -> None:
    assert set(STATUS_TITLES) == set(Status)
    assert set(KIND_TITLES) == set(GateKind)


def test_every_text_is_used_and_every_used_text_exists() -> None:
    sources = [*FOLDER.glob("analysis_*.py"), *(FOLDER / "templates").glob("analysis*.html")]
    code = "\n".join(path.read_text("utf-8") for path in sources)
    used = set(re.findall(r'PAGE\["(\w+)"\]', code)) | set(re.findall(r"\bt\.(\w+)", code))
    assert used == set(PAGE)


def test_a_finding_says_probability_threshold_and_verdict() -> None:
    assert finding_sentence(
        label="COVID-19", percent="83.1", threshold_percent="31.0", is_positive=True
    ) == (
        "COVID-19: calibrated probability 83.1 %, at or above the threshold of 31.0 %, so it is "
        "called positive."
    )
    negative = finding_sentence(
        label="No finding", percent="5.2", threshold_percent="40.0", is_positive=False
    )
    assert "below the threshold of 40.0 %, so it is called negative" in negative


def test_a_lung_share_says_what_it_is_a_share_of() -> None:
    assert lung_share_sentence("74") == "74 % of this map lies inside the lungs."
