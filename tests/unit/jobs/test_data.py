"""Use cases: inputs of every kind in one manifest, known near-duplicates, checked splits."""

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from scipy import ndimage

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import SplitError
from thoracle.core.progress import no_progress
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair, write_pairs
from thoracle.datasets.film import Film
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.datasets.film_writing import film_dicom, film_png
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.faults import SyntheticFilmError, UnreadableFileError
from thoracle.jobs.data import (
    Inputs,
    SplitPlan,
    build,
    near_duplicates,
    split_manifest,
)


def _touch(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _inputs(root: Path) -> Inputs:
    _touch(root / "kids/NORMAL/IM-0001-0001.jpg", b"one")
    _touch(root / "clinic/viral/7_1.png", b"\xff\xd8\xff")
    _touch(root / "own/3.png", b"three")
    (root / "own/list.csv").write_text("path,label\n3.png,normal\n")
    return Inputs(
        sources=(("kermany", root / "kids"),),
        folders=(root / "clinic",),
        tables=(root / "own/list.csv",),
        patient_pattern=r"^(\d+)_",
    )


def test_all_inputs_come_into_one_manifest_with_digests(tmp_path: Path) -> None:
    manifest = build(_inputs(tmp_path), with_sha256=True).manifest
    assert manifest.root == tmp_path.resolve()
    assert {film.path: film.patient for film in manifest.films} == {
        "kids/NORMAL/IM-0001-0001.jpg": "kermany:im1",
        "clinic/viral/7_1.png": "clinic:7",
        "own/3.png": None,
    }
    digests = {film.path: film.sha256 for film in manifest.films}
    assert digests["own/3.png"] == hashlib.sha256(b"three").hexdigest()


def test_digests_of_files_can_be_left_out(tmp_path: Path) -> None:
    manifest = build(_inputs(tmp_path), with_sha256=False).manifest
    assert {film.sha256 for film in manifest.films} == {None}


def test_what_a_folder_holds_beside_films_is_said(tmp_path: Path) -> None:
    inputs = _inputs(tmp_path)
    _touch(tmp_path / "clinic/viral/8.gif", b"GIF89a")
    _touch(tmp_path / "clinic/viral/9.gif", b"GIF89a")
    _touch(tmp_path / "clinic/viral/notes.txt", b"notes")
    built = build(inputs, with_sha256=False)
    assert built.skipped == (f"{tmp_path / 'clinic'}: skipped 2 GIF, 1 text",)


def test_folders_of_films_only_need_no_word(tmp_path: Path) -> None:
    assert build(_inputs(tmp_path), with_sha256=False).skipped == ()


def test_a_file_that_cannot_be_read_for_its_digest_is_named(tmp_path: Path) -> None:
    inputs = _inputs(tmp_path)
    (tmp_path / "kids/NORMAL/IM-0002-0001.jpg").mkdir()
    with pytest.raises(UnreadableFileError, match=r"IM-0002-0001\.jpg \(Is a directory\)"):
        build(inputs, with_sha256=True)


def test_a_dicom_tree_comes_in_with_what_was_skipped(tmp_path: Path) -> None:
    request = FilmRequest(finding="No finding", seed=1, number=0, size=128)
    data = pydicom.dcmread(BytesIO(film_dicom(draw_film(shipped_model(), request))))
    data.PatientName, data.PatientID, data.ImageComments = "Doe^Jane", "7", ""
    (tmp_path / "archive").mkdir()
    data.save_as(tmp_path / "archive/1")
    _touch(tmp_path / "archive/notes", b"notes")
    built = build(Inputs(dicom_trees=(tmp_path / "archive",)), with_sha256=False)
    assert [film.patient for film in built.manifest.films] == ["archive:7"]
    assert built.skipped == (f"{tmp_path / 'archive'}: skipped 1 text",)


def test_a_synthetic_film_never_comes_into_a_manifest(tmp_path: Path) -> None:
    request = FilmRequest(finding="No finding", seed=1, number=0, size=128, with_opacity=False)
    film = draw_film(shipped_model(), request)
    _touch(tmp_path / "viral" / "film.png", film_png(film))
    with pytest.raises(SyntheticFilmError, match="never training or evaluation data"):
        build(Inputs(folders=(tmp_path,)), with_sha256=False)


def _manifest(root: Path) -> Manifest:
    films = tuple(
        Film(
            path=f"{index}.png",
            source="ab"[index % 2],
            label="normal",
            site="Italy" if index == 0 else None,
            official_split="test_or_val" if index == 3 else None,
        )
        for index in range(8)
    )
    return Manifest(films=films, root=root)


PAIR = DuplicatePair(a="0.png", b="1.png", score=0.9, kind=DuplicateKind.COPY)


def test_known_near_duplicates_are_read_instead_of_searched(tmp_path: Path) -> None:
    manifest = _manifest(tmp_path)
    write_pairs([PAIR], tmp_path / "d.csv", manifest_digest=manifest.digest)
    search = near_duplicates(
        manifest, known=tmp_path / "d.csv", on_progress=lambda *_: pytest.fail("searched")
    )
    assert search.pairs == (PAIR,)


def test_without_known_ones_the_films_are_searched(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 255, (8, 40, 40)).astype(np.uint8)
    grey[1] = grey[0]
    for index, picture in enumerate(grey):
        Image.fromarray(picture).save(tmp_path / f"{index}.png")
    search = near_duplicates(_manifest(tmp_path), known=None, on_progress=lambda *_: None)
    assert ("0.png", "1.png") in {(pair.a, pair.b) for pair in search.pairs}


def test_films_of_the_same_lungs_are_near_duplicates_however_cropped(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    greys = [
        (ndimage.zoom(rng.random((40, 40)), 10, order=1) * 255).astype(np.uint8) for _ in range(8)
    ]
    greys[5] = greys[0][90:310, 90:310]  # a tight crop of the first
    for index, grey in enumerate(greys):
        Image.fromarray(grey).save(tmp_path / f"{index}.png")
    (tmp_path / "7.png").write_bytes(b"no picture")

    def find_lungs(pixels: FloatArray) -> BoolArray:
        lungs = np.zeros(pixels.shape, bool)
        margin = 0 if len(pixels) < 400 else 90
        lungs[10 + margin : 210 + margin, 10 + margin : 210 + margin] = True
        return lungs

    manifest = _manifest(tmp_path)
    write_pairs([PAIR], tmp_path / "d.csv", manifest_digest=manifest.digest)
    search = near_duplicates(
        manifest, known=tmp_path / "d.csv", find_lungs=find_lungs, on_progress=no_progress
    )
    assert search.unreadable == ("7.png",)
    assert {(pair.a, pair.b, pair.kind) for pair in search.pairs} == {
        ("0.png", "1.png", DuplicateKind.COPY),
        ("0.png", "5.png", DuplicateKind.LUNGS),
    }
    nobody = near_duplicates(
        manifest,
        known=tmp_path / "d.csv",
        find_lungs=lambda _: np.zeros((4, 4), bool),
        on_progress=no_progress,
    )
    assert nobody.pairs == (PAIR,)


def test_a_plain_plan_makes_the_default_split(tmp_path: Path) -> None:
    split = split_manifest(_manifest(tmp_path), [PAIR], SplitPlan(seed=1))
    names = split.by_path()
    assert names["0.png"] == names["1.png"]
    assert set(names.values()) <= {"train", "tune", "calibrate", "test"}


def test_the_official_test_set_can_be_asked_for(tmp_path: Path) -> None:
    plan = SplitPlan(seed=1, fractions={"train": 0.9, "test": 0.1}, use_official=True)
    assert split_manifest(_manifest(tmp_path), [PAIR], plan).by_path()["3.png"] == "test"


@pytest.mark.parametrize(
    ("plan", "external"),
    [
        (SplitPlan(seed=1, left_out_sources=("a",)), {"0.png", "2.png", "4.png", "6.png"}),
        (SplitPlan(seed=1, left_out_sites=("Italy",)), {"0.png"}),
    ],
)
def test_a_source_or_a_site_can_be_left_out(
    tmp_path: Path, plan: SplitPlan, external: set[str]
) -> None:
    split = split_manifest(_manifest(tmp_path), [PAIR], plan)
    names = split.by_path()
    assert {path for path, name in names.items() if name == "external"} == external
    assert split.dropped == ("1.png",)


def test_official_and_left_out_exclude_each_other(tmp_path: Path) -> None:
    plan = SplitPlan(seed=1, use_official=True, left_out_sources=("a",))
    with pytest.raises(SplitError, match="exclude each other"):
        split_manifest(_manifest(tmp_path), [], plan)
