"""One table becomes JSON, HTML and Markdown that say the same, with provenance and cautions."""

import json
from pathlib import Path

import pytest

from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.evaluation_scope import EvaluationScope
from thoracle.jobs.evaluation_tables import TableFigures, tables_report
from thoracle.reporting.evaluation_html import FigureTable

MANIFEST = Manifest(films=(Film(path="a", source="one"),), root=Path("/nowhere"))
FIGURES = TableFigures(
    schema="thoracle gate 1",
    about="Scope: all films.",
    films=7,
    table=FigureTable(caption="Pictures", head=("pictures", "n"), rows=(("ct", "7"),)),
    content={"rows": [{"group": "ct", "n": 7}]},
)


@pytest.mark.parametrize("is_seen", [False, True])
def test_all_three_say_what_was_found_and_what_it_is_worth(bundles: Path, is_seen: bool) -> None:
    if is_seen:
        table = read_description(bundles / "gate")
        table["training"] = {"manifest_digest": MANIFEST.digest}
        write_description(bundles / "gate", table)
    bundle = open_bundle("gate")
    report = tables_report(bundle, EvaluationScope(name="Here", manifest=MANIFEST), FIGURES)
    content = json.loads(report.json)
    assert content["schema"] == "thoracle gate 1"
    assert content["rows"] == [{"group": "ct", "n": 7}]
    assert content["provenance"]["bundle digest"] == bundle.digest
    assert content["provenance"]["films"] == "7"
    assert [one["code"] for one in content["cautions"]] == ["training-films"] * is_seen
    start = "Scope: all films.\n\n| pictures | n |\n| --- | --- |\n| ct | 7 |\n"
    assert report.markdown.startswith(start)
    assert ("\n- The bundle was trained on" in report.markdown) == is_seen
    assert report.html is not None
    assert "gate 1.2.3: Here" in report.html
    assert bundle.digest in report.html
    assert ("The bundle was trained on" in report.html) == is_seen
