from pathlib import Path

import numpy as np
import pytest

from thoracle.datasets.manifest import Manifest
from thoracle.imaging.texture.flat_shape import LENGTHS
from thoracle.jobs import texture_table as module
from thoracle.jobs.texture_table import feature_names, film_features, texture_table


@pytest.fixture(autouse=True)
def _fresh_finder() -> None:
    module._finder.cache_clear()


def test_no_length_in_pixels_is_among_the_columns() -> None:
    names = feature_names()

    assert len(names) == len(set(names))
    assert not any(name.partition(".")[2] in LENGTHS for name in names)
    assert "lungs.wavelet_hh_cm_contrast" in names
    assert "left_lower.cm_contrast" in names
    assert "left_lower.wavelet_hh_cm_contrast" not in names


def test_a_film_without_lungs_has_no_features() -> None:
    assert film_features(np.zeros((9, 9), np.float32), np.zeros((9, 9), bool)) == {}


def test_a_table_goes_on_where_it_stopped_and_says_what_could_not_be_read(
    bundles: Path, collection: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = list(collection.films[:3])
    collection.resolve(films[1]).write_bytes(b"broken")
    first = texture_table(collection, films[:2], folder=tmp_path, workers=1)
    measured: list[Path] = []
    row = module._row

    def spy(path: Path) -> object:
        measured.append(path)
        return row(path)

    monkeypatch.setattr(module, "_row", spy)
    told: list[tuple[int, int]] = []
    whole = texture_table(
        collection,
        films,
        folder=tmp_path,
        workers=1,
        on_progress=lambda _, done, total: told.append((done, total)),
    )

    assert [path.name for path in measured] == [films[2].path]
    assert told == [(3, 3)]
    assert np.array_equal(whole.values[:2], first.values, equal_nan=True)
    assert np.isnan(whole.values[1]).all()
    assert np.isfinite(whole.values[0]).any()
    assert np.array_equal(whole.of([films[2]])[0], whole.values[2], equal_nan=True)


def test_a_table_of_another_version_begins_anew(
    bundles: Path, collection: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texture_table(collection, collection.films[:1], folder=tmp_path, workers=1)
    monkeypatch.setattr(module, "version", lambda: "another")

    assert module._read(tmp_path / module.TABLE_NAME) == {}
