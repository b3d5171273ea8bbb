"""`thoracle prognosis study` runs a study on a file, and refuses another file."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app


@pytest.mark.parametrize("study", ["sirio", "carbon"])
def test_another_file_is_refused(study: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    line = ["prognosis", "study", study, str(tmp_path / "other.csv"), "--out", str(tmp_path / "o")]
    found = CliRunner().invoke(app, line)
    assert found.exit_code != 0
    assert not (tmp_path / "o").exists()
