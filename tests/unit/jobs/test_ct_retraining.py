"""Corrected scans get their part by patient, and nothing that was seen ever judges."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image

from thoracle.core.errors import ManifestError
from thoracle.datasets.ct_cases import CtCase, read_case, read_cases
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.ct_retraining import (
    CtRetrainingCases,
    digest_of,
    gather_cases,
    need_own_cases,
    retraining_cases,
)

Row = tuple[str, str, int, str]
"""Case, patient, seed of its voxels, reader."""
FORMER: tuple[Row, ...] = (("a", "p1", 1, ""), ("b", "p2", 2, ""), ("c", "p3", 3, ""))


def _save(values: Any, path: Path) -> None:
    affine = np.diag([-2.0, -2.0, 5.0, 1.0])
    Nifti1Image(values, affine).to_filename(path)  # type: ignore[no-untyped-call]


def _cases(folder: Path, rows: Sequence[Row]) -> tuple[CtCase, ...]:
    folder.mkdir(exist_ok=True)
    table = [("case", "patient", "unit", "reader")]
    for name, patient, seed, reader in rows:
        voxels = np.random.default_rng(seed).integers(-1000, 100, (5, 4, 3)).astype(np.int16)
        voxels[0, 0, 0] = -1000
        _save(voxels, folder / f"{name}_image.nii.gz")
        _save(np.ones((5, 4, 3), np.uint8), folder / f"{name}_labels.nii.gz")
        table.append((name, patient, "HU", reader))
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(table)
    return read_cases(folder)


@pytest.fixture
def champion(ct_bundle: Callable[..., Path]) -> Bundle:
    """It learned from a and b, of p1 and p2."""
    folder = ct_bundle(patients="p1, p2")
    table = read_description(folder)
    table["training"]["cases"] = "a, b"
    write_description(folder, table)
    return open_bundle(str(folder))


@pytest.fixture
def part(champion: Bundle, tmp_path: Path) -> Callable[..., CtRetrainingCases]:
    """Give corrected scans their parts beside those of the champion and of p3, held out."""

    def parted(*rows: Row, former: Sequence[Row] = FORMER, seed: int = 1) -> CtRetrainingCases:
        return retraining_cases(
            _cases(tmp_path / "former", former),
            _cases(tmp_path / "corrected", rows),
            champion,
            held_out=0.5,
            seed=seed,
        )

    return parted


def _names(cases: Sequence[CtCase]) -> list[str]:
    return [one.name for one in cases]


def test_whom_the_champion_saw_is_learned_from_and_whom_it_did_not_judges(
    part: Callable[..., CtRetrainingCases],
) -> None:
    parted = part(("d", "p1", 4, "r"), ("e", "p3", 5, "r"))
    assert _names(parted.learn) == ["a", "b", "d"]
    assert _names(parted.held_out) == ["c", "e"]
    assert (parted.judges, parted.corrected) == (("p3",), frozenset("de"))


def test_new_patients_are_drawn_whole_and_those_nobody_knows_never_judge(
    part: Callable[..., CtRetrainingCases],
) -> None:
    rows = [(f"n{i}", f"q{i // 2}", 10 + i, "r") for i in range(12)]
    parted = part(*rows, ("u", "", 30, "r"))
    judges = set(parted.judges) - {"p3"}
    assert len(judges) == 3
    assert not judges & {one.patient for one in parted.learn}
    assert "u" in _names(parted.learn)
    again = part(*reversed(rows), ("u", "", 30, "r"))
    assert again.judges == parted.judges
    assert part(*rows, seed=2).judges != parted.judges


def test_a_single_new_patient_is_learned_from(part: Callable[..., CtRetrainingCases]) -> None:
    parted = part(("n", "q", 9, "r"))
    assert "n" in _names(parted.learn)
    assert parted.judges == ("p3",)


def test_the_same_scan_under_another_name_is_of_the_same_patient(
    part: Callable[..., CtRetrainingCases],
) -> None:
    """x has p3's scan; so has y's patient, through another scan that both x and y have."""
    parted = part(("x", "q1", 3, "r"), ("x2", "q1", 8, "r"), ("y", "q2", 8, "r"),
                  ("d", "p1", 4, "r"))  # fmt: skip
    assert {one.patient for one in parted.held_out} == {"p3"}
    assert _names(parted.held_out) == ["c", "x", "x2", "y"]
    torn = part(("x", "q1", 3, "r"), ("y", "q1", 1, "r"), ("d", "p2", 4, "r"))
    assert torn.left_out == {"between-parts": 2}
    assert _names(torn.held_out) == ["c"]


def test_a_newer_correction_takes_the_place_of_an_older_one_and_not_of_a_reference(
    part: Callable[..., CtRetrainingCases],
) -> None:
    former = (("a", "p1", 1, "r"), *FORMER[1:])
    parted = part(("d", "p1", 1, "r"), ("e", "p2", 2, "r"), former=former)
    assert _names(parted.learn) == ["b", "d", "e"]


def test_what_was_learned_already_is_left_out_and_nothing_new_is_an_error(
    part: Callable[..., CtRetrainingCases],
) -> None:
    parted = part(("a", "p1", 1, "r"), ("d", "p1", 4, "r"))
    assert parted.left_out == {"learned-already": 1}
    with pytest.raises(ManifestError, match="1 learned-already") as raised:
        part(("a", "p1", 1, "r"), ("e", "p3", 5, "r"))
    assert raised.value.code == "corrections-no-news"


def test_two_scans_of_one_name_are_refused(part: Callable[..., CtRetrainingCases]) -> None:
    with pytest.raises(ManifestError, match="found 2 scans named 'c'"):
        part(("c", "p1", 7, "r"))


def test_the_folder_of_a_retraining_is_read_as_the_former_scans_of_the_next(
    part: Callable[..., CtRetrainingCases], tmp_path: Path
) -> None:
    parted = part(("d", "p1", 4, "r"), ("e", "p3", 5, "r"), ("u", "", 6, "r"))
    for _ in range(2):
        gathered = gather_cases(parted, tmp_path / "out" / "cases")
    assert {one.image.parent for one in gathered.everybody} == {tmp_path / "out" / "cases"}
    assert digest_of(gathered.everybody) == digest_of(parted.everybody)
    assert digest_of(gathered.learn) != digest_of(parted.everybody)
    np.testing.assert_array_equal(
        read_case(gathered.held_out[1]).scan.hu, read_case(parted.held_out[1]).scan.hu
    )


def test_scans_that_are_not_the_champions_are_refused(champion: Bundle, tmp_path: Path) -> None:
    need_own_cases(champion, _cases(tmp_path / "right", FORMER))
    for rows in (FORMER[1:], (("a", "p9", 1, ""), *FORMER[1:])):
        with pytest.raises(ManifestError, match="found no a among the labeled scans") as raised:
            need_own_cases(champion, _cases(tmp_path / f"wrong{len(rows)}", rows))
        assert raised.value.code == "champion-other-cases"


def test_a_champion_that_names_no_scans_is_refused(
    ct_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(ManifestError, match="its bundle names none"):
        need_own_cases(open_bundle(str(ct_bundle())), _cases(tmp_path / "cases", FORMER))
