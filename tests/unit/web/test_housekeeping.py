"""Results older than the app may keep go by themselves; without a limit they stay."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.core.results import FileResult, Status
from thoracle.store.results import ResultStore
from thoracle.store.types import NewResult
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions

RESULT = FileResult(file="a.png", sha256="0" * 64, status=Status.FAILED)


@pytest.mark.parametrize(("retention_days", "kept"), [(0, 2), (7, 1)])
def test_what_is_too_old_is_deleted_when_the_app_starts(
    analyzer: Any, store: ResultStore, options: WebOptions, retention_days: int, kept: int
) -> None:
    now = options.now()
    for days in (1, 8):
        store.save(NewResult(result=RESULT), now=now - timedelta(days=days))
    limited = replace(options, retention_days=retention_days)
    with TestClient(create_app(analyzer, store, options=limited)):
        until = time.monotonic() + 10
        while len(store.list_results(9)) > kept and time.monotonic() < until:
            time.sleep(0.02)
        assert len(store.list_results(9)) == kept
