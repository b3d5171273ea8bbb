"""Static files carry their digest, errors are a page for people and JSON for programs."""

import re

from starlette.types import Scope

from thoracle.web.render import asset_address, asset_response, assets, error_response


def _scope(path: str) -> Scope:
    return {"type": "http", "path": path, "headers": [], "query_string": b""}


def test_an_address_changes_with_the_file_it_names() -> None:
    addresses = {name: asset_address(name) for name in assets()}
    assert len(set(addresses.values())) == len(addresses)
    for name, address in addresses.items():
        assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", address)


def test_a_static_file_may_be_kept_for_good_and_an_unknown_one_is_none() -> None:
    found = asset_response("web.css")
    assert found is not None
    assert "immutable" in found.headers["cache-control"]
    assert asset_response("../texts.py") is None


def test_no_static_file_asks_for_anything_from_elsewhere() -> None:
    for name, asset in assets().items():
        if not name.endswith(".png"):
            text = asset.content.decode("utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http:" not in text, name
            assert "https:" not in text, name
            assert "@import" not in text, name


def test_an_error_is_a_page_for_people_and_escapes_what_it_quotes() -> None:
    answer = error_response(_scope("/results/x"), 404, "found <script>", code="unknown-result")
    body = bytes(answer.body).decode("utf-8")
    assert answer.status_code == 404
    assert "found &lt;script&gt;" in body
    assert "(unknown-result)" in body


def test_an_error_is_json_for_programs() -> None:
    for path in ("/api/analyze", "/results/x.json"):
        answer = error_response(_scope(path), 404, "found none", code="unknown-result")
        assert answer.body == b'{"error":{"code":"unknown-result","text":"found none"}}'
