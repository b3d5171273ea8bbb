"""Uploads wait on disk for their job, and are gone when nobody needs them."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from thoracle.core.errors import StoreError
from thoracle.store.uploads import UploadStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def uploads(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


def _kept(uploads: UploadStore, name: str = "scan.zip") -> str:
    upload_id = uploads.begin(now=NOW)
    part = uploads.folder(upload_id) / "part"
    part.write_bytes(b"PK")
    uploads.name(upload_id, part, name)
    return upload_id


@pytest.mark.parametrize("name", ["scan.zip", "scan.nii", "scan.nii.gz"])
def test_a_finished_upload_is_found_under_its_name(uploads: UploadStore, name: str) -> None:
    file = uploads.file(_kept(uploads, name))
    assert (file.name, file.read_bytes()) == (name, b"PK")


def test_only_this_user_can_read_it(uploads: UploadStore) -> None:
    assert uploads.folder(_kept(uploads)).stat().st_mode & 0o077 == 0


def test_one_that_is_still_written_or_gone_is_an_error(uploads: UploadStore) -> None:
    upload_id = uploads.begin(now=NOW)
    (uploads.folder(upload_id) / "part").write_bytes(b"")
    with pytest.raises(StoreError, match="Send it again") as caught:
        uploads.file(upload_id)
    assert caught.value.code == "upload-gone"
    uploads.remove(upload_id)
    uploads.remove(upload_id)
    with pytest.raises(StoreError):
        uploads.file(upload_id)


@pytest.mark.parametrize("name", ["../scan.zip", "scan.exe", "scan.zip.exe"])
def test_no_other_name_is_given(uploads: UploadStore, name: str) -> None:
    upload_id = uploads.begin(now=NOW)
    with pytest.raises(ValueError, match="expected scan"):
        uploads.name(upload_id, uploads.folder(upload_id) / "part", name)


def test_an_id_from_elsewhere_becomes_no_path(uploads: UploadStore) -> None:
    with pytest.raises(StoreError):
        uploads.folder("../results")


def test_old_uploads_go_but_those_that_are_needed(uploads: UploadStore) -> None:
    assert uploads.remove_older(NOW, needed=()) == 0
    old, needed, young = (_kept(uploads) for _ in range(3))
    for one in (old, needed):
        os.utime(uploads.folder(one), (0, 0))
    then = datetime.now(UTC) - timedelta(days=1)
    assert uploads.remove_older(then, needed=[needed]) == 1
    assert uploads.file(needed).exists()
    assert uploads.file(young).exists()
    assert not uploads.folder(old).exists()
