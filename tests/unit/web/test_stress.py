"""The app under stress: real decoders, a real server, full disks, locked files, lost clients."""

import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import event

from thoracle.core.errors import StoreError
from thoracle.core.files import write_atomically
from thoracle.imaging.child import DecoderChild
from thoracle.jobs.analyze import Analyzer
from thoracle.store import engine as engine_module
from thoracle.store import folders
from thoracle.store.engine import DATABASE_NAME
from thoracle.store.results import ResultStore, open_store
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions, utc_now
from thoracle.web.services import Services

ANALYSES = "/api/v1/analyses"
PROBLEM = "application/problem+json"
SOON_S = 20.0
FILE_LIMIT_BYTES = 1_000_000
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
sys.stdout.write("held")
sys.stdout.flush()
sys.stdin.read()
"""


@pytest.fixture
def film(draw: Callable[..., Any], as_png: Callable[..., bytes]) -> bytes:
    return as_png(draw())


@pytest.fixture
def heavy_film(as_png: Callable[..., bytes]) -> bytes:
    """A film of 2 MB, which no decoder reads in less than some tens of milliseconds."""
    return as_png(np.random.default_rng(1).random((1500, 1500), dtype=np.float32))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResultStore]:
    monkeypatch.setattr(engine_module, "_BUSY_TIMEOUT_S", 0.1)
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


@pytest.fixture
def real(bundles: Path) -> Iterator[Analyzer]:
    with Analyzer(threads=1) as opened:
        opened.warm_up()
        yield opened


@pytest.fixture
def app(real: Analyzer, store: ResultStore) -> Any:
    return create_app(real, store, options=WebOptions(upload_limit_mb=8.0, loopback_only=True))


@pytest.fixture
def client(app: Any, temporary: Path) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def _post(client: TestClient, content: bytes, name: str = "film.png") -> Any:
    return client.post(ANALYSES, files={"files": (name, content)})


def _need_problem(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["code"] == code
    assert "\n" not in answer.json()["detail"]


def _need_nothing(store: ResultStore, temporary: Path) -> None:
    assert store.list_results(9) == ()
    assert list(folders.folders(store._root)) == []
    assert list(temporary.iterdir()) == []


def test_a_decoder_killed_in_mid_film_fails_that_film_alone(
    client: TestClient,
    real: Analyzer,
    store: ResultStore,
    monkeypatch: pytest.MonkeyPatch,
    film: bytes,
    heavy_film: bytes,
) -> None:
    begin = DecoderChild._begin

    def begin_and_die(child: DecoderChild) -> float:
        deadline_s = begin(child)
        os.kill(child.pid, signal.SIGKILL)
        return deadline_s

    monkeypatch.setattr(DecoderChild, "_begin", begin_and_die)
    answer = _post(client, heavy_film, "heavy.png")
    monkeypatch.undo()
    assert answer.status_code == 422
    (found,) = answer.json()["results"]
    assert (found["status"], found["error"]["code"]) == ("failed", "image-decoder-died")
    assert "SIGKILL" in found["error"]["text"]
    assert _post(client, film).status_code == 201
    assert [str(line.status) for line in store.list_results(9)] == ["analyzed", "failed"]


def test_a_decoder_killed_between_films_costs_none(
    client: TestClient, real: Analyzer, film: bytes
) -> None:
    for pid in real._pool.child_pids():
        os.kill(pid, signal.SIGKILL)
    assert _post(client, film).status_code == 201


@pytest.mark.parametrize("written", [0, 1, 4])
def test_a_disk_that_fills_while_storing_keeps_nothing_of_the_film(
    client: TestClient,
    store: ResultStore,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    film: bytes,
    written: int,
) -> None:
    left = [written]

    def write_until_full(path: Path, content: bytes) -> None:
        if left[0] == 0:
            path.with_suffix(".half").write_bytes(content[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= 1
        write_atomically(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(folders, "write_atomically", write_until_full)
        _need_problem(_post(client, film), 507, "store-full")
        page = client.post("/analyze", files={"files": ("film.png", film)})
        assert page.status_code == 507
        assert "no room left" in page.text
    _need_nothing(store, temporary)
    assert _post(client, film).status_code == 201


def test_a_database_without_room_keeps_nothing_of_the_film(
    client: TestClient, store: ResultStore, temporary: Path, film: bytes
) -> None:
    def allow_no_page(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(store._engine, "checkout", allow_no_page)
    answers = [_post(client, film) for _ in range(9)]  # a few pages are free in any database
    event.remove(store._engine, "checkout", allow_no_page)
    _need_problem(answers[-1], 507, "store-full")
    kept = {line.id for line in store.list_results(99)}
    assert {name for _, name in folders.folders(store._root)} == kept
    assert len(kept) == [one.status_code for one in answers].count(201)
    assert list(temporary.iterdir()) == []


@contextmanager
def _small_files_only() -> Iterator[None]:
    """Let the system itself refuse files above a size, as it does where a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("as_form", [True, False])
def test_an_upload_that_finds_no_room_is_refused_whole(
    client: TestClient, store: ResultStore, temporary: Path, heavy_film: bytes, as_form: bool
) -> None:
    with _small_files_only():
        answer = _post(client, heavy_film) if as_form else client.post(ANALYSES, content=heavy_film)
    _need_problem(answer, 507, "no-room")
    _need_nothing(store, temporary)
    assert _post(client, heavy_film).status_code == 201


