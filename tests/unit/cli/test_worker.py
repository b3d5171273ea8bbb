"""`thoracle worker`, and the one that `thoracle serve` keeps beside itself."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.cli.worker import worker_beside
from thoracle.core.settings import Settings, settings
from thoracle.jobs import job_worker


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()
    return tmp_path


def test_with_nothing_to_do_it_ends_at_once_where_it_is_told_to(home: Path) -> None:
    done = CliRunner().invoke(app, ["worker", "--once"])
    assert (done.exit_code, done.output) == (0, "0 jobs begun.\n")


def test_beside_the_app_one_runs_and_ends_with_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(where: Path) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
        return started[-1]

    monkeypatch.setattr(job_worker, "start_worker", start)
    with worker_beside(settings()):
        assert started[0].poll() is None
    assert started[0].returncode == 0


def test_one_that_does_not_end_is_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(["sleep", "1000"], stdin=subprocess.PIPE)

    monkeypatch.setattr(job_worker, "start_worker", start)
    monkeypatch.setattr("thoracle.cli.worker._ENDS_IN_S", 0.01)
    with worker_beside(settings()):
        pass


def test_the_setting_turns_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: Path) -> Any:
        raise AssertionError

    monkeypatch.setattr(job_worker, "start_worker", start)
    with worker_beside(Settings(worker=False)):
        pass
