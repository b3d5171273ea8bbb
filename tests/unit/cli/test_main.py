"""The command as a whole: its subcommands, its one-line errors, and what it loads to start."""

import atexit
import errno
import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import typer.main
from rich.text import Text
from typer.testing import CliRunner

from thoracle.cli import main as module
from thoracle.cli.main import app, main
from thoracle.core.errors import SettingError
from thoracle.core.results import DISCLAIMER
from thoracle.core.version import version
from thoracle.jobs import bundles

WRITTEN = {"out", "html", "maps", "plots", "plot", "model", "cache"}
"""Names of options that say where something is written."""
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


def test_help_shows_its_texts_as_they_are_written() -> None:
    """What stands in brackets would be taken for markup, and vanish."""

    def texts(name: str, command: Any) -> Iterator[tuple[str, str]]:
        described = (getattr(one, "help", None) or "" for one in command.params)
        yield from ((name, one) for one in (command.help or "", *described))
        for word, child in getattr(command, "commands", {}).items():
            yield from texts(f"{name} {word}", child)

    every = list(texts("thoracle", typer.main.get_command(app)))
    assert len(every) > 200
    assert [one for one in every if Text.from_markup(one[1]).plain != one[1]] == []


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


def test_what_the_system_refuses_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "films/a.png")

    monkeypatch.setattr(module, "app", full)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("thoracle: found a file that the system refuses (films/a.png: No space")
    assert said.endswith("[system]\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ((), "thoracle: interrupted: what was written whole stays where it is.\n"),
        (("2 of 9 done",), "thoracle: interrupted: 2 of 9 done.\n"),
    ],
)
def test_ctrl_c_is_told_in_one_line(
    told: tuple[str, ...],
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[..., tuple[int, str, str]],
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt(*told)

    monkeypatch.setattr(bundles, "bundle_lines", stopped)
    assert call("bundles", "list") == (130, "", line)


def test_every_option_that_names_what_is_written_is_checked_before_the_work(
    tmp_path: Path,
) -> None:
    (tmp_path / "note.txt").write_text("no folder", encoding="utf-8")
    root = typer.main.get_command(app)
    options = dict(_outputs("thoracle", root))
    assert len(options) > 20
    unchecked = {name for name, one in options.items() if one.callback is None}
    assert unchecked == set()
    for name in options.keys() - unchecked:
        one = options[name]
        with pytest.raises(SettingError, match="no way to write into"):
            one.callback(typer.Context(root), one, tmp_path / "note.txt" / "deep" / "x")


def _outputs(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    for one in command.params:
        if one.name in WRITTEN and not isinstance(one.default, Enum):
            yield f"{name} --{one.name}", one
    for word, child in getattr(command, "commands", {}).items():
        yield from _outputs(f"{name} {word}", child)


def test_starting_loads_nothing_that_only_a_subcommand_needs(tmp_path: Path) -> None:
    script = "import sys, thoracle.cli.main; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert HEAVY & set(done.stdout.split()) == set()
