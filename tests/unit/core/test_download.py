"""A download is the whole file or one line that says why not; only the web is asked."""

import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from thoracle.core.download import REDIRECTS_MAX, DownloadError, download, may_follow

FILM = bytes(range(256)) * 40


def _fails(address: str, *, bytes_max: int = 100_000, timeout_s: float = 10) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        download(address, bytes_max=bytes_max, timeout_s=timeout_s)
    assert "\n" not in caught.value.text
    assert " – expected " in caught.value.text
    return caught.value


def test_the_whole_file_comes_back(web_place: Any) -> None:
    web_place.put("/a.png", FILM)
    assert download(f"{web_place.address}/a.png", bytes_max=len(FILM), timeout_s=10) == FILM


def test_a_file_whose_length_is_not_told_comes_back(web_place: Any) -> None:
    web_place.put("/a.png", FILM, headers={})
    assert download(f"{web_place.address}/a.png", bytes_max=len(FILM), timeout_s=10) == FILM


def test_a_missing_file_is_told_with_its_status(web_place: Any) -> None:
    error = _fails(f"{web_place.address}/none.png")
    assert error.code == "download-status"
    assert error.text.startswith("found HTTP status 404 at http://127.0.0.1")


@pytest.mark.parametrize("headers", [None, {}, {"Transfer-Encoding": "chunked"}])
def test_one_byte_too_many_is_refused(web_place: Any, headers: dict[str, str] | None) -> None:
    is_chunked = bool(headers)
    content = b"%x\r\n%b\r\n0\r\n\r\n" % (len(FILM), FILM) if is_chunked else FILM
    web_place.put("/a.png", content, headers=headers)
    error = _fails(f"{web_place.address}/a.png", bytes_max=len(FILM) - 1)
    assert error.code == "download-too-large"
    assert "more than 0.010239 MB" in error.text


def test_a_length_that_is_too_large_is_refused_before_reading(web_place: Any) -> None:
    web_place.put("/a.png", b"", headers={"Content-Length": "100001"})
    assert _fails(f"{web_place.address}/a.png").code == "download-too-large"


@pytest.mark.parametrize(
    ("content", "headers", "count"),
    [
        (FILM[:99], {"Content-Length": str(len(FILM))}, 99),
        (b"", {"Content-Length": str(len(FILM))}, 0),
        (b"10\r\nabc", {"Transfer-Encoding": "chunked"}, 0),
    ],
    ids=["some", "none", "chunked"],
)
def test_a_file_that_breaks_off_is_no_file(
    web_place: Any, content: bytes, headers: dict[str, str], count: int
) -> None:
    web_place.put("/a.png", content, headers=headers)
    error = _fails(f"{web_place.address}/a.png")
    assert error.code == "download-cut-off"
    assert f"found {count} bytes at" in error.text


def test_nobody_listening_is_no_connection(web_place: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = _fails(f"http://127.0.0.1:{port}/a.png")
    assert error.code == "download-connection"
    assert "refused" in error.text


def test_a_server_that_falls_silent_is_no_connection(web_place: Any) -> None:
    is_over = threading.Event()

    def fall_silent(handler: BaseHTTPRequestHandler) -> None:
        is_over.wait(60)

    web_place.answers["/a.png"] = fall_silent
    error = _fails(f"{web_place.address}/a.png", timeout_s=0.1)
    is_over.set()
    assert error.code == "download-connection"
    assert "timed out" in error.text


def test_what_is_no_http_is_no_connection(web_place: Any) -> None:
    def mumble(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"\x1b[2Jmumble\r\n\r\n")

    web_place.answers["/a.png"] = mumble
    error = _fails(f"{web_place.address}/a.png")
    assert error.code == "download-connection"
    assert "([2Jmumble)" in error.text  # the sign that would clear a terminal is gone


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_web_is_followed(web_place: Any, status: int) -> None:
    web_place.put("/old.png", b"moved", status=status, headers={"Location": "/new.png"})
    web_place.put("/new.png", FILM)
    assert download(f"{web_place.address}/old.png", bytes_max=len(FILM), timeout_s=10) == FILM
    assert web_place.asked == ["/old.png", "/new.png"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a", "a:b"])
def test_a_redirect_off_the_web_is_refused(web_place: Any, target: str) -> None:
    web_place.put("/a.png", status=302, headers={"Location": target})
    error = _fails(f"{web_place.address}/a.png")
    assert error.code == "download-redirect"
    assert f" to {target} " in error.text


def test_redirects_in_a_circle_end(web_place: Any) -> None:
    web_place.put("/a.png", status=302, headers={"Location": "/a.png"})
    assert _fails(f"{web_place.address}/a.png").code == "download-redirect"
    assert len(web_place.asked) == REDIRECTS_MAX + 1


def test_a_redirect_to_nowhere_is_a_status(web_place: Any) -> None:
    web_place.put("/a.png", status=302)
    assert _fails(f"{web_place.address}/a.png").code == "download-status"


@pytest.mark.parametrize(
    ("address", "target", "followed"),
    [
        ("https://a/x", "https://b/y", True),
        ("http://a/x", "https://b/y", True),
        ("http://a/x", "http://b/y", True),
        ("https://a/x", "http://a/x", False),
        ("https://a/x", "file:///x", False),
        ("http://a/x", "", False),
    ],
)
def test_no_redirect_leaves_encryption(address: str, target: str, *, followed: bool) -> None:
    assert may_follow(address, target) is followed


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a", "127.0.0.1/a.png", "http://", "",
        "http:///a.png", "http://127.0.0.1:many/a.png", "http://[::1/a.png",
        "http://127.0.0.1/a b.png", "http://127.0.0.1/a\r\nX: y", "http://127.0.0.1/ä.png",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_not_asked(address: str) -> None:
    assert _fails(address).code == "download-address"


def test_a_proxy_is_used_where_the_environment_names_one(
    web_place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", web_place.address)
    web_place.put("http://films.invalid/a.png", FILM)
    assert download("http://films.invalid/a.png", bytes_max=len(FILM), timeout_s=10) == FILM
    assert web_place.asked == ["http://films.invalid/a.png"]


def test_a_proxy_is_passed_by_where_the_environment_says_so(
    web_place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    web_place.put("/a.png", FILM)
    assert download(f"{web_place.address}/a.png", bytes_max=len(FILM), timeout_s=10) == FILM
