"""Commands open the store that the settings name."""

from pathlib import Path

import pytest

from thoracle.cli.own_store import open_own_store
from thoracle.core.settings import settings


def test_the_store_is_that_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()
    with open_own_store() as store:
        assert store.list_results(1) == ()
    assert (tmp_path / "thoracle.sqlite3").is_file()
