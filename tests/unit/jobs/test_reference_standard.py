"""From files to a folder: whole or not at all, without identifiers, ready to be split."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PIL import Image

from thoracle.core.errors import ThoracleError
from thoracle.datasets.manifest import read_manifest
from thoracle.datasets.reference_standard.problems import TablesError
from thoracle.datasets.reference_standard.simulated import Errors
from thoracle.datasets.split import check_split
from thoracle.imaging.decode import is_synthetic_file
from thoracle.jobs.data import SplitPlan, split_manifest
from thoracle.jobs.pseudonyms import KEY_NAME, Pseudonyms
from thoracle.jobs.reference_standard import (
    ReferenceBuilt,
    ReferenceRequest,
    ReferenceStandardError,
    build_reference,
    recovery,
    write_default_plan,
)
from thoracle.jobs.simulate_hospital import write_hospital

TABLES = ("xrays", "admissions", "codes", "microbiology")
MakeRequest = Callable[..., ReferenceRequest]


def _quiet(_stage: str, _done: int, _of: int) -> None:
    pass


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    """Write the tables of a hospital with 40 patients."""
    folder = tmp_path / "tables"
    write_hospital(
        folder, patients=40, seed=1, errors=Errors(), with_films=False, on_progress=_quiet
    )
    return folder


@pytest.fixture
def request_of(tmp_path: Path, hospital: Path) -> MakeRequest:
    """Return a function that makes a request, changed as asked."""
    plain = ReferenceRequest(
        **{name: str(hospital / f"{name}.csv") for name in TABLES},
        plan=None,
        films=None,
        source="hospital",
        key_folder=tmp_path / "keys",
        out=tmp_path / "out",
    )
    return lambda **change: replace(plain, **change)


def _build(request: ReferenceRequest) -> ReferenceBuilt:
    return build_reference(request, on_progress=_quiet)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_everything_is_written_and_agrees(request_of: MakeRequest) -> None:
    request = request_of()
    built = _build(request)
    assert sorted(path.name for path in request.out.iterdir()) == [
        "cohort.html", "cohort.json", "cohort.svg", "cohort.txt", "conflicts.csv",
        "covariates.csv", "decisions.csv", "manifest.csv", "manifest.csv.json",
    ]  # fmt: skip
    manifest = read_manifest(request.out / "manifest.csv")
    assert manifest.digest == built.report.manifest_digest
    assert manifest.root == request.out
    last = built.report.flow.steps[-1]
    assert len(manifest.films) == last.xrays == len(_rows(request.out / "covariates.csv"))
    assert len({film.patient for film in manifest.films}) == last.patients
    assert sum(count for _, count in built.report.flow.classes) == last.xrays
    assert json.loads((request.out / "cohort.json").read_bytes())["flow"][-1]["xrays"] == last.xrays
    table = built.report.flow.steps[0].xrays
    assert len(_rows(request.out / "decisions.csv")) == table


def test_labels_come_back_as_the_truth_says(request_of: MakeRequest, hospital: Path) -> None:
    found = recovery(_build(request_of()), hospital / "truth.csv")
    assert found.lost == 0
    assert found.exact > 50


def test_a_truth_of_other_tables_is_refused(request_of: MakeRequest, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("accession,label\nX,normal\n", encoding="utf-8")
    with pytest.raises(ReferenceStandardError, match="found no true label of"):
        recovery(_build(request_of()), truth)


def test_no_identifier_is_left_in_any_file_or_name(request_of: MakeRequest, hospital: Path) -> None:
    request = request_of()
    _build(request)
    secrets = {
        row[name]
        for table in ("xrays", "admissions")
        for row in _rows(hospital / f"{table}.csv")
        for name in ("patient", "admission", "accession", "reader", "path", "taken", "born")
        if row.get(name) and row[name] != "consensus"
    }
    assert len(secrets) > 400
    for path in request.out.rglob("*"):
        text = path.name + (path.read_text(encoding="utf-8") if path.is_file() else "")
        assert [secret for secret in secrets if secret in text] == []


def test_the_key_stays_outside_and_makes_the_same_pseudonyms(request_of: MakeRequest) -> None:
    first, again = request_of(), request_of(out=request_of().out.with_name("again"))
    _build(first)
    _build(again)
    assert (first.key_folder / KEY_NAME).is_file()
    one, other = (read_manifest(each.out / "manifest.csv") for each in (first, again))
    assert one.digest == other.digest
    keyed = Pseudonyms(first.key_folder, keeps_identifiers=False)
    known = {f"hospital:{keyed.of(f'SIM{index:04d}')}" for index in range(40)}
    assert {film.patient for film in one.films} <= known


def test_another_key_makes_other_pseudonyms(request_of: MakeRequest, tmp_path: Path) -> None:
    _build(request_of())
    _build(request_of(key_folder=tmp_path / "k2", out=tmp_path / "o2"))
    one, other = (read_manifest(tmp_path / each / "manifest.csv") for each in ("out", "o2"))
    assert {film.patient for film in one.films}.isdisjoint(film.patient for film in other.films)


def test_the_key_may_not_lie_in_the_output(request_of: MakeRequest) -> None:
    request = request_of()
    for inside in (request.out, request.out / "keys"):
        with pytest.raises(ReferenceStandardError, match="the key folder inside the output"):
            _build(request_of(key_folder=inside))


def test_patients_are_never_in_two_splits(request_of: MakeRequest) -> None:
    request = request_of()
    _build(request)
    manifest = read_manifest(request.out / "manifest.csv")
    split = split_manifest(manifest, [], SplitPlan(seed=0))
    check_split(manifest, split, [])
    places: dict[str | None, set[str]] = {}
    for film in manifest.films:
        places.setdefault(film.patient, set()).add(split.by_path()[film.path])
    assert max(len(each) for each in places.values()) == 1
    assert len(split.by_path()) == len(manifest.films)


def test_wrong_tables_write_nothing(request_of: MakeRequest, hospital: Path) -> None:
    request = request_of()
    path = hospital / "codes.csv"
    path.write_text(path.read_text(encoding="utf-8") + "ADM0000-0,nonsense\nNONE,J13\n")
    with pytest.raises(TablesError) as got:
        _build(request)
    assert len(got.value.problems) == 2
    assert "NONE" not in str(got.value)
    assert not request.out.exists()
    assert sorted(one.name for one in request.out.parent.iterdir()) == ["tables"]


def test_a_fault_while_writing_leaves_nothing(
    request_of: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_of()

    def fail(_report: object) -> str:
        raise OSError

    monkeypatch.setattr("thoracle.jobs.reference_standard.cohort_html", fail)
    with pytest.raises(OSError):  # noqa: PT011  (any)
        _build(request)
    assert not request.out.exists()
    assert not list(request.out.parent.glob(".reference-*"))


def test_a_folder_with_files_is_kept(request_of: MakeRequest) -> None:
    request = request_of()
    request.out.mkdir()
    (request.out / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(ReferenceStandardError, match="found files in out"):
        _build(request)
    assert (request.out / "mine.txt").read_text(encoding="utf-8") == "kept"


def test_an_empty_folder_is_used(request_of: MakeRequest) -> None:
    request = request_of()
    request.out.mkdir()
    _build(request)
    assert (request.out / "manifest.csv").is_file()


@pytest.mark.parametrize("source", ["", "St. Mary", "../x", "A", "-"])
def test_a_source_has_a_plain_name(request_of: MakeRequest, source: str) -> None:
    with pytest.raises(ReferenceStandardError, match="a source name with other signs"):
        _build(request_of(source=source))


def test_readers_who_stay_undecided_are_told_by_row(
    request_of: MakeRequest, hospital: Path
) -> None:
    path = hospital / "xrays.csv"
    rows = _rows(path)
    number = next(
        i for i, row in enumerate(rows) if row["suspected"] == "yes" and row["view"] == "AP"
    )
    alone = [row for row in rows if row["accession"] != rows[number]["accession"]]
    alone.append({**rows[number], "reader": "Dr One", "reading": "uncertain"})
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(alone)
    assert len(alone) + 1 in _build(request_of()).undecided_rows


def _draw(folder: Path, hospital: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for row in _rows(hospital / "xrays.csv"):
        grey = rng.integers(0, 65536, (20, 24)).astype(np.uint16)
        Image.fromarray(grey).save(folder / row["path"], pnginfo=None)


def test_films_are_written_anew_under_pseudonyms(
    request_of: MakeRequest, hospital: Path, tmp_path: Path
) -> None:
    _draw(tmp_path / "films", hospital)
    request = request_of(films=tmp_path / "films")
    built = _build(request)
    manifest = read_manifest(request.out / "manifest.csv")
    written = sorted(path.name for path in (request.out / "films").iterdir())
    assert written == sorted(Path(film.path).name for film in manifest.films)
    assert all(film.sha256 for film in manifest.films)
    assert built.report.with_films
    originals = {np.asarray(Image.open(path)).tobytes() for path in (tmp_path / "films").iterdir()}
    for film in manifest.films:
        assert np.asarray(Image.open(manifest.resolve(film))).tobytes() in originals


def test_a_header_is_not_carried_over_but_the_mark_of_a_synthetic_film_is(
    request_of: MakeRequest, hospital: Path, tmp_path: Path
) -> None:
    write_hospital(
        hospital, patients=3, seed=1, errors=Errors(), with_films=True, on_progress=_quiet
    )
    for path in (hospital / "films").iterdir():
        assert b"Description" in path.read_bytes()
    request = request_of(films=hospital / "films")
    _build(request)
    films = list((request.out / "films").iterdir())
    assert films
    for path in films:
        assert is_synthetic_file(path)
        assert b"Description" not in path.read_bytes()


@pytest.mark.parametrize("change", ["missing", "outside", "text"])
def test_a_film_that_is_not_one_is_told_by_row_and_nothing_is_written(
    request_of: MakeRequest, hospital: Path, tmp_path: Path, change: str
) -> None:
    folder = tmp_path / "films"
    _draw(folder, hospital)
    built = _build(request_of(out=tmp_path / "first"))
    name = f"{next(iter(built.labels_of))}.png"
    if change == "text":
        (folder / name).write_text("no film", encoding="utf-8")
    else:
        (folder / name).rename(tmp_path / name)
    if change == "outside":
        path = hospital / "xrays.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(name, f"../{name}"))
    with pytest.raises(TablesError) as got:
        _build(request_of(films=folder))
    (problem,) = got.value.problems
    assert problem.table == "xrays"
    assert problem.rows
    assert "ACC" not in problem.text
    assert not request_of().out.exists()


def test_the_plan_of_a_hospital_is_used_and_told(request_of: MakeRequest, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[cohort]\nadmissions = "all"\n', encoding="utf-8")
    more = _build(request_of(plan=plan, out=tmp_path / "all")).report
    first = _build(request_of()).report
    assert more.flow.steps[-1].xrays > first.flow.steps[-1].xrays
    assert more.plan_digest != first.plan_digest


def test_conflicts_are_listed(request_of: MakeRequest, hospital: Path) -> None:
    errors = Errors(contaminated=1.0)
    write_hospital(
        hospital, patients=40, seed=1, errors=errors, with_films=False, on_progress=_quiet
    )
    request = request_of()
    built = _build(request)
    rows = _rows(request.out / "conflicts.csv")
    assert rows
    assert all("|" in row["label"] for row in rows)
    stays = {row["admission"] for row in rows if not row["left_out"]}
    assert sum(count for _, count in built.report.conflicts) == len(stays)


def test_the_shipped_plan_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    write_default_plan(path)
    with pytest.raises(ReferenceStandardError, match=r"found plan\.toml there already"):
        write_default_plan(path)
    assert "[[codes]]" in path.read_text(encoding="utf-8")


def test_every_error_is_one_of_the_package(request_of: MakeRequest, tmp_path: Path) -> None:
    with pytest.raises(ThoracleError, match="found no table that can be read"):
        _build(request_of(codes=str(tmp_path / "none.csv")))


def test_one_workbook_with_four_sheets_gives_the_same_as_four_csv_files(
    request_of: MakeRequest, hospital: Path, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in TABLES:
        rows = _rows(hospital / f"{name}.csv")
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    path = tmp_path / "hospital.xlsx"
    book.save(path)
    sheets = {name: f"{path}#{name}" for name in TABLES}
    built = _build(request_of(**sheets, out=tmp_path / "other"))
    assert built.report == _build(request_of()).report
