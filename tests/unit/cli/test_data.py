"""`thoracle data`: from a folder to manifest, split and report, with errors that say what to do."""

import json
import sys
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from typer.testing import CliRunner, Result

from thoracle.cli.data import data_app
from thoracle.core.errors import BundleError, ManifestError, SplitError
from thoracle.core.results import GateDecision, GateKind
from thoracle.datasets.duplicates import read_pairs
from thoracle.datasets.manifest import read_manifest, write_manifest
from thoracle.datasets.split import check_split, read_split, write_split


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(data_app, [str(argument) for argument in arguments])


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Sixteen films of eight patients in two classes; one is another's copy."""
    rng = np.random.default_rng(0)
    greys = []
    for _ in range(15):
        noise = ndimage.gaussian_filter(rng.normal(size=(150, 150)), 5)
        greys.append(np.asarray(np.clip(127 + 600 * noise, 0, 255), np.uint8))
    for index, grey in enumerate([*greys, greys[0]]):
        folder = tmp_path / "films" / ("normal" if index % 4 < 2 else "viral")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey).save(folder / f"{index // 2}_{index}.png")
    return tmp_path / "films"


@pytest.fixture
def manifest(films: Path, tmp_path: Path) -> Path:
    path = tmp_path / "m.csv"
    result = _run("build", "--folder", films, "--patient-pattern", r"^(\d+)_", "--out", path)
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def split(manifest: Path, tmp_path: Path) -> Path:
    path = tmp_path / "split.csv"
    assert _run("split", manifest, "--out", path).exit_code == 0
    return path


def test_build_writes_a_manifest_and_says_what_is_in_it(manifest: Path) -> None:
    read = read_manifest(manifest)
    assert len(read.films) == 16
    assert len({film.patient for film in read.films}) == 8
    assert all(film.sha256 for film in read.films)


def test_build_prints_count_and_digest(films: Path, tmp_path: Path) -> None:
    out = tmp_path / "n.csv"
    result = _run("build", "--folder", films, "--no-hash", "--out", out)
    assert result.stdout == f"16 films, digest {read_manifest(out).digest}, written to {out}\n"


def test_build_reads_collections_and_tables_by_name(films: Path, tmp_path: Path) -> None:
    kids = tmp_path / "kids/NORMAL"
    kids.mkdir(parents=True)
    (kids / "IM-0001-0001.jpg").write_bytes(b"x")
    (tmp_path / "t.csv").write_text("path\nfilms/normal/0_0.png\n")
    out = tmp_path / "n.csv"
    result = _run(
        "build", "--source", f"kermany={kids.parent}", "--table", tmp_path / "t.csv", "--out", out
    )
    assert result.exit_code == 0
    assert {film.source for film in read_manifest(out).films} == {"kermany", "t"}


@pytest.mark.parametrize("text", ["cohen", "cohen="])
def test_a_source_without_folder_shows_the_form(text: str, tmp_path: Path) -> None:
    result = _run("build", "--source", text, "--out", tmp_path / "m.csv")
    assert isinstance(result.exception, ManifestError)
    assert "expected NAME=DIR" in str(result.exception)


def test_split_is_whole_and_repeats_with_its_duplicates_beside_it(
    manifest: Path, split: Path, tmp_path: Path
) -> None:
    made = read_split(split)
    check_split(read_manifest(manifest), made, [])
    names = made.by_path()
    assert names["normal/0_0.png"] == names["viral/7_15.png"]
    beside = tmp_path / "split.duplicates.csv"
    assert "normal/0_0.png,viral/7_15.png" in beside.read_text()
    again = tmp_path / "again.csv"
    result = _run("split", manifest, "--out", again, "--duplicates", beside)
    assert read_split(again) == made
    assert made.digest in result.stdout
    digest = read_manifest(manifest).digest
    kept = [read_pairs(tmp_path / f"{name}.duplicates.csv", manifest_digest=digest)
            for name in ("split", "again")]  # fmt: skip
    assert len(kept[0]) == 1
    assert kept[0] == kept[1]


