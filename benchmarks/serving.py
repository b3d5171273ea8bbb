"""What benchmarks need of a running server: start it, ask it, read how much memory it holds."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_LIMIT_S = 120
_POLL_S = 0.01
_STOP_LIMIT_S = 20


@dataclass(frozen=True, kw_only=True)
class Server:
    """A process that answers on a port of this machine, and how long that took."""

    pid: int
    port: int
    ready_s: float


def thoracle_command(venv: Path | None) -> Path:
    """Return the command of a serving install, or of this one."""
    command = programs(venv) / "thoracle"
    if not command.is_file():
        sys.exit(f"found no {command} – expected an installed Thoracle. Give --venv.")
    return command


def programs(venv: Path | None) -> Path:
    """Return the folder of a virtual environment's programs, or of this one's."""
    return Path(sys.executable).parent if venv is None else venv.resolve() / "bin"


@contextmanager
def thoracle_server(thoracle: Path, *, ready: str = "/readyz") -> Iterator[Server]:
    """Run `thoracle serve` on a free port until the block ends."""
    port = free_port()
    with running([str(thoracle), "serve", "--port", str(port)], port=port, ready=ready) as server:
        yield server


@contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    ready: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server until the block ends; begin it once a path answers with 200."""
    began_s = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        while status_of(port, ready) != http.HTTPStatus.OK:
            if process.poll() is not None or time.perf_counter() - began_s > START_LIMIT_S:
                sys.exit(f"`{' '.join(command)}` did not answer.")
            time.sleep(_POLL_S)
        yield Server(pid=process.pid, port=port, ready_s=time.perf_counter() - began_s)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status_of(port: int, path: str) -> int | None:
    """Return the status of an answer that was read to its end; None where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_LIMIT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return None
    else:
        return answer.status
    finally:
        connection.close()


def form_of(
    content: bytes, *, field: str = "files", values: Mapping[str, str] | None = None
) -> tuple[bytes, str]:
    """Return a form with one file, as a browser sends it, and its type."""
    mark = "thoracle-benchmark"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (values or {}).items()
    ]
    head = (
        f"--{mark}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="film"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join([*parts, head]).encode() + content + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def resident_mb(pid: int) -> float:
    """Return how much of a process is resident, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found.group(1)) * 1024 / 1e6 if found else float("nan")


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in listed for child in path.read_text("ascii").split()]
