"""The command `thoracle prognosis build`: what it writes, says and refuses."""

from pathlib import Path

from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import ChartError, SettingError
from thoracle.datasets.prognosis.cohort import read_cohort

RUNNER = CliRunner()
_WUHAN = (
    "PATIENT_ID,RE_DATE,Admission time,Discharge time,outcome,hemoglobin\n"
    "1,2020-02-01 11:00,2020-02-01 10:00,2020-02-11 10:00,0,130\n"
    ",2020-02-02 11:00,2020-02-01 10:00,2020-02-11 10:00,0,13\n"
)


def test_what_was_kept_out_is_said_and_the_rest_written(tmp_path: Path) -> None:
    (tmp_path / "made_up.csv").write_text(_WUHAN)
    asked = ["--source", f"wuhan={tmp_path / 'made_up.csv'}", "--out", str(tmp_path / "cohort")]
    result = RUNNER.invoke(app, ["prognosis", "build", *asked])
    assert result.exit_code == 0, result.output
    assert "wuhan: stays 1 (discharge 1), patients 1, variables 1, values 1" in result.output
    assert "- made_up.csv, hemoglobin, row 3: found 1 × values" in result.output
    assert "plausible in g/dL – expected the unit that was declared" in result.output
    assert read_cohort(tmp_path / "cohort").charts[0].values.tolist() == [130.0]


def test_simulated_patients_are_the_same_for_a_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        asked = ["--simulate", "30", "--seed", "4", "--out", str(tmp_path / name)]
        assert RUNNER.invoke(app, ["prognosis", "build", *asked]).exit_code == 0
    one, two = (read_cohort(tmp_path / name) for name in ("one", "two"))
    assert [c.outcome for c in one.charts] == [c.outcome for c in two.charts]


def test_no_source_and_a_place_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    asked = ["prognosis", "build", "--out", str(tmp_path / "x")]
    assert isinstance(RUNNER.invoke(app, asked).exception, ChartError)
    (tmp_path / "note.txt").write_text("x")
    asked = ["prognosis", "build", "--simulate", "3", "--out", str(tmp_path / "note.txt")]
    assert isinstance(RUNNER.invoke(app, asked).exception, SettingError)
