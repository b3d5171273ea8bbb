"""Fetch one file over HTTP: bounded in size, whole or not at all, from no other kind of address."""

import http.client
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    getproxies_environment,
)

from thoracle.core.errors import ThoracleError
from thoracle.core.version import version

WEB_SCHEMES: Final = ("http", "https")
REDIRECTS_MAX: Final = 5
_REDIRECTS: Final = (301, 302, 303, 307, 308)  # RFC 9110 15.4: these name the place to ask next


class DownloadError(ThoracleError):
    """A file could not be fetched."""

    code = "download"


def download(address: str, *, bytes_max: int, timeout_s: float) -> bytes:
    """Return what lies at a web address.

    A proxy is used only where the environment names one (`https_proxy`, `http_proxy`, `no_proxy`).

    Parameters
    ----------
    address
        An http or https address. Redirects are followed to addresses of the same kind, and from
        http to https.
    bytes_max
        Most bytes taken; no more are kept in memory.
    timeout_s
        Longest silence, in seconds.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    DownloadError
        The address is no web address or leads elsewhere, nobody answers, or the answer is not one
        whole file of at most `bytes_max`.
    """
    asked = address
    for _ in range(REDIRECTS_MAX + 1):
        answer = _ask(_web_address(asked), bytes_max=bytes_max, timeout_s=timeout_s)
        if isinstance(answer, bytes):
            return answer
        asked = answer
    raise DownloadError(
        f"found more than {REDIRECTS_MAX} redirects from {address} – expected a file. Correct the "
        "address.",
        code="download-redirect",
    )


def may_follow(address: str, target: str) -> bool:
    """Say whether a redirect from one address to another is followed."""
    before, after = urlsplit(address).scheme, urlsplit(target).scheme
    return after == "https" or (after == "http" and before == "http")


def _ask(address: str, *, bytes_max: int, timeout_s: float) -> bytes | str:
    """Return the file, or the address that a redirect names; a redirect's own body is not read.

    Raises
    ------
    DownloadError
        Nobody answers, or the connection breaks off.
    """
    agent = {"User-Agent": f"thoracle/{version()}"}
    request = Request(address, headers=agent)  # noqa: S310  (a web address: see download)
    try:
        with _opener().open(request, timeout=timeout_s) as response:
            return _whole(response, address, bytes_max)
    except HTTPError as error:
        with error:
            return _next_address(error, address)
    except http.client.IncompleteRead as error:
        raise DownloadError(
            f"found {len(error.partial)} bytes at {address} before the connection broke off – "
            "expected the whole file. Try again.",
            code="download-cut-off",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        reason = _printable(str(getattr(error, "reason", None) or error))
        raise DownloadError(
            f"found no connection to {address} ({reason}) – expected an answer. Check the network, "
            "and the variable https_proxy where there is a proxy; then try again.",
            code="download-connection",
        ) from error


def _opener() -> OpenerDirector:
    """Return an opener that knows the web alone: no files, no FTP, no data addresses."""
    named = getproxies_environment()
    proxies = {scheme: proxy for scheme, proxy in named.items() if scheme in WEB_SCHEMES}
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(proxies),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in WEB_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket too many
        is_web = False
    if not is_web or not address.isascii() or any(sign <= " " for sign in address):
        raise DownloadError(
            f"found the address {address!r} – expected one that begins with http:// or https:// "
            "and holds no spaces. Correct it.",
            code="download-address",
        )
    return address


def _next_address(error: HTTPError, address: str) -> str:
    named = error.headers.get("Location", "")
    if error.code not in _REDIRECTS or not named:
        raise DownloadError(
            f"found HTTP status {error.code} at {address} – expected 200 and a file. Check the "
            "address, or try again later.",
            code="download-status",
        )
    target = urljoin(address, named)
    if not may_follow(address, target):
        raise DownloadError(
            f"found a redirect from {address} to {_printable(target)} – expected one that "
            "stays on the web and does not leave https. Take the file from another place.",
            code="download-redirect",
        )
    return target


def _whole(response: http.client.HTTPResponse, address: str, bytes_max: int) -> bytes:
    is_too_large = (response.length or 0) > bytes_max
    content = b"" if is_too_large else response.read(bytes_max + 1)
    if is_too_large or len(content) > bytes_max:
        raise DownloadError(
            f"found more than {bytes_max / 1e6:g} MB at {address} – expected at most that. Check "
            "the address.",
            code="download-too-large",
        )
    if response.length:
        raise http.client.IncompleteRead(content, response.length)
    return content


def _printable(text: str) -> str:
    """Return what another machine said on one line, without signs that steer a terminal."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
