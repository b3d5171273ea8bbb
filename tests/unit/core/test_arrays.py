"""The array type names mean the number type that they say."""

from typing import get_args

import numpy as np
import pytest

from thoracle.core import arrays


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("FloatArray", np.float32),
        ("DoubleArray", np.float64),
        ("ByteArray", np.uint8),
        ("IntArray", np.int64),
        ("BoolArray", np.bool_),
    ],
)
def test_each_name_stands_for_one_number_type(name: str, dtype: type[np.generic]) -> None:
    _, number = get_args(getattr(arrays, name))
    assert get_args(number) == (dtype,)
