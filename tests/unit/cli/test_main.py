"""The command as a whole: its subcommands, its one-line errors, and what it loads to start."""

import atexit
import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from thoracle.cli import main as module
from thoracle.cli.main import app, main
from thoracle.core.results import DISCLAIMER
from thoracle.core.version import version

HEAVY = {
    "scipy", "onnxruntime", "torch", "PIL", "pydicom", "sqlalchemy", "alembic", "fastapi",
    "uvicorn", "jinja2", "pydantic", "pydantic_settings", "matplotlib", "rich.table",
}  # fmt: skip


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `main` as the installed command does; return exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["thoracle", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_every_subcommand_of_the_issue_is_there() -> None:
    command = typer.main.get_command(app)
    names = set(getattr(command, "commands", {}))
    assert names >= {
        "analyze", "serve", "results", "bundles", "examples", "data", "train", "export",
        "evaluate", "calibrate", "doctor",
    }  # fmt: skip


def test_the_version_is_the_packages(call: Callable[..., tuple[int, str, str]]) -> None:
    assert call("--version") == (0, f"{version()}\n", "")


def test_help_says_what_it_is_not_for() -> None:
    done = CliRunner().invoke(app, ["--help"], terminal_width=200)
    assert done.exit_code == 0
    assert DISCLAIMER in " ".join(done.stdout.split())


def test_an_error_is_one_line_on_stderr_and_exit_code_1(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, err = call("bundles", "show", "nothing")
    assert (code, out) == (1, "")
    assert err.startswith("thoracle: found no bundle 'nothing'")
    assert err.endswith("[bundle-missing]\n")
    assert err.count("\n") == 1


def test_nothing_is_looked_through_for_garbage_at_the_end(
    monkeypatch: pytest.MonkeyPatch, call: Callable[..., tuple[int, str, str]]
) -> None:
    registered: list[object] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    call("--version")
    assert registered == [gc.freeze]


def test_a_fault_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(module, "app", broken)
    with pytest.raises(RuntimeError, match="of our own"):
        main()


def test_starting_loads_nothing_that_only_a_subcommand_needs(tmp_path: Path) -> None:
    script = "import sys, thoracle.cli.main; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert HEAVY & set(done.stdout.split()) == set()
