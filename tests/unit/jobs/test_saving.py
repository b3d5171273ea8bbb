"""Results are kept, a store that refuses is told of, and it is not asked for ever."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, Status
from thoracle.core.settings import settings
from thoracle.jobs import results
from thoracle.jobs.analyze import AnalyzedFile
from thoracle.jobs.saving import REFUSALS_MAX, Saver
from thoracle.store.results import ResultStore, open_store


def film(name: str) -> AnalyzedFile:
    return AnalyzedFile(result=FileResult(file=name, sha256="", status=Status.FAILED))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    return tmp_path / "home"


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[int]], list[str]]:
    """Let the store refuse some saves by their number; return the names that it was asked for."""
    save = results.save_result
    asked: list[str] = []

    def saving(store: ResultStore, analyzed: AnalyzedFile, *, now: datetime) -> str:
        asked.append(analyzed.result.file)
        if len(asked) - 1 in refused:
            raise StoreError("found a locked database – expected a free one. Wait.")
        return save(store, analyzed, now=now)

    refused: set[int] = set()

    def start(numbers: set[int]) -> list[str]:
        refused.update(numbers)
        monkeypatch.setattr(results, "save_result", saving)
        return asked

    return start


def kept(home: Path) -> list[str]:
    with open_store(home, database_url=None) as store:
        return [one.file for one in reversed(store.list_results(100))]


def test_what_is_saved_is_kept(home: Path) -> None:
    with Saver() as saver:
        saver.need_store()
        saver.save(film("a"))
        saver.save(film("b"))
    assert kept(home) == ["a", "b"]


def test_one_refusal_is_told_and_the_next_result_is_kept(
    home: Path, refuse: Callable[[set[int]], list[str]]
) -> None:
    refuse({1})
    told: list[StoreError] = []
    with Saver(told.append) as saver:
        for name in "abc":
            saver.save(film(name))
    assert len(told) == 1
    assert kept(home) == ["a", "c"]


def test_after_a_few_refusals_in_a_row_the_store_is_not_asked_again(
    home: Path, refuse: Callable[[set[int]], list[str]]
) -> None:
    asked = refuse(set(range(100)))
    told: list[StoreError] = []
    with Saver(told.append) as saver:
        for number in range(10):
            saver.save(film(str(number)))
    assert len(asked) == REFUSALS_MAX
    assert len(told) == 10


def test_without_anybody_to_tell_a_refusal_is_an_error(
    home: Path, refuse: Callable[[set[int]], list[str]]
) -> None:
    refuse({0})
    with Saver() as saver, pytest.raises(StoreError, match="locked"):
        saver.save(film("a"))


@pytest.mark.parametrize("where", ["file", "results"])
def test_a_home_that_cannot_hold_results_is_an_error_at_once(home: Path, where: str) -> None:
    if where == "file":
        home.write_text("", encoding="utf-8")
    else:
        home.mkdir()
        (home / "results").symlink_to(home / "nowhere" / "at all")
    with Saver() as saver, pytest.raises(StoreError, match="THORACLE_HOME"):
        saver.need_store()
