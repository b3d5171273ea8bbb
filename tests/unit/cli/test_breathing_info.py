"""`thoracle breathing info`: what it prints of a recording."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import ImageError

RUN = CliRunner()
LENGTH = "10 Hz · 1250 samples, 2 min 5.0 s"
UNSAID = "rate not said: give --rate-hz · 4 samples"


def test_every_channel_is_listed_with_rate_length_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{one / 10},{one % 3}," for one in range(1250) if one not in range(100, 125)]
    path.write_text("\n".join(["t_s,flow [L/s],x", *rows]))
    result = RUN.invoke(app, ["breathing", "info", str(path)])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "CSV, 2 channels",
        f"flow [L/s] · {LENGTH} · 25 missing, gaps: 1, the longest 2.5 s · 0 to 2",
        f"x, no unit · {LENGTH} · 1250 missing, gaps: 1, the longest 125.0 s",
    ]


def test_what_is_not_known_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1\n\nnan\nnan\n2\n")
    result = RUN.invoke(app, ["breathing", "info", str(path)])
    assert result.stdout.splitlines() == [
        "CSV, 1 channel",
        f"column 1, no unit · {UNSAID} · 2 missing, gaps: 1, the longest 2 samples · 1 to 2",
    ]


def test_time_without_a_unit_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,a\n0,1\n1,2\n2,3\n")
    result = RUN.invoke(app, ["breathing", "info", str(path)])
    assert "warning: found the unit – in the name of the time column" in result.stderr
    assert "none missing" in result.stdout
    result = RUN.invoke(app, ["breathing", "info", str(path), "--time-unit", "s"])
    assert (result.stderr, "1 Hz" in result.stdout) == ("", True)


def test_what_is_no_recording_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    result = RUN.invoke(app, ["breathing", "info", str(path)])
    assert isinstance(result.exception, ImageError)
    with pytest.raises(ImageError, match="The file is PDF"):
        raise result.exception
