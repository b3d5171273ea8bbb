"""Co-occurrences, local binary patterns and surfaces against scikit-image."""

import numpy as np
import pytest
from skimage.feature import graycomatrix, local_binary_pattern
from skimage.measure import find_contours, marching_cubes, mesh_surface_area

from thoracle.imaging.texture.flat_shape import flat_shape
from thoracle.imaging.texture.glcm import cooccurrence
from thoracle.imaging.texture.lattice import STEPS_2D, Lattice
from thoracle.imaging.texture.lbp import uniform_patterns
from thoracle.imaging.texture.surface import surface_of

ANGLES = {(0, 0, 1): 0.0, (0, 1, 1): np.pi / 4, (0, 1, 0): np.pi / 2, (0, 1, -1): 3 * np.pi / 4}


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(8)


@pytest.mark.parametrize("levels", [2, 32, 300])
def test_cooccurrences_of_a_box_agree(generator: np.random.Generator, levels: int) -> None:
    picture = generator.integers(0, levels, size=(37, 41))
    picture[0, 0] = levels - 1
    counts = cooccurrence(Lattice(levels=picture[None] + 1, steps=STEPS_2D), levels=levels)

    for step, count in zip(STEPS_2D, counts, strict=True):
        theirs = graycomatrix(
            picture.astype(np.uint16), [1], [ANGLES[step]], levels=levels, symmetric=True
        )
        np.testing.assert_array_equal(count, theirs[:, :, 0, 0])


def test_local_binary_patterns_agree_inside_and_at_the_edge(
    generator: np.random.Generator,
) -> None:
    picture = generator.integers(0, 256, size=(30, 44)).astype(np.uint8)
    theirs = local_binary_pattern(picture, 8, 1, method="uniform")
    ours = uniform_patterns(picture.astype(np.float64))

    # Interpolated corners differ in the last bit, which decides where neighbors are equal.
    assert np.mean(ours != theirs) < 0.002


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_surfaces_of_random_masks_agree(generator: np.random.Generator, share: float) -> None:
    mask = generator.random((7, 8, 9)) < share
    spacing = (2.5, 0.8, 0.7)
    vertices, faces, *_ = marching_cubes(np.pad(mask, 1).astype(float), 0.5, spacing=spacing)
    one, other, third = (vertices[faces[:, corner]].astype(float) for corner in range(3))
    volume = abs(np.einsum("ij,ij->", one, np.cross(other, third))) / 6.0
    ours = surface_of(mask, spacing)

    assert ours.area == pytest.approx(mesh_surface_area(vertices, faces), rel=1e-5)
    assert ours.volume == pytest.approx(volume, rel=1e-5)
    assert len(ours.points) == len(np.unique(vertices.round(3), axis=0))


def test_every_cube_is_meshed_as_scikit_image_does() -> None:
    for number in range(1, 256):
        corners = np.array([number >> bit & 1 for bit in range(8)], bool).reshape(2, 2, 2)
        vertices, faces, *_ = marching_cubes(np.pad(corners, 1).astype(float), 0.5)
        assert surface_of(corners, (1.0, 1.0, 1.0)).area == pytest.approx(
            mesh_surface_area(vertices, faces), rel=1e-5
        ), number


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_outlines_of_random_masks_agree(generator: np.random.Generator, share: float) -> None:
    mask = generator.random((20, 24)) < share
    lines = find_contours(np.pad(mask, 1).astype(float), 0.5)
    length = sum(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in lines)
    area = sum(
        0.5 * np.sum(line[:-1, 0] * line[1:, 1] - line[1:, 0] * line[:-1, 1]) for line in lines
    )
    found = flat_shape(mask, spacing=(1.0, 1.0))

    assert found["shape_perimeter"] == pytest.approx(length)
    assert found["shape_outline_area"] == pytest.approx(abs(area))
