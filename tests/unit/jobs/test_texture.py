"""Files become rows: films with regions, volumes with masks, and a reason where it fails."""

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.jobs import texture as module
from thoracle.jobs.texture import TextureOptions, measure_file
from thoracle.jobs.texture_worker import measure_files

Draw = Callable[..., FloatArray]
AsPng = Callable[[FloatArray], bytes]
QUICK = TextureOptions(with_wavelets=False)


@pytest.fixture(autouse=True)
def _fresh_models() -> None:
    module._models.cache_clear()


@pytest.fixture
def film(tmp_path: Path, bundles: Path, draw: Draw, as_png: AsPng) -> Path:
    """A film that the tiny gate accepts."""
    path = tmp_path / "film.png"
    path.write_bytes(as_png(draw()))
    return path


def _volume(path: Path, values: np.ndarray, spacing: tuple[float, float, float]) -> Path:
    image = nibabel.Nifti1Image(values, np.diag([*spacing, 1.0]))  # type: ignore[no-untyped-call]
    nibabel.save(image, path)
    return path


def test_a_film_has_its_regions(film: Path) -> None:
    found = measure_file(film, QUICK)

    assert found.error is None
    names = [one.region for one in found.regions]
    assert names[0] == "lungs"
    assert "altered" in names
    assert found.regions[0].unit == "px"
    assert found.regions[0].features["stat_mean"] > 0.0


def test_a_drawn_mask_is_a_region_of_its_own_and_must_fit(film: Path, tmp_path: Path) -> None:
    shape = (256, 240)
    mask = np.zeros(shape, bool)
    mask[50:120, 60:150] = True
    fitting, small = tmp_path / "mask.png", tmp_path / "small.png"
    fitting.write_bytes(png_bytes(mask))
    small.write_bytes(png_bytes(mask[:50]))

    drawn = measure_file(film, TextureOptions(mask=fitting, with_wavelets=False)).regions[-1]
    refused = measure_file(film, TextureOptions(mask=small, with_wavelets=False))
    assert drawn.region == "drawn"
    assert drawn.features["shape_area"] == 70 * 90
    assert refused.error is not None
    assert refused.error.code == "mask-elsewhere"


def test_a_mask_that_cannot_be_read_is_named_and_the_film_is_not_blamed(
    film: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note.png"
    note.write_text("no picture", encoding="utf-8")
    found = measure_file(film, TextureOptions(mask=note, with_wavelets=False))
    assert found.error is not None
    assert found.error.text.startswith(f"Mask {note}: ")
    assert found.error.code != "mask-elsewhere"


def test_a_folder_without_films_is_told_as_such(tmp_path: Path) -> None:
    error = measure_file(tmp_path, QUICK).error
    assert error is not None
    assert error.code == "folder-empty"
    assert "--root" not in error.text


def test_masks_in_a_folder_belong_to_the_files_of_their_names(film: Path, tmp_path: Path) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    mask = np.zeros((256, 240), bool)
    mask[10:90, 10:90] = True
    (folder / "film.png").write_bytes(png_bytes(mask))
    options = TextureOptions(mask=folder, with_wavelets=False)

    assert measure_file(film, options).regions[-1].region == "drawn"
    other = film.with_name("other.png")
    other.write_bytes(film.read_bytes())
    assert "drawn" not in [one.region for one in measure_file(other, options).regions]


def test_what_the_gate_refuses_is_said_and_not_measured(
    tmp_path: Path, bundles: Path, draw: Draw, as_png: AsPng
) -> None:
    path = tmp_path / "ct.png"
    path.write_bytes(as_png(draw("ct")))
    found = measure_file(path, QUICK)

    assert found.regions == ()
    assert found.error is not None
    assert found.error.code == "gate-refused"


def test_a_volume_is_measured_in_three_dimensions_in_its_mask(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(12, 11, 10)).astype(np.float32)
    mask = np.zeros(values.shape, np.uint8)
    mask[2:9, 2:9, 2:8] = 1
    image = _volume(tmp_path / "a.nii.gz", values, (1.0, 1.0, 1.0))
    options = TextureOptions(mask=_volume(tmp_path / "m.nii.gz", mask, (1.0, 1.0, 1.0)))
    found = measure_file(image, options)

    assert found.notes == ()
    region = found.regions[0]
    assert (region.region, region.unit, region.pixels) == ("mask", "mm", 7 * 7 * 6)
    assert region.features["morph_vol_approx"] == 294.0
    assert "wavelet_lhh_cm_contrast" in region.features


def test_voxels_that_are_not_cubes_are_noted_unless_slices_are_taken_alone(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(8, 8, 8)).astype(np.float32)
    spacing = (1.0, 1.0, 4.0)
    image = _volume(tmp_path / "a.nii", values, spacing)
    mask = _volume(tmp_path / "m.nii", np.ones((8, 8, 8), np.uint8), spacing)
    deep = TextureOptions(mask=mask, with_wavelets=False)
    flat = TextureOptions(mask=mask, with_wavelets=True, aggregation=Aggregation.MERGED_25D)

    assert [one.code for one in measure_file(image, deep).notes] == ["voxels-not-cubes"]
    found = measure_file(image, flat)
    assert found.notes == ()
    assert "wavelet_lh_cm_contrast" in found.regions[0].features


def test_a_volume_without_a_mask_says_what_to_do(tmp_path: Path) -> None:
    image = _volume(tmp_path / "a.nii", np.zeros((2, 2, 2), np.float32), (1.0, 1.0, 1.0))
    error = measure_file(image, QUICK).error

    assert error is not None
    assert error.code == "mask-missing"
    assert "--mask" in error.text


def test_files_come_back_in_their_order_and_a_bad_one_costs_no_other(
    film: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    found = list(measure_files([film, bad, film], QUICK, workers=1))

    assert [one.error is None for one in found] == [True, False, True]
    assert Path(found[1].file) == bad


def test_an_error_nobody_thought_of_is_the_files_own(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(module, "measure_film", fail)
    error = measure_file(film, QUICK).error

    assert error is not None
    assert (error.code, "RuntimeError" in error.text) == ("texture-failed", True)


@pytest.mark.slow
def test_worker_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(9, 9, 9)).astype(np.float32)
    mask = _volume(tmp_path / "m.nii", np.ones((9, 9, 9), np.uint8), (1.0, 1.0, 1.0))
    paths = [_volume(tmp_path / f"{n}.nii", values * (n + 1), (1.0, 1.0, 1.0)) for n in range(3)]
    options = TextureOptions(mask=mask, with_wavelets=False)

    alone = list(measure_files(paths, options, workers=1))
    together = list(measure_files(paths, options, workers=2))
    assert [one.file for one in together] == [one.file for one in alone]
    assert together[2].regions[0].features == pytest.approx(alone[2].regions[0].features)
