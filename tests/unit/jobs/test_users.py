"""Passwords are kept as argon2 hashes, and checked without telling who exists."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thoracle.core.errors import SettingError
from thoracle.jobs.users import PASSWORD_LENGTH_MAX, add_user, is_password
from thoracle.store.results import open_store
from thoracle.store.users import UserStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture
def users(tmp_path: Path) -> Iterator[UserStore]:
    with open_store(tmp_path, database_url=None) as store:
        yield store.users


def test_a_password_is_that_of_its_user_alone(users: UserStore) -> None:
    add_user(users, "ana", PASSWORD, now=NOW)
    add_user(users, "rui", PASSWORD + "!", now=NOW)
    assert is_password(users, "ana", PASSWORD)
    assert not is_password(users, "ana", PASSWORD + "!")
    assert not is_password(users, "nobody", PASSWORD)
    assert not is_password(users, "nobody", "nobody has this password")


def test_what_is_kept_is_an_argon2_hash_with_a_salt(users: UserStore) -> None:
    for name in ("ana", "rui"):
        add_user(users, name, PASSWORD, now=NOW)
    hashes = {users.password_hash(name) for name in ("ana", "rui")}
    assert len(hashes) == 2
    assert all(str(one).startswith("$argon2id$") for one in hashes)


def test_a_damaged_hash_lets_nobody_in(users: UserStore) -> None:
    users.add("ana", "not a hash", now=NOW)
    assert not is_password(users, "ana", PASSWORD)


@pytest.mark.parametrize("password", ["", "too short", "x" * (PASSWORD_LENGTH_MAX + 1)])
def test_a_password_too_short_or_too_long_is_refused(users: UserStore, password: str) -> None:
    with pytest.raises(SettingError, match="found a password of") as caught:
        add_user(users, "ana", password, now=NOW)
    assert caught.value.code == "password-length"
    assert not users.any_exist()
