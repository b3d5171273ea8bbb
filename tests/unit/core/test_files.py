"""Digests against published vectors; writing that never leaves half a file."""

import os
from pathlib import Path

import pytest

from thoracle.core.files import replaced_folder, sha256_of, sha256_of_file, write_atomically

# FIPS 180-4 example, one block: "abc".
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_digest_of_bytes_is_the_published_one() -> None:
    assert sha256_of(b"abc") == ABC


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    (tmp_path / "long").write_bytes(b"a" * 1_000_000)
    assert sha256_of_file(tmp_path / "abc") == ABC
    # FIPS 180-4 example: a million times "a".
    million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    assert sha256_of_file(tmp_path / "long") == million


def test_a_file_is_written_with_the_folders_it_needs(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b.txt"
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "b.txt"
    target.write_bytes(b"a much longer old text")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"


def test_a_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.txt"
    target.write_bytes(b"old")

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_others_on_the_machine_can_read_but_not_write(tmp_path: Path) -> None:
    target = tmp_path / "b.txt"
    write_atomically(target, b"new")
    assert target.stat().st_mode & 0o777 == 0o644


def test_a_folder_is_replaced_once_the_new_one_is_filled(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("old")

    def fail() -> None:
        with replaced_folder(out) as partial:
            (partial / "half").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [one.name for one in out.iterdir()] == ["old"]
    with replaced_folder(out) as partial:
        assert list(partial.iterdir()) == []  # nothing of the one that failed
        (partial / "new").write_text("new")
        assert [one.name for one in out.iterdir()] == ["old"]
    assert [one.name for one in out.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [out]
