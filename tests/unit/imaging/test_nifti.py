"""A picture lies in the volume as it is seen: row 0 on top, column 0 on the left."""

import io

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image

from thoracle.imaging.nifti import flat_nifti


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_every_pixel_is_where_it_is_seen(kind: str) -> None:
    values = np.arange(6).astype(kind).reshape(2, 3)
    content = flat_nifti(values, left_mm=10.0, top_mm=4.0, spacing_mm=(2.0, 5.0))
    image = Nifti1Image.from_stream(io.BytesIO(content))
    data = np.asarray(image.dataobj)
    assert data.dtype == kind
    assert data.shape == (3, 2, 1)
    for row in range(2):
        for column in range(3):
            place = np.linalg.inv(image.affine) @ [10 + 5 * column, -4 - 2 * row, 0, 1]
            x, y, z = np.round(place[:3]).astype(int)
            assert data[x, y, z] == values[row, column]


def test_the_file_is_one_that_browsers_read_at_once() -> None:
    content = flat_nifti(np.zeros((4, 4), np.uint8), left_mm=0, top_mm=0, spacing_mm=(1, 1))
    assert content[344:348] == b"n+1\0"
    assert len(content) == 352 + 16
