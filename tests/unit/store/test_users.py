"""Users have one name each; a session ends by itself, by logging out, or with its user."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from thoracle.core.errors import StoreError
from thoracle.store.results import ResultStore

HOUR = timedelta(hours=1)


def test_a_user_is_known_by_name(store: ResultStore, now: datetime) -> None:
    assert not store.users.any_exist()
    store.users.add("rui", "hash of rui", now=now)
    store.users.add("ana", "hash of ana", now=now)
    assert store.users.any_exist()
    assert [one.name for one in store.users.users()] == ["ana", "rui"]
    assert store.users.users()[0].created_at == now
    assert store.users.password_hash("ana") == "hash of ana"
    assert store.users.password_hash("nobody") is None


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a/b", "<b>"])
def test_a_strange_name_is_refused(store: ResultStore, now: datetime, name: str) -> None:
    with pytest.raises(StoreError, match="found the user name") as caught:
        store.users.add(name, "hash", now=now)
    assert caught.value.code == "user-name"


def test_a_name_is_given_once(store: ResultStore, now: datetime) -> None:
    store.users.add("ana", "first", now=now)
    with pytest.raises(StoreError, match="already") as caught:
        store.users.add("ana", "second", now=now)
    assert caught.value.code == "user-exists"
    assert store.users.password_hash("ana") == "first"


def test_a_session_lasts_until_its_end(store: ResultStore, now: datetime) -> None:
    token = store.users.begin_session("ana", now=now, lasts=HOUR)
    assert store.users.session_user(token, now=now + HOUR / 2) == "ana"
    assert store.users.session_user(token, now=now + HOUR) is None
    assert store.users.session_user(token + "x", now=now) is None
    store.users.end_session(token)
    assert store.users.session_user(token, now=now) is None


def test_a_removed_user_is_logged_out(store: ResultStore, now: datetime) -> None:
    store.users.add("ana", "hash", now=now)
    token = store.users.begin_session("ana", now=now, lasts=HOUR)
    store.users.remove("ana")
    assert store.users.session_user(token, now=now) is None
    with pytest.raises(StoreError, match="found no user ana") as caught:
        store.users.remove("ana")
    assert caught.value.code == "unknown-user"


def test_neither_tokens_nor_ended_sessions_are_kept(store: ResultStore, now: datetime) -> None:
    old = store.users.begin_session("ana", now=now, lasts=HOUR)
    new = store.users.begin_session("ana", now=now + 2 * HOUR, lasts=HOUR)
    with store._engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM sessions")).all()
    assert len(rows) == 1
    assert old not in str(rows)
    assert new not in str(rows)
