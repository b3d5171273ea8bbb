"""`thoracle user`: added, listed, removed; a password is asked for or read, never an argument."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.user import user_app
from thoracle.core.errors import SettingError, StoreError
from thoracle.core.settings import settings
from thoracle.jobs.users import is_password
from thoracle.store.results import open_store

RUN = CliRunner()
PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()
    return tmp_path


def test_a_user_is_added_listed_and_removed(home: Path) -> None:
    added = RUN.invoke(user_app, ["add", "ana", "--password-stdin"], input=PASSWORD + "\n")
    assert added.exit_code == 0
    with open_store(home, database_url=None) as store:
        assert is_password(store.users, "ana", PASSWORD)
    assert RUN.invoke(user_app, ["list"]).output.startswith("ana\t")
    assert RUN.invoke(user_app, ["remove", "ana"]).output == "Removed ana.\n"
    assert RUN.invoke(user_app, ["list"]).output == ""
    assert isinstance(RUN.invoke(user_app, ["remove", "ana"]).exception, StoreError)


def test_a_password_is_asked_for_twice() -> None:
    unlike = RUN.invoke(user_app, ["add", "ana"], input=f"{PASSWORD}\nother\n")
    assert unlike.exit_code != 0
    alike = RUN.invoke(user_app, ["add", "ana"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert alike.exit_code == 0
    assert PASSWORD not in alike.output


def test_a_short_password_is_refused() -> None:
    result = RUN.invoke(user_app, ["add", "ana", "--password-stdin"], input="short\n")
    assert isinstance(result.exception, SettingError)
    assert RUN.invoke(user_app, ["list"]).output == ""
