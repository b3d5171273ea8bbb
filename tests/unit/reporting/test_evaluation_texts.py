"""Every phrase of the tables beyond rates is used, and every one used exists."""

import re
from pathlib import Path

from thoracle.reporting import evaluation_judging
from thoracle.reporting.evaluation_texts import JUDGING_TEXTS


def test_every_text_is_used() -> None:
    code = Path(str(evaluation_judging.__file__)).read_text("utf-8")
    assert {key for key in JUDGING_TEXTS if not re.search(f"[\"']{key}[\"']", code)} == set()
