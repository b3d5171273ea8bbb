"""A scan streams to disk and waits for its job; what is none, or too much, is refused."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from thoracle.imaging.trust import Trust
from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.ct_uploads import takes_scans, wishes_of
from thoracle.web.options import WebOptions

SCANS = "/api/v1/ct/scans"


def _uploads(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "uploads").glob("*/*"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04rest", "scan.zip"),
        (b"\x1f\x8brest", "scan.nii.gz"),
        (b"\x5c\x01\x00\x00rest", "scan.nii"),
        (b"\x00\x00\x02\x1crest", "scan.nii"),
    ],
)
@pytest.mark.parametrize("as_form", [True, False])
def test_a_scan_waits_on_disk_under_a_name_of_its_kind(
    client: TestClient,
    store: ResultStore,
    tmp_path: Path,
    content: bytes,
    name: str,
    *,
    as_form: bool,
) -> None:
    if as_form:
        answer = client.post(SCANS, files={"file": ("C:\\x\\chest.bin", content)})
    else:
        answer = client.post(SCANS, params={"file": "../chest.bin"}, content=content)
    assert answer.status_code == 202
    job = store.jobs.get(answer.json()["id"])
    assert answer.headers["location"] == f"/api/v1/ct/jobs/{job.id}"
    assert job.input["file"] == "chest.bin"
    path = store.uploads.file(job.input["upload"])
    assert (path.name, path.read_bytes()) == (name, content)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"DICM something"}, 422, "ct-upload-kind"),
        ({"content": b""}, 422, "request"),
        ({"files": {"other": ("a.zip", b"PK\x03\x04")}}, 422, "request"),
        ({"content": b"--x", "headers": {"content-type": "multipart/form-data"}}, 400, "request"),
    ],
)
def test_what_is_no_scan_leaves_nothing(
    client: TestClient,
    store: ResultStore,
    tmp_path: Path,
    sent: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = client.post(SCANS, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert _uploads(tmp_path) == []
    assert store.jobs.list_jobs(9) == ()


def test_a_scan_may_be_larger_than_a_film_but_not_endless(
    analyzer: Any, store: ResultStore, tmp_path: Path
) -> None:
    options = WebOptions(upload_limit_mb=0.1, ct_upload_limit_mb=0.5, loopback_only=True)
    app = create_app(analyzer, store, options=options)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        fits = client.post(SCANS, content=b"PK\x03\x04" + bytes(400_000))
        large = client.post(SCANS, content=b"PK\x03\x04" + bytes(900_000))
        film = client.post("/api/v1/analyses", content=bytes(400_000))
    assert (fits.status_code, large.status_code, film.status_code) == (202, 413, 413)
    assert "0.5 MB" in large.json()["detail"]
    assert _uploads(tmp_path) == ["scan.zip"]


def test_a_long_line_of_jobs_is_told_to_come_back(analyzer: Any, store: ResultStore) -> None:
    options = WebOptions(upload_limit_mb=1.0, loopback_only=True, jobs_max=1)
    app = create_app(analyzer, store, options=options)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.post(SCANS, content=b"PK\x03\x04").status_code == 202
        busy = client.post(SCANS, content=b"PK\x03\x04")
    assert busy.status_code == 429
    assert int(busy.headers["retry-after"]) > 0


def test_what_a_user_says_is_read_as_numbers() -> None:
    said = {
        "window_low": "-1350",
        "window_high": "150,5",
        "slice_spacing_mm": "-6",
        "grey_low": "",
        "series_uid": " 1.2.3 ",
        "responsible": "true",
    }
    wishes = wishes_of(said)
    assert wishes.trust == Trust(assume_window=(-1350.0, 150.5), slice_spacing_mm=-6.0)
    assert wishes.series_uid == "1.2.3"
    assert wishes.as_input()["assume_window"] == [-1350.0, 150.5]


def test_choosing_a_series_takes_no_responsibility() -> None:
    assert wishes_of({"series_uid": "1.2"}).trust == Trust()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Nothing was said"),
        ({"slice_spacing_mm": 6.0}, "Tick the box"),
        ({"slice_spacing_mm": 6.0, "responsible": False}, "Tick the box"),
        ({"window_low": -1000, "responsible": True}, "Both ends"),
        ({"slice_spacing_mm": "six", "responsible": True}, "no number"),
        ({"slice_spacing_mm": "nan", "responsible": True}, "no number"),
    ],
)
def test_what_is_half_said_is_refused(said: dict[str, Any], words: str) -> None:
    with pytest.raises(HTTPException) as caught:
        wishes_of(said)
    assert words in caught.value.detail


def test_scans_and_masks_may_be_large() -> None:
    assert takes_scans("/ct/new")
    assert takes_scans(SCANS)
    assert takes_scans(f"{SCANS}/id/masks")
    assert not takes_scans("/api/v1/analyses")
