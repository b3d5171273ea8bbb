"""The public collections, where they are at hand: every file is a film or one clear error."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from thoracle.imaging.decode import DecodeLimits, decode
from thoracle.imaging.sandbox import DecoderPool

EVERY = 40  # Files between two that are read, to keep this short.


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=2, memory_mb=1024, cpu_s=10, pixels_max=64_000_000) as one:
        yield one


@pytest.mark.parametrize("folder", ["cxr", "gate"])
def test_pictures_of_the_collections_are_read_as_in_this_process(
    folder: str, data_folder: Path, pool: DecoderPool
) -> None:
    kinds = {".jpg", ".jpeg", ".png"}
    paths = sorted(p for p in (data_folder / folder).rglob("*") if p.suffix.lower() in kinds)
    assert paths
    for path in paths[::EVERY]:
        content = path.read_bytes()
        film = pool.decode(content)
        here = decode(content, limits=DecodeLimits.from_settings())
        assert (film.pixels == here.pixels).all()
        assert film.format in {"JPEG", "PNG"}


def test_ct_slices_in_jpeg_lossless_are_read(data_folder: Path, pool: DecoderPool) -> None:
    archive = data_folder / "ct" / "covid_ct_md" / "P001_dicom_excerpt.zip"
    if not archive.exists():
        pytest.skip(f"{archive.name} is not in THORACLE_DATA")
    with zipfile.ZipFile(archive) as file:
        names = [name for name in file.namelist() if not name.endswith("/")]
        films = [pool.decode(file.read(name)) for name in names]
    assert {film.modality for film in films} == {"CT"}
    assert all(film.pixels.shape == (512, 512) for film in films)
    assert all(film.pixel_spacing_mm is not None for film in films)
