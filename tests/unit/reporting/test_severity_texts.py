"""Every sentence about severity is used, and the shipped card says nothing but those."""

import re
from pathlib import Path

import thoracle
from thoracle.core.results import Score, Severity
from thoracle.inference.bundle import open_bundle
from thoracle.reporting.severity_texts import SEVERITY, SEVERITY_REPORT

PACKAGE = Path(str(thoracle.__file__)).parent


def test_every_text_of_the_page_is_used() -> None:
    folder = PACKAGE / "reporting"
    code = (folder / "severity_view.py").read_text("utf-8")
    code += (PACKAGE / "web" / "pages" / "patients.py").read_text("utf-8")
    fields = set(Severity.__dataclass_fields__) | {f"{one}_value" for one in ("brixia", "extent")}
    used = set(re.findall(r'"(\w+)"', code)) | fields | {"opacity_value"}
    assert set(SEVERITY) <= used
    assert set(Score.__dataclass_fields__) == {"value", "low", "high"}


def test_the_bundles_numbers_and_intended_use_have_words() -> None:
    bundle = open_bundle("severity")
    said = set(SEVERITY_REPORT.values())
    assert bundle.intended_use in said
    for key in bundle.numbers:
        assert key.replace("_", " ").capitalize() in said


def test_the_shipped_card_heads_its_tables_in_these_words() -> None:
    card = (PACKAGE / "bundles" / "severity" / "MODEL_CARD.md").read_text("utf-8")
    for name in ("agreement", "kappas", "ranges", "normals", "outcomes", "few_films", "about_fits"):
        assert SEVERITY_REPORT[name] in card
