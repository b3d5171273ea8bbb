import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from thoracle.cli.main import app
from thoracle.datasets.prognosis.cohort import Cohort, write_cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.prognosis_predict import OpenedReader
from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.reading import reading_from_json
from thoracle.prognosis.types import Chart


@pytest.fixture(autouse=True)
def _reader(chart_reader: ChartReader, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = OpenedReader(reader=chart_reader, reference=open_bundle("breathing").reference)
    monkeypatch.setattr(OpenedReader, "open", lambda _: opened)


@pytest.fixture
def one(tmp_path: Path, sick_chart: Chart) -> Path:
    cohort = Cohort(name="made up", charts=(sick_chart,), problems=(), sources=())
    write_cohort(cohort, tmp_path / "one")
    return tmp_path / "one"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    write_cohort(simulate_cohort(6, rng=np.random.default_rng(1)), tmp_path / "many")
    return tmp_path / "many"


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["prognosis", "predict", *map(str, words)])


def test_one_patient_is_told_in_plain_words(one: Path) -> None:
    result = _run(one, "--at", "51")
    assert result.exit_code == 0, result.output
    said = result.stdout
    assert "Course of synthetic-1: 71 years, male; 8 measurements of 5 variables" in said
    assert "Risk of death until discharge: " in said
    assert "Lactate dehydrogenase 280 → 620 U/L (3 values) high" in said
    assert "Three-marker rule: death. LDH is 620 U/L, 365 or more: the rule says death." in said
    assert "NEWS2: 4 to 18 points: 5 of 7 observations are not known" in said
    assert "Research use only." in said
    assert "nan" not in said


def test_what_would_move_the_risk_is_told_of_what_is_measured_and_of_what_never_was(
    one: Path,
) -> None:
    said = _run(one, "--at", "26").stdout
    assert "Glucose, measured never: likely 7 (" in said
    assert "Lactate dehydrogenase, measured 24 h before: likely 280 (" in said


def test_without_a_time_it_is_the_last_measurement(one: Path) -> None:
    assert "day 3, 18 h after admission" in _run(one).stdout


def test_everything_is_written_as_json_and_as_a_report(one: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "told.json", tmp_path / "told.html"
    result = _run(one, "--at", "51", "--json", out, "--html", page, "--language", "pt")
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text("utf-8"))
    assert document["schema"] == "thoracle chart reading 1"
    assert document["disclaimer"].startswith("Research use only.")
    reading = reading_from_json(document)
    assert reading.patient == "synthetic-1"
    assert reading.provenance is not None
    assert reading.provenance.bundles[0].name == "breathing"
    assert '<html lang="pt">' in page.read_text("utf-8")


def test_warnings_go_to_the_error_stream(one: Path) -> None:
    result = _run(one, "--at", "5")
    assert "[chart-few-variables]" in result.stderr
    assert "[chart-few-variables]" not in result.stdout


def test_a_refusal_is_a_result(one: Path) -> None:
    result = _run(one, "--at", "1")
    assert result.exit_code == 0
    assert "Nothing was measured up to then: no risk is told." in result.stdout


def test_many_patients_have_a_line_each(many: Path) -> None:
    result = _run(many, "--at", "24")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["patient"] for row in rows] == [f"simulated-{one:06d}" for one in range(1, 7)]
    for row in rows:
        risks = [float(row[name]) for name in list(row)[5:9]]
        assert risks == sorted(risks)
        assert float(row["low_discharge"]) < risks[-1] < float(row["high_discharge"])


def test_one_of_many_can_be_chosen(many: Path) -> None:
    assert "Course of simulated-000004" in _run(many, "--patient", "simulated-000004").stdout


def test_several_files_are_read_together(one: Path, many: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_run(one, many).stdout)))
    assert len(rows) == 7
    assert "Course of synthetic-1" in _run(one, many, "--patient", "synthetic-1").stdout


def test_a_report_needs_one_patient(many: Path, tmp_path: Path) -> None:
    result = _run(many, "--json", tmp_path / "x.json")
    assert result.exit_code == 2
    assert "found several patients" in result.stderr
    assert not (tmp_path / "x.json").exists()


def test_half_of_a_prevalence_is_refused(one: Path, tmp_path: Path) -> None:
    result = _run(one, "--place", "Porto")
    assert result.exit_code == 2
    assert "found only some of --film" in result.stderr


def test_an_unknown_language_is_refused(one: Path) -> None:
    result = _run(one, "--language", "xx")
    assert result.exit_code == 2
    assert "en or pt" in result.stderr


def test_a_films_diagnosis_is_told_at_the_local_prevalence(one: Path, tmp_path: Path) -> None:
    bundle = open_bundle("radiograph").reference
    film = {
        "findings": [{"label": "COVID-19", "probability": 0.7}],
        "provenance": {"bundles": [{"name": bundle.name, "digest": bundle.digest}]},
    }
    (tmp_path / "film.json").write_text(json.dumps([film]))
    (tmp_path / "table.csv").write_text("place,week,cases,population\nPorto,2020-W06,40,1000\n")
    asked = ["--film", tmp_path / "film.json", "--prevalence", tmp_path / "table.csv"]
    told = ["--json", tmp_path / "told.json"]
    result = _run(one, "--at", "51", "--place", "Porto", *map(str, [*asked, *told]))
    assert result.exit_code == 0, result.output
    assert "COVID-19: 70 % by the film alone becomes" in result.stdout
    assert json.loads((tmp_path / "told.json").read_text())["prior"]["week"] == "2020-W06"


def test_what_was_kept_out_is_said(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text(
        "patient,time_h,variable,value,unit\nmade-up,2,ldh,300,U/L\nmade-up,2,ldh,9e9,U/L\n"
    )
    result = _run(path)
    assert result.exit_code == 0, result.output
    assert "kept out: made_up.csv, ldh, row 3" in result.stderr


def test_of_one_of_many_it_is_only_said_how_much_was_kept_out(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("id,hour,LDH\n1,2,300\n2,2,400\n2,3,9e9\n")
    (tmp_path / "ward.toml").write_text(
        'name = "ward"\nlayout = "wide"\npatient = "id"\n'
        'time = { column = "hour", kind = "hours" }\n'
        '[[values]]\ncolumn = "LDH"\nvariable = "ldh"\nunit = "U/L"\n'
    )
    asked = tmp_path / "ward.csv", "--schema", tmp_path / "ward.toml"
    said = _run(*asked, "--patient", "1").stderr
    assert "kept out: 1 in the list of all 2 stays, which does not name patients." in said
    assert "row 4" not in said
    assert "kept out: ward.csv, ldh, row 4" in _run(*asked).stderr


def test_an_admission_may_be_said_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text("at,variable,value,unit\n2020-02-02T10:00,ldh,300,U/L\n")
    result = _run(path, "--admitted", "2020-02-01T10:00")
    assert "1 measurements of 1 variables" in result.stdout
    assert result.stderr.count("kept out") == 0


def test_the_help_is_of_options_alone() -> None:
    assert "Raises" not in _run("--help").stdout
