"""`thoracle results`: what was kept is listed and read again, as text and as JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.results import results_app
from thoracle.core.errors import StoreError
from thoracle.core.results import (
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
    to_json,
)
from thoracle.core.settings import settings
from thoracle.store.results import open_store
from thoracle.store.types import NewResult

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = CliRunner()

ANALYZED = FileResult(
    file="films/[bold]one[/bold].png",
    sha256="a" * 64,
    status=Status.ANALYZED,
    gate=GateDecision(
        accepted=True, kind=GateKind.FRONTAL_CHEST, probability=0.99, rotation_degrees=0
    ),
    findings=(
        Finding(label="No finding", logit=-1.0, probability=0.2, threshold=0.5, is_positive=False),
        Finding(label="COVID-19", logit=1.0, probability=0.8, threshold=0.3, is_positive=True),
    ),
    warnings=(Reason(code="too-dark", text="The film is very dark."),),
    provenance=Provenance(
        sha256="a" * 64, software_version="0.1.0", bundles=(), runtime="fake", precision="fp32"
    ),
)
FAILED = FileResult(
    file="torn.png",
    sha256="b" * 64,
    status=Status.FAILED,
    error=Reason(code="image", text="found a torn file – expected a whole one. Send it again."),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def kept(home: Path) -> list[str]:
    with open_store(home, database_url=None) as store:
        return [
            store.save(NewResult(result=result), now=NOW + timedelta(seconds=i))
            for i, result in enumerate((ANALYZED, FAILED))
        ]


def test_an_empty_store_says_so(home: Path) -> None:
    assert "No result has been kept yet." in RUN.invoke(results_app, ["list"]).output
    assert json.loads(RUN.invoke(results_app, ["list", "--json"]).output) == []


def test_the_list_prints_whole_ids_and_names_as_they_are(kept: list[str]) -> None:
    output = RUN.invoke(results_app, ["list"]).output
    assert output.index(kept[1]) < output.index(kept[0])
    assert "films/[bold]one[/bold].png" in output
    assert "COVID-19" in output
    assert "frontal_chest" in output


def test_the_list_goes_on_from_any_line(kept: list[str]) -> None:
    first = json.loads(RUN.invoke(results_app, ["list", "--limit", "1", "--json"]).output)
    assert [line["id"] for line in first] == [kept[1]]
    rest = json.loads(RUN.invoke(results_app, ["list", "--before", kept[1], "--json"]).output)
    assert [line["id"] for line in rest] == [kept[0]]
    assert rest[0]["created_at"] == "2026-03-01T12:00:00+00:00"


def test_showing_as_json_gives_the_object_of_analyze_and_its_line(kept: list[str]) -> None:
    shown = json.loads(RUN.invoke(results_app, ["show", kept[0], "--json"]).output)
    assert shown.pop("id") == kept[0]
    for name in ("created_at", "parent_id", "format"):
        del shown[name]
    expected = to_json(ANALYZED)
    assert {name: shown[name] for name in expected} == expected
    assert shown["trust"]["verdict"] == "decided"


def test_showing_prints_every_sentence_of_the_result(kept: list[str]) -> None:
    output = RUN.invoke(results_app, ["show", kept[0]]).output
    assert "COVID-19: calibrated probability 80.0 %, at or above the threshold of 30.0 %" in output
    assert "takes this picture to be a frontal chest radiograph" in output
    assert "too-dark: The film is very dark." in output
    assert "films/[bold]one[/bold].png" in output


def test_showing_a_failure_prints_its_reason(kept: list[str]) -> None:
    output = RUN.invoke(results_app, ["show", kept[1]]).output
    assert "Not readable" in output
    assert "image: found a torn file" in output


def test_an_unknown_id_is_an_error_with_a_code(home: Path) -> None:
    outcome = RUN.invoke(results_app, ["show", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"])
    assert isinstance(outcome.exception, StoreError)
    assert outcome.exception.code == "unknown-result"
