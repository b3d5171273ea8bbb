"""A manifest moves with its films, keeps its digest, and refuses what is not one."""

import builtins
import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pyarrow import parquet

from thoracle.core.errors import ManifestError, MissingExtraError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import (
    Manifest,
    assemble,
    companion_path,
    read_manifest,
    refuse_synthetic_films,
    write_manifest,
)
from thoracle.imaging.faults import SyntheticFilmError


def _films(root: Path, count: int = 3) -> list[Film]:
    return [
        Film(path=str(root / f"images/{index}.png"), source="s", label="normal", age_years=40.0)
        for index in range(count)
    ]


def _manifest(count: int = 3) -> Manifest:
    films = tuple(Film(path=f"{index}.png", source="s", note="naïve") for index in range(count))
    return Manifest(films=films, root=Path("/data"))


def test_assembled_paths_start_at_the_deepest_common_folder() -> None:
    first = Film(path="/data/x/images/1.png", source="x", mask_path="/data/x/lung_masks/1.png")
    second = Film(path="/data/y/2.png", source="y", mask_path="/elsewhere/2.png")
    manifest = assemble([[first], [second]])
    assert manifest.root == Path("/data")
    assert [film.path for film in manifest.films] == ["x/images/1.png", "y/2.png"]
    assert manifest.films[0].mask_path == "x/lung_masks/1.png"
    assert manifest.films[1].mask_path == "/elsewhere/2.png"
    assert manifest.resolve(manifest.films[0]) == Path("/data/x/images/1.png")
    assert manifest.resolve_mask(manifest.films[1]) == Path("/elsewhere/2.png")


def test_a_film_without_mask_has_no_mask_file() -> None:
    manifest = _manifest()
    assert manifest.resolve_mask(manifest.films[0]) is None


def test_nothing_to_assemble_is_refused() -> None:
    with pytest.raises(ManifestError, match="No film was found"):
        assemble([[], []])


def test_one_file_in_two_sources_is_refused() -> None:
    film = Film(path="/a/1.png", source="x")
    with pytest.raises(ManifestError, match="stands in 2 rows") as caught:
        assemble([[film], [film]])
    assert caught.value.code == "manifest-repeated-file"


def test_the_digest_ignores_order_and_place_but_no_cell() -> None:
    films = list(_manifest(5).films)
    digest = Manifest(films=tuple(films), root=Path("/a")).digest
    random.Random(1).shuffle(films)
    assert Manifest(films=tuple(films), root=Path("/b")).digest == digest
    changed = (*films[:-1], Film(path=films[-1].path, source="s", note="naive"))
    assert Manifest(films=changed, root=Path("/a")).digest != digest


@pytest.mark.parametrize("name", ["manifest.csv", "manifest.parquet"])
def test_a_manifest_survives_writing_and_reading(tmp_path: Path, name: str) -> None:
    manifest = assemble([_films(tmp_path)])
    write_manifest(manifest, tmp_path / name)
    again = read_manifest(tmp_path / name)
    assert again.films == manifest.films
    assert again.digest == manifest.digest
    assert again.root == (tmp_path / "images").resolve()


def test_csv_is_utf8_with_line_feeds_and_a_header(tmp_path: Path) -> None:
    write_manifest(_manifest(), tmp_path / "m.csv")
    content = (tmp_path / "m.csv").read_bytes()
    assert content.startswith(b"path,source,patient,")
    assert "naïve".encode() in content
    assert b"\r" not in content


def test_a_manifest_inside_its_films_moves_with_them(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "images").mkdir(parents=True)
    write_manifest(assemble([_films(old)]), old / "lists/m.csv")
    write_manifest(assemble([_films(old)]), old / "m.csv")
    old.rename(tmp_path / "new")
    for name in ("lists/m.csv", "m.csv"):
        companion = json.loads(companion_path(tmp_path / "new" / name).read_text())
        if name == "m.csv":
            assert companion["root"] == "images"
            assert read_manifest(tmp_path / "new" / name).root == tmp_path / "new/images"


def test_a_manifest_below_its_root_points_up(tmp_path: Path) -> None:
    manifest = Manifest(films=_manifest().films, root=tmp_path)
    write_manifest(manifest, tmp_path / "a/b/m.csv")
    assert json.loads((tmp_path / "a/b/m.csv.json").read_text())["root"] == "../.."
    assert read_manifest(tmp_path / "a/b/m.csv").root == tmp_path.resolve()


