"""Files of synthetic films: read back by the package's own decoder and by pydicom."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_render import FilmRequest, SyntheticFilm, draw_film
from thoracle.datasets.film_writing import (
    STATEMENT,
    film_dicom,
    film_json,
    film_png,
    mask_png,
)
from thoracle.imaging.decode import DecodeLimits, decode, is_synthetic_file
from thoracle.imaging.synthetic import PNG_KEY, PNG_VALUE


@pytest.fixture(scope="module")
def film() -> SyntheticFilm:
    """Return a film with an opacity."""
    request = FilmRequest(finding="No finding", seed=3, number=2, size=256, with_opacity=True)
    return draw_film(shipped_model(), request)


def test_the_png_shows_the_film_and_says_that_it_is_synthetic(film: SyntheticFilm) -> None:
    radiograph = decode(film_png(film), limits=DecodeLimits.from_settings())
    np.testing.assert_allclose(radiograph.pixels, film.pixels, atol=0.51 / 255)
    assert radiograph.is_synthetic
    with Image.open(BytesIO(film_png(film))) as picture:
        text = getattr(picture, "text", {})
    assert text[PNG_KEY] == PNG_VALUE == "Thoracle"
    assert text["Description"].startswith("SYNTHETIC")


def test_the_dicom_shows_the_film_and_says_that_it_is_synthetic(film: SyntheticFilm) -> None:
    radiograph = decode(film_dicom(film), limits=DecodeLimits.from_settings())
    np.testing.assert_allclose(radiograph.pixels, film.pixels, atol=0.003)
    assert radiograph.is_synthetic
    assert (radiograph.modality, radiograph.view, radiograph.bits) == ("CR", "PA", 12)
    assert radiograph.pixel_spacing_mm == pytest.approx([film.pixel_spacing_mm] * 2, abs=1e-5)


def test_the_dicom_header_names_nobody(film: SyntheticFilm) -> None:
    data = pydicom.dcmread(BytesIO(film_dicom(film)))
    assert str(data.PatientName) == "SYNTHETIC^3-2"
    assert data.PatientID == "SYNTHETIC-3-2"
    assert data.ImageComments == STATEMENT
    assert data.ImageComments.startswith("SYNTHETIC")
    assert "No finding, seed 3, number 2, one opacity" in data.DerivationDescription
    assert data.BurnedInAnnotation == "YES"
    assert (data.PatientBirthDate, data.PatientSex, data.StudyDate) == ("", "", "")
    assert data.SOPClassUID.name == "Computed Radiography Image Storage"
    assert data.PhotometricInterpretation == "MONOCHROME2"
    assert (data.BitsAllocated, data.BitsStored, data.HighBit) == (16, 12, 11)


def test_its_uids_are_valid_and_differ_between_films_but_not_between_runs(
    film: SyntheticFilm,
) -> None:
    other = draw_film(
        shipped_model(), FilmRequest(finding="No finding", seed=3, number=3, size=256)
    )
    one, again, next_one = (
        pydicom.dcmread(BytesIO(film_dicom(each))) for each in (film, film, other)
    )
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        uid = one[keyword].value
        assert uid.is_valid
        assert uid.startswith("2.25.")
        assert uid == again[keyword].value
        assert uid != next_one[keyword].value


def test_every_file_has_the_same_bytes_every_time(film: SyntheticFilm) -> None:
    assert film_png(film) == film_png(film)
    assert film_dicom(film) == film_dicom(film)
    assert film_json(film, name="a") == film_json(film, name="a")


def test_the_json_says_where_the_opacity_lies(film: SyntheticFilm) -> None:
    facts = json.loads(film_json(film, name="synthetic-3-002"))
    assert facts["synthetic"] is True
    assert (facts["finding"], facts["seed"], facts["number"]) == ("No finding", 3, 2)
    assert film.opacity_mask is not None
    opacity = facts["opacity"]
    assert opacity["mask"] == "synthetic-3-002-opacity.png"
    assert opacity["area_px"] == film.opacity_mask.sum()
    assert opacity["radius_mm"] == pytest.approx(
        opacity["radius_px"] * facts["pixel_spacing_mm"], abs=0.1
    )
    assert film.opacity_mask[int(opacity["row"]), int(opacity["column"])]


def test_without_an_opacity_the_json_has_none() -> None:
    plain = draw_film(shipped_model(), FilmRequest(finding="COVID-19", seed=0, number=0, size=128))
    assert json.loads(film_json(plain, name="a"))["opacity"] is None
    assert "opacity" not in pydicom.dcmread(BytesIO(film_dicom(plain))).DerivationDescription


def test_the_mask_is_white_inside_and_marked_too(film: SyntheticFilm) -> None:
    assert film.opacity_mask is not None
    with Image.open(BytesIO(mask_png(film, film.opacity_mask))) as picture:
        assert getattr(picture, "text", {})[PNG_KEY] == PNG_VALUE
        np.testing.assert_array_equal(np.asarray(picture), film.opacity_mask)


@pytest.mark.parametrize("suffix", [".png", "-opacity.png", ".dcm"])
def test_every_picture_is_recognized_by_content(
    film: SyntheticFilm, tmp_path: Path, suffix: str
) -> None:
    assert film.opacity_mask is not None
    path = tmp_path / f"renamed{suffix}.jpg"
    contents = {
        ".png": film_png(film),
        "-opacity.png": mask_png(film, film.opacity_mask),
        ".dcm": film_dicom(film),
    }
    path.write_bytes(contents[suffix])
    assert is_synthetic_file(path)


def test_a_dicom_file_of_a_patient_is_let_through(film: SyntheticFilm, tmp_path: Path) -> None:
    data = pydicom.dcmread(BytesIO(film_dicom(film)))
    data.PatientName, data.PatientID, data.ImageComments = "Doe^Jane", "4711", ""
    data.save_as(tmp_path / "film.dcm")
    assert not is_synthetic_file(tmp_path / "film.dcm")