def test_shares_of_zero_leave_a_split_out(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    options = ("--train", "0.5", "--tune", "0", "--calibrate", "0", "--test", "0.5")
    assert _run("split", manifest, "--out", out, *options).exit_code == 0
    assert set(read_split(out).by_path().values()) == {"train", "test"}


def test_audit_writes_page_json_and_pairs(manifest: Path, split: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    result = _run("audit", manifest, "--split", split, "--out", out)
    assert result.exit_code == 0, result.output
    assert "16 films in 7 groups, 1 near-duplicate pairs, 0 torn" in result.stdout
    content = json.loads((out / "audit.json").read_text())
    assert [pair["b"] for pair in content["pairs"]] == ["viral/7_15.png"]
    assert "data:image/png" in (out / "audit.html").read_text()
    assert (out / "duplicates.csv").is_file()


def test_no_films_keeps_pictures_out_of_the_page(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    assert _run("audit", manifest, "--no-films", "--out", out).exit_code == 0
    assert "data:image/png" not in (out / "audit.html").read_text()


def test_a_leaking_split_is_reported_and_then_an_error(
    manifest: Path, split: Path, tmp_path: Path
) -> None:
    made = read_split(split)
    rows = tuple(
        replace(row, split="test" if row.split == "train" else "train")
        if row.path == "normal/0_0.png"
        else row
        for row in made.rows
    )
    write_split(replace(made, rows=rows), split)
    out = tmp_path / "report"
    result = _run("audit", manifest, "--split", split, "--out", out)
    assert isinstance(result.exception, SplitError)
    assert result.exception.code == "split-leak"
    assert json.loads((out / "audit.json").read_text())["leaks"]


def test_a_gate_is_opened_by_name_and_asked_about_every_film(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def gate_decider(bundle: str) -> object:
        opened.append(bundle)
        return lambda path: GateDecision(
            accepted=path.parent.name == "normal",
            kind=GateKind.LATERAL_CHEST,
            probability=0.9,
            rotation_degrees=0,
        )

    module = types.ModuleType("thoracle.jobs.gate_check")
    module.gate_decider = gate_decider  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "thoracle.jobs.gate_check", module)
    out = tmp_path / "report"
    assert _run("audit", manifest, "--gate", "mygate", "--out", out).exit_code == 0
    assert opened == ["mygate"]
    refused = json.loads((out / "audit.json").read_text())["refused"]
    assert len(refused) == 8
    assert {film["kind"] for film in refused} == {"lateral_chest"}


def test_an_error_is_one_line_and_comes_before_any_work(tmp_path: Path) -> None:
    result = _run("split", tmp_path / "none.csv", "--out", tmp_path / "s.csv")
    assert result.exit_code == 1
    assert isinstance(result.exception, ManifestError)
    assert "\n" not in result.exception.text
    assert not (tmp_path / "s.csv").exists()


def test_an_audit_takes_the_usual_names_when_none_is_given(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("m.csv", "m.csv.json"):
        (tmp_path / name).rename(tmp_path / name.replace("m.csv", "manifest.csv"))
    assert _run("audit", "--no-films").exit_code == 0
    assert (tmp_path / "audit" / "audit.html").is_file()


@pytest.mark.parametrize("command", ["split", "audit"])
def test_lungs_are_compared_too_when_a_bundle_is_named(
    manifest: Path, tmp_path: Path, command: str
) -> None:
    result = _run(command, manifest, "--lungs", "nowhere", "--out", tmp_path / "out.csv")
    assert isinstance(result.exception, BundleError)
    assert not (tmp_path / "out.csv").exists()


def test_several_sites_and_sources_can_be_left_out(manifest: Path, tmp_path: Path) -> None:
    read = read_manifest(manifest)
    sites = ("Italy", "Spain", "", "")
    number = [int(Path(film.path).stem.split("_")[0]) for film in read.films]  # of the patient
    films = [
        replace(film, site=sites[one % 4], source=f"s{one % 3}")
        for film, one in zip(read.films, number, strict=True)
    ]
    write_manifest(read.select(films), manifest)

    def external(*options: str) -> set[str]:
        result = _run("split", manifest, "--out", tmp_path / "s.csv", *options)
        assert result.exit_code == 0, result.output
        named = read_split(tmp_path / "s.csv").by_path()
        return {path for path, part in named.items() if part == "external"}

    italy, spain = (
        {film.path for film in films if film.site == site} for site in ("Italy", "Spain")
    )
    found = external("--leave-out-site", "Italy", "--leave-out-site", "Spain")
    assert found == italy | spain
    both = {film.path for film in films if film.source in {"s0", "s1"}}
    assert external("--leave-out-source", "s0", "--leave-out-source", "s1") == both
