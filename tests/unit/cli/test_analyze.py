"""`thoracle analyze`: lines or JSON, exit codes, and no file that stops the others."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from thoracle.cli import main
from thoracle.cli.analyze import analyze
from thoracle.core.arrays import FloatArray
from thoracle.core.errors import SettingError, StoreError
from thoracle.core.files import sha256_of_file
from thoracle.core.results import DISCLAIMER, FileResult, Status
from thoracle.core.settings import settings
from thoracle.inference.description import read_description, write_description
from thoracle.jobs import analyze_files
from thoracle.store import engine
from thoracle.store.results import open_store

app = typer.Typer()
app.command()(analyze)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)


@pytest.fixture
def films(
    tmp_path: Path,
    bundles: Path,
    monkeypatch: pytest.MonkeyPatch,
    draw: Callable[..., FloatArray],
    as_png: Callable[[FloatArray], bytes],
) -> Path:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "ct.png").write_bytes(as_png(draw("ct")))
    (folder / "good.png").write_bytes(as_png(draw()))
    (folder / "torn.png").write_bytes(as_png(draw())[:200])
    return folder


def test_one_good_film_is_a_line_and_exit_code_0(films: Path, bundles: Path) -> None:
    table = read_description(bundles / "radiograph")
    table["labels"][2]["threshold"] = 0.15
    write_description(bundles / "radiograph", table)
    done = run(films / "good.png")
    assert done.exit_code == 0
    first, *rest = done.stdout.splitlines()
    assert first.startswith(f"{films / 'good.png'}: No finding ")
    assert " %, COVID-19 16 % (positive)" in first
    assert rest[-1] == f"1 file: 1 analyzed, 0 refused, 0 failed. {DISCLAIMER}"


def test_a_refusal_says_why_and_is_no_failure(films: Path) -> None:
    done = run(films / "ct.png", "--no-store")
    assert done.exit_code == 0
    assert "refused – This looks like a CT" in done.stdout


def test_a_folder_goes_on_past_a_torn_file_and_ends_with_1(films: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(tmp_path / "missing.png", empty, films)
    assert done.exit_code == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert [line.split("]")[0] for line in lines] == [f"[{n}/5" for n in range(1, 6)]
    assert [word in line for word, line in zip(
        ("[file-unreadable]", "[folder-empty]", "refused", "No finding", "[image"), lines,
        strict=True,
    )] == [True] * 5  # fmt: skip
    assert "5 files: 1 analyzed, 1 refused, 3 failed." in done.stdout


def test_warnings_stand_below_the_film(films: Path) -> None:
    done = run(films / "ct.png", "--override-gate")
    assert "\n    gate-overridden: The gate refused this picture" in done.stdout


def test_json_on_stdout_is_nothing_but_json(films: Path) -> None:
    done = run(films, "--json", "-")
    assert done.exit_code == 1
    rows = json.loads(done.stdout)
    assert [row["status"] for row in rows] == ["refused", "analyzed", "failed"]
    assert [row["gate"] and row["gate"]["kind"] for row in rows] == ["ct", "frontal_chest", None]
    assert rows[1]["sha256"] == sha256_of_file(films / "good.png")
    assert [one["label"] for one in rows[1]["findings"]] == [
        "No finding", "Other lung opacity", "COVID-19",
    ]  # fmt: skip
    assert rows[1]["maps"][0]["path"] is None
    assert rows[2]["error"].keys() == {"code", "text"}
    assert done.stderr == ""


def test_json_is_written_into_a_file_beside_the_lines(films: Path, tmp_path: Path) -> None:
    done = run(films / "good.png", "--json", tmp_path / "new" / "out.json")
    assert done.exit_code == 0
    assert "1 file:" in done.stdout
    (row,) = json.loads((tmp_path / "new" / "out.json").read_text("utf-8"))
    assert row["status"] == "analyzed"


def test_a_json_file_that_cannot_be_written_is_an_error_before_the_first_film(
    films: Path,
) -> None:
    done = run(films / "good.png", "--json", films / "good.png" / "out.json")
    assert isinstance(done.exception, SettingError)
    assert done.stdout == ""


def test_reports_and_overlays_are_written_and_the_json_names_them(
    films: Path, tmp_path: Path
) -> None:
    html, maps = tmp_path / "html", tmp_path / "maps"
    done = run(films, "--html", html, "--maps", maps, "--json", "-")
    rows = json.loads(done.stdout)
    assert len(list(html.glob("*.html"))) == 3
    written = {str(path) for path in maps.glob("*.png")}
    assert {one["path"] for one in rows[1]["maps"]} == written
    assert len(written) == 12


@pytest.mark.parametrize(("option", "count"), [("--store", 3), ("--no-store", 0)])
def test_results_are_kept_unless_that_is_not_wanted(
    films: Path, tmp_path: Path, option: str, count: int
) -> None:
    run(films, option)
    with open_store(tmp_path / "home", database_url=None) as store:
        assert len(store.list_results(10)) == count


def test_on_a_terminal_the_files_are_counted_beside_the_json(
    films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(typer, "get_text_stream", lambda _name: Terminal())
    done = run(films, "--json", "-", "--no-store")
    assert done.stderr == "\r1 of 3\r2 of 3\r3 of 3\n"
    assert len(json.loads(done.stdout)) == 3


def test_another_bundle_is_named(films: Path, bundles: Path) -> None:
    (bundles / "radiograph").rename(bundles / "hospital")
    assert run(films / "good.png", "--bundle", "hospital", "--no-store").exit_code == 0
    done: Any = run(films / "good.png", "--bundle", "nothing", "--no-store")
    assert done.exception.code == "bundle-missing"


def test_the_setting_names_the_bundle_where_no_option_does(
    films: Path, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bundles / "radiograph").rename(bundles / "hospital")
    monkeypatch.setenv("THORACLE_BUNDLE", "hospital")
    settings.cache_clear()
    assert run(films / "good.png", "--no-store").exit_code == 0


def test_json_onto_a_folder_is_refused_before_the_first_film(films: Path) -> None:
    done = run(films / "good.png", "--json", films)
    assert isinstance(done.exception, SettingError)
    assert "found a folder at" in str(done.exception)
    assert done.stdout == ""


@pytest.fixture
def locked_store(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sqlite3.Connection]:
    """A store whose database another program keeps locked for writing."""
    monkeypatch.setattr(engine, "_BUSY_TIMEOUT_S", 0.01)
    open_store(tmp_path / "home", database_url=None).close()
    database = tmp_path / "home" / engine.DATABASE_NAME
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_store_that_refuses_is_told_once_and_costs_no_result(
    films: Path, tmp_path: Path, locked_store: sqlite3.Connection
) -> None:
    out = tmp_path / "out.json"
    files = [films / "good.png", films / "ct.png"] * 3
    done = run(*files, "--json", out)
    assert done.exit_code == 0
    assert done.stderr.count("thoracle: warning: found the database locked") == 1
    assert "[store-locked] Going on without." in done.stderr
    assert "6 files: 3 analyzed, 3 refused, 0 failed; 6 not kept." in done.stdout
    assert len(json.loads(out.read_text("utf-8"))) == 6


def test_json_on_stdout_stays_whole_where_the_store_refuses(
    films: Path, locked_store: sqlite3.Connection
) -> None:
    done = run(films / "good.png", films / "torn.png", "--json", "-")
    assert done.exit_code == 1
    assert [row["status"] for row in json.loads(done.stdout)] == ["analyzed", "failed"]
    assert done.stderr.count("warning") == 1


def test_a_store_for_reading_only_is_an_error_before_the_first_film(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = os.access
    home = tmp_path / "home"
    monkeypatch.setattr(os, "access", lambda path, mode: path != home and allowed(path, mode))
    done = run(films / "good.png")
    assert isinstance(done.exception, StoreError)
    assert done.exception.code == "store-unwritable"
    assert done.stdout == ""
    assert run(films / "good.png", "--no-store").exit_code == 0


def test_ctrl_c_says_how_far_it_was_and_that_there_is_no_json(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(paths: list[Path], **_: object) -> Iterator[FileResult]:
        yield FileResult(file=str(paths[0]), sha256="", status=Status.REFUSED)
        raise KeyboardInterrupt

    monkeypatch.setattr(analyze_files, "analyze_files", stopped)
    done = CliRunner().invoke(main.app, ["analyze", str(films), "--json", str(tmp_path / "o.json")])
    assert done.exit_code == 130
    assert "interrupted: 1 of 3 done;" in done.stderr
    assert "and no JSON is written." in done.stderr
    assert not (tmp_path / "o.json").exists()
