"""Near-duplicates are found, strangers are not, and groups follow every chain."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import SplitError
from thoracle.datasets.candidates import Candidate, Placement
from thoracle.datasets.duplicates import (
    DuplicateKind,
    DuplicatePair,
    DuplicateSearch,
    _pair,
    find_duplicates,
    group_films,
    read_pairs,
    write_pairs,
)
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest

PaintFilm = Callable[..., ByteArray]


def _link(a: str, b: str) -> DuplicatePair:
    return DuplicatePair(a=a, b=b, score=0.9, kind=DuplicateKind.COPY)


def _manifest(*films: tuple[str, str | None]) -> Manifest:
    return Manifest(
        films=tuple(Film(path=path, source="s", patient=patient) for path, patient in films),
        root=Path("/data"),
    )


def _save(root: Path, name: str, picture: ByteArray, *, quality: int = 95) -> None:
    Image.fromarray(np.ascontiguousarray(picture)).save(root / name, quality=quality)


@pytest.fixture(scope="module")
def searched(
    paint_film: PaintFilm, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DuplicateSearch, list[str]]:
    """Search twenty strangers, six copies of the first, and a broken file."""
    root = tmp_path_factory.mktemp("films")
    film = paint_film(0)
    for patient in range(20):
        _save(root, f"stranger{patient:02}.png", paint_film(patient))
    _save(root, "copy-jpeg.jpg", film, quality=40)
    _save(root, "copy-dark.png", np.asarray(np.round((film / 255.0) ** 1.6 * 255), np.uint8))
    small = Image.fromarray(film).resize((120, 120), Image.Resampling.BILINEAR)
    _save(root, "copy-square.png", np.asarray(small))
    _save(root, "crop.png", film[24:-10, 30:-8])
    _save(root, "mirrored.png", film[:, ::-1])
    _save(root, "copy-framed.png", np.pad(film, ((0, 0), (60, 60))))
    (root / "broken.png").write_bytes(b"\x89PNG nothing")
    names = sorted(path.name for path in root.iterdir())
    manifest = Manifest(films=tuple(Film(path=name, source="s") for name in names), root=root)
    stages: list[str] = []
    search = find_duplicates(manifest, on_progress=lambda stage, _done, _all: stages.append(stage))
    return search, stages


def test_every_kind_of_copy_is_linked_to_its_original(
    searched: tuple[DuplicateSearch, list[str]],
) -> None:
    linked = {pair.a for pair in searched[0].pairs if pair.b == "stranger00.png"}
    assert linked == {
        "copy-jpeg.jpg",
        "copy-dark.png",
        "copy-square.png",
        "crop.png",
        "mirrored.png",
        "copy-framed.png",
    }


def test_no_two_strangers_are_linked(searched: tuple[DuplicateSearch, list[str]]) -> None:
    assert not [pair for pair in searched[0].pairs if pair.a.startswith("stranger")]
    assert not [
        pair
        for pair in searched[0].pairs
        if pair.b.startswith("stranger") and pair.b != "stranger00.png"
    ]


def test_kinds_say_how_the_pair_differs(searched: tuple[DuplicateSearch, list[str]]) -> None:
    kinds = {pair.a: pair.kind for pair in searched[0].pairs if pair.b == "stranger00.png"}
    assert kinds["copy-jpeg.jpg"] is DuplicateKind.COPY
    assert kinds["mirrored.png"] is DuplicateKind.MIRRORED
    assert kinds["crop.png"] is DuplicateKind.CROP


def test_a_file_that_is_no_picture_is_named_and_linked_to_nothing(
    searched: tuple[DuplicateSearch, list[str]],
) -> None:
    assert searched[0].unreadable == ("broken.png",)
    assert not [pair for pair in searched[0].pairs if "broken.png" in {pair.a, pair.b}]


def test_pairs_come_highest_score_first_with_ordered_paths(
    searched: tuple[DuplicateSearch, list[str]],
) -> None:
    scores = [pair.score for pair in searched[0].pairs]
    assert scores == sorted(scores, reverse=True)
    assert all(pair.a < pair.b for pair in searched[0].pairs)


def test_the_three_stages_report_progress(
    searched: tuple[DuplicateSearch, list[str]],
) -> None:
    assert list(dict.fromkeys(searched[1])) == ["read", "compare", "verify"]


def test_a_single_film_has_no_duplicates(tmp_path: Path, paint_film: PaintFilm) -> None:
    _save(tmp_path, "one.png", paint_film(1))
    manifest = Manifest(films=(Film(path="one.png", source="s"),), root=tmp_path)
    assert find_duplicates(manifest, on_progress=lambda *_: None).pairs == ()


@pytest.mark.parametrize(
    ("score", "scale_y", "is_flipped", "kind"),
    [
        (0.55, 0.8, True, DuplicateKind.LOOKALIKE),
        (0.60, 1.0, False, DuplicateKind.COPY),
        (0.90, 0.8, False, DuplicateKind.CROP),
        (0.90, 1.18, False, DuplicateKind.CROP),
        (0.90, 0.8, True, DuplicateKind.MIRRORED),
    ],
)
def test_kind_follows_score_and_place(
    score: float, scale_y: float, is_flipped: bool, kind: DuplicateKind
) -> None:
    placement = Placement(
        scale_y=scale_y, shift_y=0.0, scale_x=1.0, shift_x=0.0, is_flipped=is_flipped
    )
    candidate = Candidate(query=0, gallery=1, score=0.9, placement=placement)
    pair = _pair("z.png", "a.png", score, candidate)
    assert (pair.a, pair.b, pair.kind) == ("a.png", "z.png", kind)


def test_groups_follow_chains_of_patients_and_duplicates() -> None:
    manifest = _manifest(
        ("a", "1"), ("b", "1"), ("c", "2"), ("d", "2"), ("e", None), ("f", None), ("g", None)
    )
    groups = group_films(manifest, [_link("b", "c"), _link("d", "e")])
    assert groups == {"a": "a", "b": "a", "c": "a", "d": "a", "e": "a", "f": "f", "g": "g"}


def test_unknown_patients_are_not_one_patient() -> None:
    assert len(set(group_films(_manifest(("a", None), ("b", None)), []).values())) == 2


def test_links_to_films_outside_the_manifest_are_ignored() -> None:
    assert group_films(_manifest(("a", None)), [_link("a", "zz")]) == {"a": "a"}


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=15),
    st.lists(st.sampled_from(["p", "q", None]), min_size=13, max_size=13),
)
def test_groups_are_the_connected_components(
    links: list[tuple[int, int]], patients: list[str | None]
) -> None:
    names = [f"{index:02}" for index in range(13)]
    manifest = _manifest(*zip(names, patients, strict=True))
    groups = group_films(manifest, [_link(names[a], names[b]) for a, b in links])
    reach = np.eye(13, dtype=bool)
    for a, b in links:
        reach[a, b] = reach[b, a] = True
    for a in range(13):
        for b in range(13):
            reach[a, b] |= patients[a] is not None and patients[a] == patients[b]
    for middle in range(13):
        reach |= reach[:, [middle]] & reach[[middle], :]
    for a in range(13):
        assert groups[names[a]] == names[int(np.flatnonzero(reach[a])[0])]


def test_pairs_survive_writing_and_reading(tmp_path: Path) -> None:
    pairs = (
        DuplicatePair(a="a", b="b,c", score=0.75, kind=DuplicateKind.CROP),
        DuplicatePair(a="a", b="d", score=0.5, kind=DuplicateKind.LOOKALIKE),
    )
    write_pairs(pairs, tmp_path / "d.csv", manifest_digest="12")
    assert read_pairs(tmp_path / "d.csv", manifest_digest="12") == pairs


def test_pairs_of_another_manifest_are_refused(tmp_path: Path) -> None:
    write_pairs((), tmp_path / "d.csv", manifest_digest="12")
    with pytest.raises(SplitError, match="belongs to manifest 12, but this one is 34"):
        read_pairs(tmp_path / "d.csv", manifest_digest="34")


@pytest.mark.parametrize("content", [None, "a,b\n1,2\n", "a,b,score,kind\n1,2,high,copy\n"])
def test_pairs_that_cannot_be_read_say_to_audit_again(tmp_path: Path, content: str | None) -> None:
    write_pairs((), tmp_path / "d.csv", manifest_digest="12")
    if content is None:
        (tmp_path / "d.csv").unlink()
    else:
        (tmp_path / "d.csv").write_text(content)
    with pytest.raises(SplitError, match="Run the audit again"):
        read_pairs(tmp_path / "d.csv", manifest_digest="12")
