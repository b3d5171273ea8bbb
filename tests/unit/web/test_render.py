"""Pages are in the visitor's language; errors are a page for people and a problem for programs."""

import gzip
import json

from starlette.requests import HTTPConnection
from starlette.types import Scope

from thoracle.web.render import error_response, page


def _scope(path: str, **headers: str) -> Scope:
    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "headers": listed, "query_string": b""}


def test_an_error_is_a_page_for_people_and_escapes_what_it_quotes() -> None:
    answer = error_response(_scope("/results/x"), 404, "found <script>", code="unknown-result")
    body = bytes(answer.body).decode("utf-8")
    assert answer.status_code == 404
    assert "found &lt;script&gt;" in body
    assert "(unknown-result)" in body
    assert '<html lang="en">' in body


def test_an_error_is_a_problem_for_programs() -> None:
    for path in ("/api/v1/analyses", "/results/x.json"):
        answer = error_response(_scope(path), 404, "found none", code="unknown-result")
        assert answer.media_type == "application/problem+json"
        assert json.loads(bytes(answer.body)) == {
            "type": "about:blank",
            "title": "unknown-result",
            "status": 404,
            "detail": "found none",
            "code": "unknown-result",
        }


def test_a_page_is_in_the_language_of_the_cookie_else_of_the_browser() -> None:
    portuguese = _scope("/x", accept_language="pt-BR")
    answer = error_response(portuguese, 404, "There is no such page.")
    assert "Esta página não existe." in bytes(answer.body).decode("utf-8")
    assert answer.headers["content-language"] == "pt"
    chosen = _scope("/x", accept_language="pt-BR", cookie="language=en")
    assert "There is no such page." in bytes(
        error_response(chosen, 404, "There is no such page.").body
    ).decode("utf-8")


def test_a_page_is_compressed_for_a_browser_that_takes_it() -> None:
    request = HTTPConnection(_scope("/x", accept_encoding="gzip, br"))
    answer = page(request, "error.html", result_address=None, text="found none", code="x")
    assert answer.headers["content-encoding"] == "gzip"
    assert b"found none" in gzip.decompress(bytes(answer.body))
