"""What is simulated is written with its truth, whole."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import SignalError
from thoracle.datasets.breathing.types import PUBLISHED
from thoracle.jobs.breathing_simulate import (
    Model,
    SimulationRequest,
    check_request,
    simulate_breathing,
    write_simulation,
)
from thoracle.respiration.types import CLASSES

REQUEST = SimulationRequest(model=Model.RSM, patterns=None, count=7, sampling=PUBLISHED, seed=3)


def _truth(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_an_archive_holds_all_arrays_without_pickle(tmp_path: Path) -> None:
    made = simulate_breathing(REQUEST)
    out = tmp_path / "new" / "windows.npz"
    assert write_simulation(made, REQUEST, out) == (out, tmp_path / "new" / "windows.truth.csv")
    with np.load(out, allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["signal"], made.signal)
        np.testing.assert_array_equal(kept["onsets_s"], made.onsets_s)
        assert made.segments is not None
        np.testing.assert_array_equal(kept["segment_parameters"], made.segments.parameters)
        assert tuple(kept["classes"][kept["kinds"]]) == CLASSES
        assert json.loads(str(kept["facts"]))["seed"] == 3
    assert [row["pattern"] for row in _truth(tmp_path / "new" / "windows.truth.csv")] == [*CLASSES]


def test_a_folder_holds_a_table_of_each_window(tmp_path: Path) -> None:
    made = simulate_breathing(REQUEST)
    written = write_simulation(made, REQUEST, tmp_path)
    assert sorted(path.name for path in written) == [
        "truth.csv",
        "truth.json",
        *(f"window-0000{number}.csv" for number in range(7)),
    ]
    lines = (tmp_path / "window-00003.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "time (s),breathing"
    values = np.array([line.split(",") for line in lines[1:]], np.float64)
    np.testing.assert_allclose(values[:, 0], PUBLISHED.times_s)
    np.testing.assert_allclose(values[:, 1], made.signal[3], rtol=1e-6, atol=1e-7)
    row = _truth(tmp_path / "truth.csv")[3]
    assert (row["file"], row["pattern"], row["rate_hz"]) == ("window-00003.csv", "biot", "10.0")
    onsets = made.onsets_s[3][~np.isnan(made.onsets_s[3])]
    np.testing.assert_allclose(np.array(row["onsets_s"].split(), np.float64), onsets, atol=1e-4)
    assert int(row["breaths"]) == onsets.size
    start, end = made.pauses_s[3, 0]
    assert row["pauses_s"] == f"{start:.4f}-{end:.4f}"


def test_the_truth_in_full_has_the_segments(tmp_path: Path) -> None:
    made = simulate_breathing(REQUEST)
    write_simulation(made, REQUEST, tmp_path)
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert told["synthetic"] is True
    assert told["model"] == "rsm"
    assert len(told["windows"][0]["segments"]) == 6
    assert len(told["windows"][3]["segments"]) == 7
    assert told["windows"][3]["segments"][6]["is_pause"] is True
    assert told["windows"][6]["segments"] == []
    assert made.segments is not None
    assert told["windows"][0]["segments"][2]["b"] == made.segments.parameters[0, 2, 1]


def test_a_single_window_is_a_file_of_its_own(tmp_path: Path) -> None:
    request = replace(REQUEST, count=1, patterns=("tachypnea",))
    written = write_simulation(simulate_breathing(request), request, tmp_path / "one.csv")
    assert [path.name for path in written] == ["one.csv", "one.truth.csv", "one.truth.json"]


@pytest.mark.parametrize(
    ("count", "name", "said"),
    [
        (2, "one.csv", "at most 1 in one.csv"),
        (10_001, "folder", "at most 10000 in folder"),
        (200_000, "all.npz", "at most 1e"),
    ],
)
def test_too_many_windows_are_refused(count: int, name: str, said: str) -> None:
    with pytest.raises(SignalError, match=said) as caught:
        check_request(replace(REQUEST, count=count), Path(name))
    assert caught.value.code == "breathing-too-many"


@pytest.mark.parametrize(("count", "name"), [(1, "one.csv"), (10_000, "folder"), (10_001, "a.npz")])
def test_what_has_room_is_not_refused(count: int, name: str) -> None:
    check_request(replace(REQUEST, count=count), Path(name))


def test_the_physiological_model_has_no_segments(tmp_path: Path) -> None:
    request = replace(REQUEST, model=Model.PHYSIOLOGICAL)
    made = simulate_breathing(request)
    write_simulation(made, request, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as kept:
        assert "segment_start_s" not in kept
        assert json.loads(str(kept["facts"]))["model"] == "physiological"
    write_simulation(made, request, tmp_path / "folder")
    told = json.loads((tmp_path / "folder" / "truth.json").read_text(encoding="utf-8"))
    assert "segments" not in told["windows"][0]
    assert len(told["windows"][0]["onsets_s"]) > 5


def test_only_the_authors_model_has_their_slips() -> None:
    request = replace(REQUEST, model=Model.PHYSIOLOGICAL, has_authors_slips=True)
    with pytest.raises(SignalError, match="asked of the model physiological") as caught:
        check_request(request, Path("a.npz"))
    assert caught.value.code == "breathing-model"
