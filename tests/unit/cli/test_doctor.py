"""`thoracle doctor`: lines as they are known, JSON, and exit codes."""

import json
from collections.abc import Callable, Iterator

import pytest
import typer
from typer.testing import CliRunner, Result

from thoracle.cli.doctor import doctor
from thoracle.jobs import doctor as job
from thoracle.jobs.doctor import Check

app = typer.Typer()
app.command()(doctor)

WELL = (
    Check(name="thoracle", text="0.1.0"),
    Check(name="decoder", text="it decodes", is_well=True, figures={"decode_ms": 1.5}),
)
WRONG = Check(name="home", text="found no folder – expected one.", is_well=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put made-up checks in the place of an examination."""

    def put(*checks: Check) -> None:
        def examine() -> Iterator[Check]:
            yield from checks

        monkeypatch.setattr(job, "examine_installation", examine)

    return put


def test_a_well_installation_is_exit_code_0(found: Callable[..., None]) -> None:
    found(*WELL)
    done = run()
    assert done.exit_code == 0
    assert done.stdout == "   --  thoracle: 0.1.0\n   ok  decoder: it decodes\n"


def test_a_fault_is_exit_code_1(found: Callable[..., None]) -> None:
    found(*WELL, WRONG)
    done = run()
    assert done.exit_code == 1
    assert "WRONG  home: found no folder" in done.stdout


def test_json_is_nothing_but_json(found: Callable[..., None]) -> None:
    found(*WELL, WRONG)
    done = run("--json")
    assert done.exit_code == 1
    rows = json.loads(done.stdout)
    assert [row["is_well"] for row in rows] == [None, True, False]
    assert rows[1] == {
        "name": "decoder", "text": "it decodes", "is_well": True, "figures": {"decode_ms": 1.5},
    }  # fmt: skip