def test_a_given_root_goes_before_the_companions(tmp_path: Path) -> None:
    write_manifest(_manifest(), tmp_path / "m.csv")
    assert read_manifest(tmp_path / "m.csv").root == Path("/data")
    assert read_manifest(tmp_path / "m.csv", root=tmp_path).root == tmp_path


def test_without_a_companion_paths_start_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,source\n1.png,x\n")
    assert read_manifest(tmp_path / "m.csv").root == tmp_path.resolve()


def test_a_byte_order_mark_from_a_spreadsheet_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b"\xef\xbb\xbfpath,source\r\n1.png,x\r\n")
    assert read_manifest(tmp_path / "m.csv").films == (Film(path="1.png", source="x"),)


def test_a_broken_companion_says_to_give_the_root(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,source\n1.png,x\n")
    (tmp_path / "m.csv.json").write_text("[]")
    with pytest.raises(ManifestError, match="--root"):
        read_manifest(tmp_path / "m.csv")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,label\n1.png,normal\n")
    with pytest.raises(ManifestError, match="no column source"):
        read_manifest(tmp_path / "m.csv")


def test_other_names_of_columns_are_understood_and_own_ones_left_out(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,source,Age,patient id,x_reader\n1.png,x,7,x:1,me\n")
    (film,) = read_manifest(tmp_path / "m.csv").films
    assert (film.age_years, film.patient) == (7.0, "x:1")
    assert film.assumed_population is Population.CHILD


def test_an_unknown_column_is_refused_in_either_format(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,source,age at death\n1.png,x,80\n")
    with pytest.raises(ManifestError, match='the column "age at death"'):
        read_manifest(tmp_path / "m.csv")
    parquet.write_table(
        pa.table({"path": ["1.png"], "source": ["x"], "born": [1970]}), tmp_path / "m.parquet"
    )
    with pytest.raises(ManifestError, match='the column "born"'):
        read_manifest(tmp_path / "m.parquet")


def test_parquet_of_other_tools_may_hold_numbers_and_nothing(tmp_path: Path) -> None:
    table = pa.table({"Path": ["1.png"], "source": ["x"], "age": [70], "mask": [None]})
    parquet.write_table(table, tmp_path / "m.parquet")
    (film,) = read_manifest(tmp_path / "m.parquet").films
    assert (film.path, film.age_years, film.mask_path) == ("1.png", 70.0, None)


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes("path,source,note\n1.png,x,naïve\n".encode("latin-1"))
    with pytest.raises(ManifestError, match="expected CSV in UTF-8") as error:
        read_manifest(tmp_path / "m.csv")
    assert error.value.code == "manifest-table"


def test_a_synthetic_film_is_refused_by_name(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("Description", "SYNTHETIC film")
    picture = Image.fromarray(np.zeros((4, 4), np.uint8))
    picture.save(tmp_path / "1.png")
    manifest = Manifest(
        films=(Film(path="1.png", source="x"), Film(path="2.png", source="x")), root=tmp_path
    )
    refuse_synthetic_films(manifest)
    picture.save(tmp_path / "2.png", pnginfo=notes)
    with pytest.raises(SyntheticFilmError, match=r"2\.png, a synthetic film"):
        refuse_synthetic_films(manifest)


def test_repeated_rows_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,source\n1.png,x\n1.png,y\n")
    with pytest.raises(ManifestError, match=r"1\.png stands in 2 rows"):
        read_manifest(tmp_path / "m.csv")


def test_an_empty_manifest_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,source\n")
    assert read_manifest(tmp_path / "m.csv").films == ()


def test_a_missing_manifest_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="thoracle data build"):
        read_manifest(tmp_path / "none.csv")


def test_other_endings_are_refused_both_ways(tmp_path: Path) -> None:
    (tmp_path / "m.xlsx").write_bytes(b"")
    with pytest.raises(ManifestError, match=r'ends in "\.xlsx"'):
        read_manifest(tmp_path / "m.xlsx")
    with pytest.raises(ManifestError, match=r'ends in "\.txt"'):
        write_manifest(_manifest(), tmp_path / "m.txt")


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_pyarrow(name: str, *rest: object) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_pyarrow)
    with pytest.raises(MissingExtraError, match="extra `research`"):
        write_manifest(_manifest(), tmp_path / "m.parquet")


def test_selecting_films_keeps_the_root() -> None:
    manifest = _manifest()
    chosen = manifest.select(film for film in manifest.films if film.path == "1.png")
    assert [film.path for film in chosen.films] == ["1.png"]
    assert chosen.root == manifest.root
