"""The Sírio-Libanês layout: nothing from the window on in which intensive care came."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.problems import Kind
from thoracle.datasets.prognosis.sirio_libanes import (
    NEVER,
    WINDOWS,
    WindowError,
    WindowSet,
    read_sirio_libanes,
)

_HEAD = "PATIENT_VISIT_IDENTIFIER,AGE_PERCENTIL,HTN,HEMOGLOBIN_MEAN,WINDOW,ICU"


def _lines(patient: int, icu: str, htn: str = "00000") -> list[str]:
    return [
        f"{patient},Above 90th,{htn[at]},0.{at + 1},{window},{icu[at]}"
        for at, window in enumerate(WINDOWS)
    ]


def _read(tmp_path: Path, lines: list[str], head: str = _HEAD) -> WindowSet:
    path = tmp_path / "made_up.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return read_sirio_libanes(path)


def test_values_end_where_intensive_care_begins(tmp_path: Path) -> None:
    found = _read(tmp_path, [*_lines(0, "00011"), *_lines(1, "00000"), *_lines(2, "11111")])
    hemoglobin = found.values[:, :, found.features.index("hemoglobin_mean")]
    np.testing.assert_array_equal(hemoglobin[0], [0.1, 0.2, 0.3, np.nan, np.nan])
    np.testing.assert_array_equal(hemoglobin[1], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert np.isnan(found.values[2]).all()
    assert found.icu_windows.tolist() == [3, NEVER, 0]
    (problem,) = found.problems
    assert (problem.kind, problem.rows) == (Kind.SINCE_OUTCOME, 7)
    assert problem.places == (5, 6, 12, 13, 14, 15, 16)


def test_what_was_known_in_a_window_leaves_out_who_was_in_intensive_care(tmp_path: Path) -> None:
    found = _read(tmp_path, [*_lines(0, "00011"), *_lines(1, "00000"), *_lines(2, "11111")])
    first = found.known_in(0)
    assert first.subjects == ("0", "1")
    assert first.labels.tolist() == [1.0, 0.0]
    assert first.values[:, first.features.index("age_percentil")].tolist() == [95.0, 95.0]
    assert found.known_in(3).subjects == ("1",)
    assert first.event == "icu"


def test_a_disease_that_was_told_later_is_not_known_before(tmp_path: Path) -> None:
    found = _read(tmp_path, _lines(0, "00000", htn="00001"))
    assert found.known_in(0).values[0, found.features.index("htn")] == 0.0
    assert found.known_in(4).values[0, found.features.index("htn")] == 1.0


def test_rows_may_come_in_any_order(tmp_path: Path) -> None:
    lines = [*_lines(0, "00001"), *_lines(1, "01111")]
    there, back = _read(tmp_path, lines), _read(tmp_path, lines[::-1])
    assert dict(zip(there.patients, there.icu_windows.tolist(), strict=True)) == dict(
        zip(back.patients, back.icu_windows.tolist(), strict=True)
    )


def test_what_is_not_scaled_or_no_number_is_told(tmp_path: Path) -> None:
    lines = _lines(0, "00000")
    lines[0] = lines[0].replace("0.1", "13.5")
    lines[1] = lines[1].replace("0.2", "high")
    found = _read(tmp_path, lines)
    assert [one.kind for one in found.problems] == [Kind.UNKNOWN_WORD, Kind.NOT_SCALED]
    assert np.isnan(found.values[0, :2, found.features.index("hemoglobin_mean")]).all()


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["0,10th,0,0.1,0-3,0"], "the window"),
        (["0,10th,0,0.1,0-2,2"], 'with ICU "2"'),
        (["0,10th,0,0.1,0-2,0", "0,10th,0,0.1,0-2,0"], "in row 3 that the patient has already"),
        (["0,10th,0,0.1,0-2,0"], "a patient without one of the windows"),
    ],
)
def test_windows_that_are_not_whole_are_refused(
    lines: list[str], found: str, tmp_path: Path
) -> None:
    with pytest.raises(WindowError, match=found):
        _read(tmp_path, lines)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match="found no column ICU"):
        _read(tmp_path, [], head="PATIENT_VISIT_IDENTIFIER,WINDOW")


def test_the_published_file_has_385_patients(data_folder: Path) -> None:
    found = read_sirio_libanes(data_folder / "prognosis" / "sirio_libanes_icu.xlsx")
    assert found.values.shape == (385, 5, 228)
    assert Counter(found.icu_windows.tolist()) == {0: 32, 1: 27, 2: 40, 3: 31, 4: 65, 5: 190}
    first = found.known_in(0)
    assert first.labels.size == 353
    assert first.labels.sum() == 163
    assert [(one.kind, one.rows) for one in found.problems] == [(Kind.SINCE_OUTCOME, 515)]
    scaled = first.values[:, [not name.startswith("age_p") for name in first.features]]
    assert np.nanmax(np.abs(scaled)) <= 1 + 1e-9
