"""`thoracle backup` and `thoracle restore` from the command line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.results import FileResult, Status
from thoracle.core.settings import settings
from thoracle.store.results import open_store
from thoracle.store.types import NewResult

RUN = CliRunner()


def test_a_copy_is_made_and_brought_into_a_new_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = FileResult(file="a.png", sha256="0" * 64, status=Status.FAILED)
    with open_store(tmp_path / "old", database_url=None) as store:
        store.save(NewResult(result=result), now=datetime(2026, 3, 1, tzinfo=UTC))
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "old"))
    settings.cache_clear()
    said = RUN.invoke(app, ["backup", str(tmp_path / "copy.zip")])
    assert said.output.startswith("1 results written to ")
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "new"))
    settings.cache_clear()
    said = RUN.invoke(app, ["restore", str(tmp_path / "copy.zip")])
    assert said.output.startswith("1 rows restored into ")
    with open_store(tmp_path / "new", database_url=None) as store:
        assert [one.file for one in store.list_results(9)] == ["a.png"]
