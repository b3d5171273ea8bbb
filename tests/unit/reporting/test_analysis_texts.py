"""Texts: one for each status and kind, all of them used, none left unfilled."""

import re
from pathlib import Path

import thoracle.reporting
from thoracle.core.results import GateKind, Status
from thoracle.reporting.analysis_texts import (
    KIND_TITLES,
    PAGE,
    STATUS_TITLES,
)

FOLDER = Path(str(thoracle.reporting.__file__)).parent


def test_every_status_and_kind_has_words() -> None:
    assert set(STATUS_TITLES) == set(Status)
    assert set(KIND_TITLES) == set(GateKind)


def test_every_text_is_used_and_every_used_text_exists() -> None:
    # Their tables have tests of their own.
    others = {"severity_view.py", "ct_view.py", "ct_follow_up_view.py", "chart_view.py"}
    views = [path for path in FOLDER.glob("*_view.py") if path.name not in others]
    modules = [*views, *FOLDER.glob("analysis_*.py"), FOLDER / "odds.py", FOLDER / "map_names.py"]
    sources = [*modules, *(FOLDER / "templates").glob("analysis*.html")]
    code = "\n".join(path.read_text("utf-8") for path in sources)
    used = set(re.findall(r'\b(?:PAGE|t)\["(\w+)"\]', code)) | set(re.findall(r"\bt\.(\w+)", code))
    assert used == set(PAGE)
