"""Check the serving install: no torch, complete help, a web app that answers `make run`."""

import http.client
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
TRAINING_ONLY = ("torch", "torchvision", "timm", "lightning", "pandas", "sklearn", "matplotlib")
SIZE_LIMIT_MB = 650  # Issue 2, Speed: the serving install with its bundles.
START_LIMIT_S = 60  # A cold start on two busy cores takes about 5 s.
STOP_LIMIT_S = 20


def main() -> None:
    """Run every check; the first that fails ends the process with a sentence."""
    found = [name for name in TRAINING_ONLY if importlib.util.find_spec(name) is not None]
    if found:
        sys.exit(f"The serving install holds {', '.join(found)}, which only training may need.")
    size_mb = _size_mb(Path(sys.prefix)) + _size_mb(ROOT / "src")
    print(f"Serving install with bundles: {size_mb:.0f} MB (limit {SIZE_LIMIT_MB})")
    if size_mb > SIZE_LIMIT_MB:
        sys.exit("The serving install is larger than its limit. Look at what was added.")
    print(f"Help is complete: {_count_complete_helps()} commands")
    with tempfile.TemporaryDirectory() as home, _make_run(home) as port:
        for page in ("/healthz", "/"):
            status = _status_of(page, port=port)
            print(f"GET {page}: {status}")
            if status != http.HTTPStatus.OK:
                sys.exit(f"The web app answered {page} with {status}, expected 200.")
    print("The web app started, answered and stopped")


def _size_mb(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def _count_complete_helps() -> int:
    """Ask every command for its help, in this environment, and count them."""
    import typer.main
    from typer.testing import CliRunner

    from thoracle.cli.main import app

    waiting: list[tuple[tuple[str, ...], object]] = [((), typer.main.get_command(app))]
    count = 0
    while waiting:
        words, command = waiting.pop()
        shown = CliRunner().invoke(app, [*words, "--help"])
        if shown.exit_code != 0 or "Usage" not in shown.output:
            sys.exit(f"`thoracle {' '.join(words)} --help` fails in the serving install.")
        count += 1
        children = getattr(command, "commands", {})
        waiting += [((*words, word), child) for word, child in children.items()]
    return count


@contextmanager
def _make_run(home: str) -> Iterator[int]:
    """Start `make run` on a free port, wait until it answers, and stop it by its group's id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"THORACLE_HOME": home, "THORACLE_PORT": str(port)}
    command = ["make", "--no-print-directory", "run", f"VENV={Path(sys.prefix).name}"]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.PIPE
    )
    try:
        _wait_until_it_answers(port, server=server)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        # Make ends before the app does: once the pipe is closed, home is at rest.
        said, _ = server.communicate(timeout=STOP_LIMIT_S)
        print(said.decode(), end="")


def _wait_until_it_answers(port: int, *, server: "subprocess.Popen[bytes]") -> None:
    end_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end_s:
        if server.poll() is not None:
            sys.exit(f"`make run` ended with {server.returncode} before it answered.")
        try:
            _status_of("/healthz", port=port)
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"`make run` did not answer on port {port} within {START_LIMIT_S} s.")


def _status_of(page: str, *, port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", page)
        return connection.getresponse().status
    finally:
        connection.close()


if __name__ == "__main__":
    main()
