"""A recording comes as a form's file or as the body, with what is said of it."""

from typing import Any

import anyio
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from thoracle.core.errors import SignalError
from thoracle.web.recording_uploads import SentRecording, receive_recording

BOUNDARY = "edge"


def _request(body: bytes, kind: str, query: str = "") -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "headers": headers, "app": None}
    scope["query_string"] = query.encode()
    return Request(scope, receive)


def _received(request: Request) -> SentRecording:
    return anyio.run(receive_recording, request)


def _form(**fields: str) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="C:\\\\a\\\\b.csv"'
    parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\nx\n1\n\r\n--{BOUNDARY}--\r\n")
    return "".join(parts).encode()


def test_a_body_is_the_file_and_the_query_says_the_rest() -> None:
    query = "file=night.csv&sensor=belt&rate_hz=12,5&channel=chest&other=1"
    sent = _received(_request(b"x\n1\n", "text/csv", query))
    assert (sent.name, sent.content) == ("night.csv", b"x\n1\n")
    choice = sent.choice
    assert (choice.sensor, choice.rate_hz, choice.channel) == ("belt", 12.5, "chest")
    assert choice.time_unit is None
    assert sent.patient is None


def test_a_form_says_the_same_and_empty_fields_are_not_said() -> None:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    body = _form(sensor="flow", rate_hz="", patient=" 12 " + "3" * 90)
    sent = _received(_request(body, kind))
    assert sent.name == "b.csv"
    assert sent.choice.rate_hz is None
    assert sent.choice.sensor == "flow"
    assert sent.patient is not None
    assert len(sent.patient) == 64


@pytest.mark.parametrize("kind", ["text/csv", "application/x-www-form-urlencoded"])
def test_nothing_is_no_recording(kind: str) -> None:
    with pytest.raises(HTTPException) as caught:
        _received(_request(b"", kind))
    assert caught.value.status_code == 422
    assert "No recording arrived" in caught.value.detail


def test_a_garbled_form_is_told_of() -> None:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    with pytest.raises(HTTPException) as caught:
        _received(_request(b"--other\r\nnothing", kind))
    assert caught.value.status_code in {400, 422}


def test_a_rate_in_words_is_refused() -> None:
    sent = SentRecording(name="a", content=b"x", said={"rate_hz": "fast"})
    with pytest.raises(SignalError, match="no number of samples per second"):
        _ = sent.choice


def test_the_digest_is_of_all_that_was_sent() -> None:
    first = SentRecording(name="a", content=b"x", said={"sensor": "belt"})
    same = SentRecording(name="a", content=b"x", said={"sensor": "belt"})
    others = [
        SentRecording(name="b", content=b"x", said={"sensor": "belt"}),
        SentRecording(name="a", content=b"y", said={"sensor": "belt"}),
        SentRecording(name="a", content=b"x", said={"sensor": "flow"}),
    ]
    assert first.digest() == same.digest()
    assert first.digest() not in {one.digest() for one in others}
