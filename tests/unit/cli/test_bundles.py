"""`thoracle bundles`: list, verify, show, checklist, history and the way back."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from thoracle.cli.bundles import bundles_app
from thoracle.core.errors import BundleError
from thoracle.inference import bundle as bundle_module


@pytest.fixture(autouse=True)
def folder(bundles: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave only the tiny bundles."""
    monkeypatch.setattr(bundle_module, "bundle_folders", lambda: (bundles,))
    return bundles


def run(*words: str) -> Result:
    return CliRunner().invoke(bundles_app, list(words))


def test_the_list_has_a_line_for_each_bundle(folder: Path) -> None:
    (folder / "lungs" / "network.onnx").write_bytes(b"altered")
    done = run("list")
    assert done.exit_code == 0
    gate, lungs, radiograph = done.stdout.splitlines()
    assert gate.startswith("gate: gate 1.2.3 for children and adults, 0.0 MB, digest ")
    assert "altered" in lungs
    assert radiograph.endswith(str(folder / "radiograph"))


def test_the_list_as_json_has_whole_digests_and_codes_of_problems(folder: Path) -> None:
    (folder / "lungs" / "network.onnx").write_bytes(b"altered")
    rows = json.loads(run("list", "--json").stdout)
    assert [row["name"] for row in rows] == ["gate", "lungs", "radiograph"]
    assert [row["problem"] for row in rows] == [None, "bundle-altered", None]
    assert [row["task"] for row in rows] == ["gate", None, "classifier"]
    assert len(rows[0]["digest"]) == 64
    assert rows[2]["population"] == "adults"
    assert rows[0]["size_mb"] > 0


def test_whole_bundles_are_verified_with_exit_code_0() -> None:
    done = run("verify")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["gate", "lungs", "radiograph"]
    assert all("whole; on 2 made-up films" in line for line in lines)
    assert ", of a map " in lines[2]
    assert ", of a map " not in lines[0]


def test_something_wrong_is_exit_code_1_and_the_others_are_still_verified(folder: Path) -> None:
    (folder / "gate" / "parity.npz").unlink()
    done = run("verify")
    assert done.exit_code == 1
    assert "[bundle-altered]" in done.stdout.splitlines()[0]
    assert "radiograph: whole" in done.stdout


def test_only_the_named_ones_are_verified(folder: Path) -> None:
    (folder / "gate" / "parity.npz").unlink()
    assert run("verify", "lungs", str(folder / "radiograph")).exit_code == 0
    assert "[bundle-missing]" in run("verify", "nothing").stdout


def test_without_bundles_there_is_nothing_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_module, "bundle_folders", tuple)
    assert run("list").stdout == "No bundle is installed.\n"
    done = run("verify")
    assert done.exit_code == 1
    assert done.stdout == "No bundle is installed.\n"


def test_a_bundle_is_shown_as_toml_or_json(folder: Path) -> None:
    shown = tomllib.loads(run("show", "radiograph").stdout)
    assert shown == json.loads(run("show", "radiograph", "--json").stdout)
    assert shown["folder"] == str(folder / "radiograph")
    assert shown["labels"][0]["name"] == "No finding"


def test_an_unknown_bundle_is_an_error() -> None:
    error: Any = run("show", "nothing").exception
    assert error.code == "bundle-missing"


def test_the_checklist_is_printed_or_written_in_three_forms(folder: Path, tmp_path: Path) -> None:
    assert run("claim", "radiograph").stdout.startswith("# radiograph 1.2.3\n")
    assert len(json.loads(run("claim", "radiograph", "--format", "json").stdout)["items"]) == 44
    out = tmp_path / "claim.html"
    done = run("claim", "radiograph", "--format", "html", "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, "")
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_a_history_without_decisions_names_what_is_in_force(folder: Path) -> None:
    digest = json.loads(run("show", "radiograph", "--json").stdout)["digest"]
    assert run("history", "radiograph").stdout == f"In force: {digest[:12]}.\n"
    told = json.loads(run("history", "radiograph", "--json").stdout)
    assert told == {"name": "radiograph", "in_force": digest, "decisions": []}


def test_a_way_back_to_nowhere_is_an_error(folder: Path) -> None:
    done = run("rollback", "radiograph", "--by", "tester")
    assert isinstance(done.exception, BundleError)
    assert done.exception.code == "rollback-none"
