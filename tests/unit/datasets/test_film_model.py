"""The model's file: it comes back as it went, it is small, and altered ones are refused."""

import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pytest

from thoracle.datasets.film_fit import FILMS_MIN
from thoracle.datasets.film_model import (
    FilmModel,
    FilmModelError,
    read_model,
    shipped_model,
    shipped_path,
    write_model,
)
from thoracle.datasets.labels import FINDINGS


def test_a_model_comes_back_within_the_rounding_of_its_file(tmp_path: Path) -> None:
    model = shipped_model()
    write_model(model, tmp_path / "model.npz")
    again = read_model(tmp_path / "model.npz")
    assert (again.findings, again.films) == (model.findings, model.films)
    for each in dataclasses.fields(FilmModel)[2:]:
        there, back = getattr(model, each.name), getattr(again, each.name)
        assert back.dtype == np.float32
        assert np.abs(back - there).max() <= np.abs(there).max() / 200, each.name


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    write_model(shipped_model(), tmp_path / "one.npz")
    write_model(shipped_model(), tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_the_shipped_model_is_an_aggregate_of_many_films_under_four_megabytes() -> None:
    model = shipped_model()
    assert model.findings == FINDINGS
    assert min(model.films) >= FILMS_MIN
    assert len(model.picture_parts) <= 24
    assert len(model.picture_parts) < min(model.films) / 2
    assert shipped_path().stat().st_size <= 4_000_000


def test_a_finding_is_found_by_name_and_others_are_refused() -> None:
    assert shipped_model().finding_index("COVID-19") == 2
    with pytest.raises(FilmModelError, match=r'no "Covid"; expected one of No finding, Other'):
        shipped_model().finding_index("Covid")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(FilmModelError, match="cannot be read as a film model") as caught:
        read_model(tmp_path / "model.npz")
    assert caught.value.code == "film-model"


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(FilmModelError, match="Fit it again, or reinstall"):
        read_model(tmp_path / "model.npz")


def _altered(path: Path, **changes: np.ndarray) -> Path:
    with np.load(shipped_path()) as stored:
        arrays = {name: stored[name] for name in stored.files} | changes
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=True, **arrays)
    path.write_bytes(stream.getvalue())
    return path


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    path = _altered(tmp_path / "model.npz", tone_mean=np.zeros(3, np.float16))
    with pytest.raises(FilmModelError, match=r"tone_mean has another shape"):
        read_model(path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    head = json.dumps({"format": 99, "findings": list(FINDINGS), "films": [1, 1, 1]}).encode()
    path = _altered(tmp_path / "model.npz", head=np.frombuffer(head, np.uint8))
    with pytest.raises(FilmModelError, match=r"its format is 99\); expected format 1"):
        read_model(path)


def test_a_pickle_inside_the_file_is_not_opened(tmp_path: Path) -> None:
    path = _altered(tmp_path / "model.npz", tone_mean=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FilmModelError, match="cannot be read as a film model"):
        read_model(path)
