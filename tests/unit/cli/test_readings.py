"""`thoracle readings`: exported films and agreement, as lines."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.readings import readings_app
from thoracle.core.results import FileResult, Status
from thoracle.core.settings import settings
from thoracle.imaging.encode import png_bytes
from thoracle.jobs.results import PIXELS_NAME
from thoracle.store.results import open_store
from thoracle.store.types import NewReading, NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RUN = CliRunner()


@pytest.fixture(autouse=True)
def _two_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    with open_store(tmp_path / "home", database_url=None) as store:
        for finding in ("COVID-19", "No finding"):
            pixels = {PIXELS_NAME: png_bytes(np.zeros((4, 4), np.uint8))}
            result = FileResult(file="a", sha256="0" * 64, status=Status.ANALYZED)
            kept = store.save(NewResult(result=result, pictures=pixels), now=NOW)
            for reader in ("ana", "rui"):
                store.readings.save(kept, NewReading(reader=reader, finding=finding), now=NOW)


def test_the_films_are_written_and_counted(tmp_path: Path) -> None:
    said = RUN.invoke(readings_app, ["export", str(tmp_path / "out")])
    assert said.exit_code == 0
    assert said.output.startswith("2 films written to ")
    assert len(list((tmp_path / "out" / "films").iterdir())) == 2


def test_kappa_is_printed_for_each_pair() -> None:
    said = RUN.invoke(readings_app, ["agreement"])
    assert said.output == "ana and rui: 2 films, kappa 1.000 (1.000 to 1.000)\n"
