"""Files out of a ZIP archive, as the decoder's child reads them."""

import zipfile
import zlib
from collections.abc import Callable

import pytest

from thoracle.core.errors import ImageError
from thoracle.imaging.archive import archive_members, is_archive
from thoracle.imaging.limits import NAME_LIMIT, DecodeLimits

LIMITS = DecodeLimits(pixels_max=1000)


Pack = Callable[..., bytes]


def test_films_come_in_the_order_of_the_archive_with_their_last_names(pack: Pack) -> None:
    files = {"study/b.dcm": b"two", "study/series/a.dcm": b"one", "c.png": b""}
    assert list(archive_members(pack(files), limits=LIMITS)) == [
        ("b.dcm", b"two"),
        ("a.dcm", b"one"),
        ("c.png", b""),
    ]


def test_what_systems_put_beside_films_is_left_out(pack: Pack) -> None:
    beside = ["DICOMDIR", "a/Thumbs.db", "__MACOSX/._a.png", "a/.DS_Store", ".hidden/a.png", "a/"]
    files = dict.fromkeys(beside, b"x") | {"a/film.png": b"film"}
    assert list(archive_members(pack(files), limits=LIMITS)) == [("film.png", b"film")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a.dcm", "a.dcm"),
        ("a\n\x1bb.png", "a??b.png"),
        ("x" * 500 + ".png", "x" * (NAME_LIMIT - 4) + ".png"),
    ],
)
def test_a_name_that_could_harm_is_only_a_short_line(name: str, shown: str, pack: Pack) -> None:
    assert [one for one, _ in archive_members(pack({name: b"x"}), limits=LIMITS)] == [shown]


def test_a_file_larger_than_any_film_is_refused_before_it_is_unpack(pack: Pack) -> None:
    content = pack({"bomb.png": bytes(LIMITS.file_bytes_max + 1)})
    with pytest.raises(ImageError, match="at most") as error:
        list(archive_members(content, limits=LIMITS))
    assert error.value.code == "zip-too-large"


def test_a_size_that_lies_is_found(pack: Pack) -> None:
    content = pack({"a.png": b"z" * 5000})
    lying = content.replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(zipfile.BadZipFile):
        list(archive_members(lying, limits=LIMITS))


def test_other_methods_and_locks_are_refused_by_name(pack: Pack) -> None:
    with pytest.raises(ImageError, match="method 14") as error:
        list(archive_members(pack({"a": b"x"}, zipfile.ZIP_LZMA), limits=LIMITS))
    assert error.value.code == "zip-method"
    plain = pack({"a": b"x"}, zipfile.ZIP_STORED)
    place = plain.index(b"PK\x01\x02") + 8
    locked = plain[:place] + b"\x01\x00" + plain[place + 2 :]
    with pytest.raises(ImageError, match="password") as error:
        list(archive_members(locked, limits=LIMITS))
    assert error.value.code == "zip-encrypted"


def test_an_office_document_is_named(pack: Pack) -> None:
    files = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}
    with pytest.raises(ImageError, match="Office") as error:
        list(archive_members(pack(files), limits=LIMITS))
    assert error.value.code == "zip-document"


@pytest.mark.parametrize("cut", [4, 30, -10])
def test_a_torn_archive_is_never_silently_short(cut: int, pack: Pack) -> None:
    content = pack({"a.png": b"abc" * 100, "b.png": b"def" * 100})
    with pytest.raises((zipfile.BadZipFile, EOFError, zlib.error)):
        list(archive_members(content[:cut], limits=LIMITS))


def test_an_archive_is_known_by_its_first_bytes(pack: Pack) -> None:
    assert is_archive(pack({"a": b""}))
    assert is_archive(pack({}))
    assert not is_archive(b"\x89PNG\r\n\x1a\n")
