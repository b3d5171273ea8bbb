"""Every sentence of the anomaly report is used or stands on the shipped card."""

import re
import tomllib
from pathlib import Path

import thoracle
from thoracle.reporting.anomaly_texts import ANOMALY_REPORT

PACKAGE = Path(str(thoracle.__file__)).parent


def test_every_text_is_used_by_the_report_or_said_by_recipes_and_card() -> None:
    code = (PACKAGE / "jobs" / "evaluate_anomaly.py").read_text("utf-8")
    card = (PACKAGE / "bundles" / "anomaly" / "MODEL_CARD.md").read_text("utf-8")
    recipes = [
        tomllib.loads(path.read_text("utf-8"))
        for path in (PACKAGE.parents[1] / "recipes").glob("anomaly*.toml")
    ]
    said = {recipe[key] for recipe in recipes for key in ("intended_use", "task")}
    for key, text in ANOMALY_REPORT.items():
        assert re.search(rf"[\"']{key}[\"']", code) or text in card or text in said
    assert len(recipes) == 2
