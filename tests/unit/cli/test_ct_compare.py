"""`thoracle ct compare` and `repeatability` pass on what they are told, and print what changed."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.ct.courses import KNOWN, course
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.jobs import ct_compare
from thoracle.jobs.ct_compare import FollowUpOptions, GivenScan

RUNNER = CliRunner()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return what the use cases were asked, without their work."""
    said: dict[str, object] = {}

    def compare(given: Sequence[GivenScan], options: FollowUpOptions, _pool: object) -> object:
        said.update(given=given, options=options)
        return course()

    def learn(
        pairs: Sequence[object], options: FollowUpOptions, _pool: object, *, labeled_by: str
    ) -> object:
        said.update(pairs=pairs, options=options, labeled_by=labeled_by)
        return KNOWN

    monkeypatch.setattr(ct_compare, "compare_scans", compare)
    monkeypatch.setattr(ct_compare, "learn_repeatability", learn)
    return said


def _options(asked: Mapping[str, object]) -> FollowUpOptions:
    options = asked["options"]
    assert isinstance(options, FollowUpOptions)
    return options


def test_scans_labels_dates_and_trust_are_passed_on(
    asked: dict[str, object], tmp_path: Path
) -> None:
    found = RUNNER.invoke(
        app,
        ["ct", "compare", "a.nii", "b.nii", "--labels", "la.nii", "--labels", "lb.nii",
         "--dates", "2020-03-01", "--dates", "2020-03-09", "--assume-window", "-1350", "150",
         "--grey-range", "0", "4095", "--same-patient", "--out", str(tmp_path / "out")],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert asked["given"] == [
        GivenScan(path=Path("a.nii"), labels=Path("la.nii"), day="2020-03-01"),
        GivenScan(path=Path("b.nii"), labels=Path("lb.nii"), day="2020-03-09"),
    ]
    assert _options(asked).trust.assume_window == (-1350.0, 150.0)
    assert _options(asked).trust.grey_range == (0.0, 4095.0)
    assert _options(asked).same_patient
    assert "From 2020-03-01 to 2020-03-09 (days: 8)" in found.output
    assert "In words: grew." in found.output
    assert (tmp_path / "out" / "report.pdf").exists()


def test_without_labels_and_dates_the_bundle_and_the_files_are_asked(
    asked: dict[str, object], tmp_path: Path
) -> None:
    found = RUNNER.invoke(app, ["ct", "compare", "a", "b", "--out", str(tmp_path)])
    assert found.exit_code == 0, found.output
    assert asked["given"] == [GivenScan(path=Path("a")), GivenScan(path=Path("b"))]
    assert (_options(asked).bundle, _options(asked).threads) == ("ct", 1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["a", "b", "--labels", "l"], "2 scans and 1 times --labels"),
        (["a", "b", "--dates", "2020-03-01"], "2 scans and 1 times --dates"),
        (["a", "b", "--language", "de"], "de is none of en, pt"),
    ],
)
def test_what_does_not_belong_together_is_told(
    asked: dict[str, object], words: list[str], why: str
) -> None:
    found = RUNNER.invoke(app, ["ct", "compare", *words], env={"COLUMNS": "200"})
    assert found.exit_code == 2
    assert why in found.output
    assert asked == {}


def test_noise_is_written_and_printed(asked: dict[str, object], tmp_path: Path) -> None:
    found = RUNNER.invoke(
        app,
        ["ct", "repeatability", "a", "b", "c", "d", "--labeled-by", "us",
         "--out", str(tmp_path / "noise.toml")],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    given = [GivenScan(path=Path(one)) for one in "abcd"]
    assert asked["pairs"] == [(given[0], given[1]), (given[2], given[3])]
    assert asked["labeled_by"] == "us"
    written = (tmp_path / "noise.toml").read_text(encoding="utf-8")
    assert tomllib.loads(written)["border_mm"]["infection"] == 0.3
    assert found.output.strip() == written.strip()


def test_an_odd_scan_is_no_pair(asked: dict[str, object]) -> None:
    found = RUNNER.invoke(app, ["ct", "repeatability", "a", "b", "c"], env={"COLUMNS": "200"})
    assert found.exit_code == 2
    assert "3 scans are not pairs" in found.output
