"""`thoracle breathing judge` prints and writes the report, and puts it onto a card where asked."""

from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner

from thoracle.cli.main import app

RUNNER = CliRunner()


def test_the_report_is_written_printed_and_attached(
    pattern_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    folder = pattern_bundle("eupnea")
    words = ["breathing", "judge", "--bundle", str(folder), "--windows", "70"]
    done = RUNNER.invoke(app, [*words, "--out", str(tmp_path / "report"), "--attach"])
    assert done.exit_code == 0, done.output
    assert "physiological breathing" in done.output
    written = sorted(one.name for one in (tmp_path / "report").iterdir())
    assert written == ["patterns.html", "patterns.json", "patterns.md"]
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "## Fresh simulated windows" in card
    assert "All breathing that it learned from is simulated" in card
