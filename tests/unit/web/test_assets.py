"""Static files carry their digest, are compressed once, and ask for nothing from elsewhere."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

import thoracle.web
from thoracle.web.assets import asset_address, asset_response, assets, pack, takes_gzip

VENDORED = Path(str(thoracle.web.__file__)).parent / "static" / "vendor"
OWN = [name for name in assets() if not name.startswith("vendor/")]


def _request(encoding: str = "") -> HTTPConnection:
    headers = [(b"accept-encoding", encoding.encode())]
    return HTTPConnection({"type": "http", "path": "/", "headers": headers})


def test_an_address_changes_with_the_file_it_names() -> None:
    addresses = {name: asset_address(name) for name in assets()}
    assert len(set(addresses.values())) == len(addresses)
    for name, address in addresses.items():
        assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", address)


def test_a_static_file_may_be_kept_for_good_and_an_unknown_one_is_none() -> None:
    found = asset_response("web.css", _request())
    assert found is not None
    assert "immutable" in found.headers["cache-control"]
    assert "content-encoding" not in found.headers
    assert asset_response("../texts.py", _request()) is None


def test_a_browser_that_unpacks_gzip_gets_less() -> None:
    plain, packed = (asset_response("vendor/bootstrap.css", _request(one)) for one in ("", "gzip"))
    assert plain is not None
    assert packed is not None
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 4
    assert gzip.decompress(bytes(packed.body)) == plain.body


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("deflate, GZIP ; q=1", True),
        ("gzip;q=0", False),
        ("br, gzip; q=0.000", False),
        ("notgzip", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_those_who_take_it(said: str, wanted: bool) -> None:
    assert takes_gzip(_request(said)) is wanted


def test_all_that_can_be_is_compressed_beforehand() -> None:
    assets.cache_clear()
    assert not any("packed" in vars(one) for one in assets().values())
    pack()
    assert all("packed" in vars(one) for one in assets().values())


def test_no_file_of_ours_asks_for_anything_from_elsewhere() -> None:
    for name in OWN:
        if not name.endswith(".png"):
            text = assets()[name].content.decode("utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http:" not in text, name
            assert "https:" not in text, name
            assert "@import" not in text, name


def test_every_vendored_file_is_what_its_manifest_says_and_has_its_licence() -> None:
    said = json.loads((VENDORED / "vendor.json").read_text("utf-8"))
    found = {path.name for path in VENDORED.glob("*.js")} | {
        path.name for path in VENDORED.glob("*.css")
    }
    assert {one["file"] for one in said} == found
    for one in said:
        content = (VENDORED / one["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"], one["file"]
        assert (VENDORED / one["licence_file"]).stat().st_size > 300


def test_the_manifest_is_of_the_locked_versions() -> None:
    lock = json.loads((VENDORED.parents[4] / "frontend" / "package-lock.json").read_text("utf-8"))
    for one in json.loads((VENDORED / "vendor.json").read_text("utf-8")):
        locked = lock["packages"][f"node_modules/{one['package']}"]
        assert locked["version"] == one["version"]
        assert locked["integrity"].startswith("sha512-")
        assert "resolved" not in locked
