"""The simulated hospital as files."""

from pathlib import Path

import pytest

from thoracle.datasets.reference_standard.simulated import Errors
from thoracle.imaging.decode import is_synthetic_file
from thoracle.jobs.simulate_hospital import SimulationError, write_hospital


def _write(folder: Path, *, patients: int, seed: int = 0, films: bool = False) -> list[str]:
    stages: list[str] = []
    write_hospital(
        folder,
        patients=patients,
        seed=seed,
        errors=Errors(),
        with_films=films,
        on_progress=lambda *said: stages.append(said[0]),
    )
    return stages


def test_four_tables_and_the_truth_are_written_and_repeat(tmp_path: Path) -> None:
    assert _write(tmp_path / "a", patients=5) == []
    _write(tmp_path / "b", patients=5)
    names = ["admissions.csv", "codes.csv", "microbiology.csv", "truth.csv", "xrays.csv"]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_films_are_drawn_for_every_xray_and_marked_synthetic(tmp_path: Path) -> None:
    stages = _write(tmp_path, patients=3, films=True)
    drawn = list((tmp_path / "films").iterdir())
    truth = (tmp_path / "truth.csv").read_text(encoding="utf-8").splitlines()
    assert len(drawn) == len(truth) - 1
    assert set(stages) == {"films"}
    assert all(is_synthetic_file(path) for path in drawn)


@pytest.mark.parametrize("patients", [-1, 0, 2, 100_001])
def test_a_number_of_patients_out_of_range_is_refused(tmp_path: Path, patients: int) -> None:
    with pytest.raises(SimulationError, match=f"found {patients} patients"):
        _write(tmp_path, patients=patients)