def test_an_archive_that_cannot_be_unpacked_for_want_of_room_is_refused_whole(
    client: TestClient, store: ResultStore, temporary: Path, film: bytes, pack: Callable[..., bytes]
) -> None:
    mixed = os.urandom(20_000) + bytes(2 * FILE_LIMIT_BYTES)  # no bomb: 1 to 100
    archive = pack({"a.png": film, "large.png": mixed})
    with _small_files_only():
        answer = _post(client, archive, "study.zip")
    _need_problem(answer, 507, "zip-no-room")
    _need_nothing(store, temporary)


def test_a_folder_whose_row_was_never_written_goes_with_the_next_start(
    store: ResultStore, tmp_path: Path
) -> None:
    """A process killed between the two: nothing could take the folder back."""
    folders.write_folder(store._root, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", {"film.png": b"film"})
    assert store.list_results(9) == ()
    assert store.remove_leftovers(older_than=utc_now()) == 1
    assert list(folders.folders(store._root)) == []


@contextmanager
def _held(database: Path) -> Iterator[None]:
    """Let another process hold the database's lock."""
    command = [sys.executable, "-I", "-c", HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.read(4) == b"held"
        try:
            yield
        finally:
            holder.kill()


def test_a_locked_database_says_when_to_come_back_and_then_works_again(
    client: TestClient, store: ResultStore, temporary: Path, tmp_path: Path, film: bytes
) -> None:
    with _held(tmp_path / DATABASE_NAME):
        for _ in range(2):
            answer = _post(client, film)
            _need_problem(answer, 503, "store-locked")
            assert int(answer.headers["retry-after"]) >= 1
        page = client.post("/analyze", files={"files": ("film.png", film)})
        assert page.status_code == 503
        assert client.get(ANALYSES).json()["results"] == []
    _need_nothing(store, temporary)
    assert _post(client, film).status_code == 201


def test_a_key_that_cannot_be_remembered_costs_no_answer(
    client: TestClient, store: ResultStore, monkeypatch: pytest.MonkeyPatch, film: bytes
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise StoreError("found the database locked.", code="store-locked")

    monkeypatch.setattr(store.requests, "keep", locked)
    answer = client.post(
        ANALYSES, files={"files": ("film.png", film)}, headers={"idempotency-key": "one"}
    )
    assert answer.status_code == 201


def test_who_cannot_be_looked_up_is_told_so(
    client: TestClient, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> bool:
        raise StoreError("found the database locked.", code="store-locked")

    monkeypatch.setattr(store.users, "any_exist", locked)
    answer = client.get(ANALYSES)
    _need_problem(answer, 503, "store-locked")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/").status_code == 503


@dataclass(frozen=True, kw_only=True)
class Running:
    server: uvicorn.Server
    services: Services
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SOON_S)

    def wait_until_idle(self) -> None:
        state = self.server.server_state
        _wait_for(lambda: not state.connections and not state.tasks)


def _wait_for(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.01)


@pytest.fixture
def running(app: Any, temporary: Path) -> Iterator[Running]:
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        _wait_for(lambda: server.started)
        yield Running(server=server, services=app.state.services, port=listener.getsockname()[1])
        server.should_exit = True
        thread.join(SOON_S)
    assert not thread.is_alive()


def _request(content: bytes, *, as_form: bool) -> bytes:
    """Return a whole request as it goes over the wire."""
    kind = "application/octet-stream"
    if as_form:
        kind = "multipart/form-data; boundary=x"
        disposition = b'Content-Disposition: form-data; name="files"; filename="film.png"'
        content = b"--x\r\n" + disposition + b"\r\n\r\n" + content + b"\r\n--x--\r\n"
    head = (
        f"POST {ANALYSES} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + content


def _answer_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname in {"ERROR", "CRITICAL"}]


@pytest.mark.parametrize("as_form", [True, False])
def test_an_upload_broken_off_leaves_nothing_and_takes_no_place(
    running: Running,
    store: ResultStore,
    temporary: Path,
    caplog: pytest.LogCaptureFixture,
    heavy_film: bytes,
    as_form: bool,
) -> None:
    request = _request(heavy_film, as_form=as_form)
    with running.connect() as connection:
        connection.sendall(request[: len(request) // 2])
        _wait_for(lambda: bool(running.server.server_state.tasks))
    running.wait_until_idle()
    _need_nothing(store, temporary)
    assert running.services.line.length == 0
    assert _errors(caplog) == []
    with running.connect() as connection:
        connection.sendall(request)
        assert _answer_of(connection).startswith(b"HTTP/1.1 201 ")


def test_who_hangs_up_while_waiting_loses_the_place_and_nothing_is_analyzed(
    running: Running,
    real: Analyzer,
    store: ResultStore,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    film: bytes,
) -> None:
    analyze, may_go_on = real.analyze_bytes, threading.Event()

    def wait_and_analyze(*given: Any, **named: Any) -> Any:
        assert may_go_on.wait(SOON_S)
        return analyze(*given, **named)

    monkeypatch.setattr(real, "analyze_bytes", wait_and_analyze)
    line = running.services.line
    with running.connect() as first:
        first.sendall(_request(film, as_form=True))
        _wait_for(lambda: line.length == 1)
        with running.connect() as second:
            second.sendall(_request(film, as_form=True))
            _wait_for(lambda: line.length == 2)
        _wait_for(lambda: line.length == 1)
        may_go_on.set()
        assert _answer_of(first).startswith(b"HTTP/1.1 201 ")
    running.wait_until_idle()
    assert len(store.list_results(9)) == 1
    assert _errors(caplog) == []
