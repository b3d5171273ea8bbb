"""A decoded file becomes a radiograph."""

from dataclasses import fields

import numpy as np
import pytest

from thoracle.imaging.types import Decoded, FilmFacts, Radiograph


def test_black_is_exactly_0_and_white_exactly_1_at_every_depth() -> None:
    eight = np.array([[0, 255]], np.uint8)
    twelve = np.array([[0, 4095]], np.uint16)
    sixteen = np.array([[0, 65535]], np.uint16)
    for peak, samples in ((255, eight), (4095, twelve), (65535, sixteen)):
        decoded = Decoded(samples=samples, peak=peak, facts=FilmFacts(format="PNG", bits=8))
        film = decoded.to_radiograph(sha256="0" * 64)
        assert film.pixels.tolist() == [[0.0, 1.0]]
        assert film.pixels.dtype == np.float32


def test_float_samples_are_passed_on_without_a_copy() -> None:
    samples = np.array([[0.25]], np.float32)
    decoded = Decoded(samples=samples, peak=1.0, facts=FilmFacts(format="DICOM", bits=12))
    assert np.shares_memory(decoded.to_radiograph(sha256="0" * 64).pixels, samples)


def test_every_fact_reaches_the_radiograph() -> None:
    facts = FilmFacts(
        format="DICOM",
        bits=12,
        is_color=True,
        color_share=0.5,
        pixel_spacing_mm=(0.1, 0.2),
        modality="DX",
        view="PA",
        laterality="U",
        age_years=45.0,
        sex="F",
        is_synthetic=True,
    )
    decoded = Decoded(samples=np.zeros((1, 1), np.uint8), peak=255.0, facts=facts)
    film = decoded.to_radiograph(sha256="a" * 64)
    assert film.sha256 == "a" * 64
    for each in fields(FilmFacts):
        assert getattr(film, each.name) == getattr(facts, each.name)
    assert {each.name for each in fields(Radiograph)} == {
        "pixels",
        "beyond",
        "sha256",
        *(each.name for each in fields(FilmFacts)),
    }


def test_a_radiograph_does_not_print_its_pixels() -> None:
    decoded = Decoded(
        samples=np.zeros((1, 1), np.uint8), peak=255.0, facts=FilmFacts(format="PNG", bits=8)
    )
    assert "pixels" not in repr(decoded.to_radiograph(sha256="")).replace("pixel_spacing", "")


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        FilmFacts(format="PNG", bits=8).bits = 16  # type: ignore[misc]
