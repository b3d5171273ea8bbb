"""The command texture writes its table, tells what failed, and ends accordingly."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.arrays import FloatArray
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, read_manifest, write_manifest
from thoracle.datasets.split import make_split, write_split
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.jobs import texture as measuring
from thoracle.jobs import texture_baseline as baseline
from thoracle.jobs import texture_worker
from thoracle.jobs.evaluation_scope import EvaluationScope, Report
from thoracle.jobs.texture import MeasuredFile, TextureOptions

RUNNER = CliRunner()
Draw = Callable[..., FloatArray]
AsPng = Callable[[FloatArray], bytes]


@pytest.fixture
def folder(tmp_path: Path, bundles: Path, draw: Draw, as_png: AsPng) -> Path:
    """One film that can be measured and a file that cannot."""
    measuring._models.cache_clear()
    films = tmp_path / "films"
    films.mkdir()
    (films / "a.png").write_bytes(as_png(draw()))
    (films / "b.png").write_bytes(b"nothing")
    return films


def test_a_folder_becomes_a_table_and_a_bad_file_is_named(folder: Path, tmp_path: Path) -> None:
    out, plots = tmp_path / "t.csv", tmp_path / "plots"
    options = ["--out", str(out), "--no-wavelets", "--workers", "1", "--plots", str(plots)]
    found = RUNNER.invoke(app, ["texture", str(folder), *options])

    assert found.exit_code == 1
    assert "1 measured, 1 not." in found.output
    assert "b.png:" in found.stderr
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert rows[0]["region"] == "lungs"
    assert float(rows[0]["cm_joint_entr"]) > 0
    assert rows[-1]["error"]
    assert (plots / "texture-regions.svg").is_file()


def test_options_reach_the_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[TextureOptions] = []

    def measure(paths: list[Path], options: TextureOptions, *, workers: int | None) -> object:
        asked.append(options)
        assert workers == 3
        return iter([MeasuredFile(file=str(path)) for path in paths])

    monkeypatch.setattr(texture_worker, "measure_files", measure)
    found = RUNNER.invoke(
        app,
        [
            "texture", "a.nii.gz", "--mask", "m.nii.gz", "--label", "1,3", "--bin-size", "25",
            "--lowest", "-1000", "--aggregation", "2_5D_comb", "--workers", "3",
            "--out", str(tmp_path / "t.csv"),
        ],
    )  # fmt: skip

    assert found.exit_code == 0, found.output
    assert asked[0].labels == (1, 3)
    assert asked[0].aggregation is Aggregation.MERGED_25D
    assert (asked[0].binning.bin_size, asked[0].binning.lowest) == (25.0, -1000.0)
    assert asked[0].binning.bins is None


def test_ctrl_c_says_where_the_rows_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(paths: list[Path], *_: object, workers: int | None) -> Iterator[MeasuredFile]:
        yield MeasuredFile(file=str(paths[0]))
        raise KeyboardInterrupt

    monkeypatch.setattr(texture_worker, "measure_files", measure)
    out = tmp_path / "t.csv"
    found = RUNNER.invoke(app, ["texture", "a.png", "b.png", "--out", str(out)])

    assert found.exit_code == 130
    assert f"interrupted: 1 of 2 done; their rows are in {out}.partial." in found.stderr
    assert (tmp_path / "t.csv.partial").is_file()


@pytest.mark.parametrize(
    "wrong", [["--label", "one"], ["--aggregation", "4D"], ["--bin-size", "-1"]]
)
def test_a_wrong_option_is_refused(wrong: list[str], tmp_path: Path) -> None:
    found = RUNNER.invoke(app, ["texture", "a.nii", "--out", str(tmp_path / "t.csv"), *wrong])

    assert found.exit_code == 2
    assert "expected" in found.output


def test_the_baseline_gets_its_split_and_leaves_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = [
        Film(path=f"{number}.png", source="here", patient=str(number), label="normal")
        for number in range(40)
    ]
    path, split = tmp_path / "manifest.csv", tmp_path / "split.csv"
    write_manifest(Manifest(films=tuple(films), root=tmp_path), path)
    write_split(make_split(read_manifest(path), [], {"tune": 0.5, "test": 0.5}, 0), split)
    asked: list[tuple[str, EvaluationScope]] = []

    def judge(
        bundle: str, scope: EvaluationScope, *, folder: Path, workers: int
    ) -> tuple[Report, None]:
        asked.append((bundle, scope))
        return Report(name="x", json=b"{}", markdown="said", stem="baseline"), None

    monkeypatch.setattr(baseline, "texture_baseline", judge)
    out = tmp_path / "out"
    found = RUNNER.invoke(
        app, ["texture-baseline", str(path), "--split", str(split), "--out", str(out)]
    )

    assert found.exit_code == 0, found.output
    assert asked[0][0] == "radiograph"
    assert asked[0][1].populations == ("adult",)
    assert asked[0][1].splits is not None
    assert (out / "baseline.md").read_text("utf-8") == "said"
