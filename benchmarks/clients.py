"""Clients of a server: some that send films one after the other, and far too many at once."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from serving import START_LIMIT_S, form_of

TOO_MANY = 429
Send = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Run:
    """How long each film took, in its client's eyes, and all of them together."""

    taken_s: list[float]
    wall_s: float

    @property
    def per_second(self) -> float:
        """Films in a second."""
        return len(self.taken_s) / self.wall_s


@dataclass(kw_only=True)
class Rush:
    """What became of the requests of too many clients."""

    accepted_s: list[float] = field(default_factory=list)
    refused: int = 0
    broken: int = 0

    def __add__(self, later: "Rush") -> "Rush":
        return Rush(
            accepted_s=self.accepted_s + later.accepted_s,
            refused=self.refused + later.refused,
            broken=self.broken + later.broken,
        )

    @property
    def refused_share(self) -> float:
        """Share of the requests that were told to come back."""
        return self.refused / max(1, self.refused + self.broken + len(self.accepted_s))


def send_films(connect: Callable[[], Send], *, clients: int, films: int) -> Run:
    """Let clients send films one after the other, at the same time as each other.

    Parameters
    ----------
    connect
        Makes one client's way of sending one film and reading the answer.
    clients, films
        How many clients, and how many films they send together.

    Returns
    -------
    Run
        Of all films; a few before them warm the server up and do not count.
    """
    sends = [connect() for _ in range(clients)]
    with ThreadPoolExecutor(clients) as threads:
        for _ in range(2):
            list(threads.map(_timed, sends))
        shares = [films // clients + (one < films % clients) for one in range(clients)]
        began_s = time.perf_counter()
        taken = list(threads.map(lambda send, n: [_timed(send) for _ in range(n)], sends, shares))
        wall_s = time.perf_counter() - began_s
    return Run(taken_s=[one for client in taken for one in client], wall_s=wall_s)


def rush(port: int, content: bytes, *, clients: int, lasting_s: float) -> Rush:
    """Let far too many clients send a film again and again; those told to wait do.

    Parameters
    ----------
    port
        Of the web app.
    content
        The film.
    clients
        How many; none waits between an answer and its next film.
    lasting_s
        How long.

    Returns
    -------
    Rush
        `accepted_s` from an upload that was let in to the last byte of its result's page.
    """
    found, lock = Rush(), threading.Lock()
    end_s = time.perf_counter() + lasting_s

    def client() -> None:
        browser = Browser(port, content)
        while time.perf_counter() < end_s:
            began_s = time.perf_counter()
            status, wait_s = browser.try_to_send()
            took_s = time.perf_counter() - began_s
            with lock:
                if status == http.HTTPStatus.OK:
                    found.accepted_s.append(took_s)
                elif status == TOO_MANY:
                    found.refused += 1
                else:
                    found.broken += 1
            if status == TOO_MANY:
                time.sleep(max(0.0, min(wait_s, end_s - time.perf_counter())))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found


class Browser:
    """Sends a film as the first page's form does, and reads the page that it is led to."""

    def __init__(self, port: int, content: bytes) -> None:
        self._port = port
        self._connection = _connection(port)
        self._body, self._kind = form_of(content, values={"override_gate": "true"})
        self.result = ""

    def send(self) -> None:
        """Send the film and read its result's page; anything but 200 ends the benchmark."""
        status, _ = self.try_to_send()
        if status != http.HTTPStatus.OK:
            sys.exit(f"The web app answered a film with {status}.")

    def try_to_send(self) -> tuple[int, float]:
        """Send the film; return the status, and how long to wait where that was said."""
        headers = {"Content-Type": self._kind, "Accept-Encoding": "gzip"}
        try:
            answer = self._ask("POST", "/analyze", self._body, headers)
            if answer.status != http.HTTPStatus.SEE_OTHER:
                return answer.status, float(answer.headers.get("Retry-After", 0))
            self.result = answer.headers["Location"]
            return self._ask("GET", self.result, None, {"Accept-Encoding": "gzip"}).status, 0.0
        except (OSError, http.client.HTTPException):
            self._connection = _connection(self._port)
            return 0, 0.0

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer


class GradioClient:
    """Sends a film through the queue that Gradio's own page uses, and reads what it is told."""

    def __init__(self, port: int, content: bytes) -> None:
        self._connection = _connection(port)
        self._body, self._kind = form_of(content)

    def send(self) -> None:
        """Upload the film, queue it, and read events until its result is complete."""
        path = json.loads(self._post("/gradio_api/upload", self._body, self._kind))[0]
        film = {"path": path, "orig_name": "film", "meta": {"_type": "gradio.FileData"}}
        asked = json.dumps({"data": [film]}).encode()
        event = json.loads(self._post("/gradio_api/call/judge", asked, "application/json"))
        self._connection.request("GET", f"/gradio_api/call/judge/{event['event_id']}")
        told = self._connection.getresponse().read()
        if b"event: complete" not in told:
            sys.exit(f"Gradio answered a film with {told[:200]!r}.")

    def _post(self, path: str, body: bytes, kind: str) -> bytes:
        self._connection.request("POST", path, body, {"Content-Type": kind})
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status != http.HTTPStatus.OK:
            sys.exit(f"Gradio answered {path} with {answer.status}: {told[:200]!r}")
        return told


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=START_LIMIT_S)


def _timed(send: Send) -> float:
    began_s = time.perf_counter()
    send()
    return time.perf_counter() - began_s
