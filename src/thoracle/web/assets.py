"""The app's static files: whole in memory, compressed once, kept for good by browsers."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from thoracle.reporting.colormaps import DEFAULT_COLORMAP
from thoracle.reporting.overlay import color_bar_png

COLOR_BAR_NAME: Final = f"colorbar-{DEFAULT_COLORMAP}.png"

_YEAR_S: Final = 31_536_000  # addresses carry a digest, so a changed file has another address
_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
_PACKED: Final = frozenset({".css", ".js", ".svg", ".json"})
_EFFORT: Final = 6


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One static file, whole in memory."""

    content: bytes
    kind: str

    @cached_property
    def digest(self) -> str:
        """The beginning of its SHA-256, enough to tell versions apart."""
        return hashlib.sha256(self.content).hexdigest()[:12]

    @cached_property
    def packed(self) -> bytes | None:
        """The file compressed with gzip; None for a kind that is compressed already."""
        return gzip.compress(self.content, _EFFORT, mtime=0) if self.kind in _PACKED else None


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Return the static files by name; nothing is fetched from elsewhere."""
    folder = resources.files("thoracle.web") / "static"
    found = dict(_files(folder, ""))
    found[COLOR_BAR_NAME] = Asset(content=color_bar_png(), kind=".png")
    return found


def asset_address(name: str) -> str:
    """Return the address of a static file, with its digest."""
    return f"/static/{name}?v={assets()[name].digest}"


def asset_response(name: str, request: HTTPConnection) -> Response | None:
    """Return a static file as an answer; None where there is no such file."""
    asset = assets().get(name)
    if asset is None:
        return None
    headers = {"Cache-Control": f"public, max-age={_YEAR_S}, immutable", "Vary": "Accept-Encoding"}
    content = asset.content
    if takes_gzip(request) and asset.packed is not None:
        content = asset.packed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=_TYPES[asset.kind], headers=headers)


def pack() -> None:
    """Compress all that can be, so that the first who asks need not wait for it."""
    for asset in assets().values():
        _ = asset.packed


def takes_gzip(request: HTTPConnection) -> bool:
    """Say whether a browser can unpack gzip, and wants it.

    References
    ----------
    RFC 9110, 12.5.3: a weight of 0 means "not acceptable".
    """
    for one in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = one.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight == "" or weight.strip("0.") != ""
    return False


def _files(folder: Traversable, before: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for one in folder.iterdir():
        if one.is_dir():
            found += _files(one, f"{before}{one.name}/")
        elif (kind := f".{one.name.rsplit('.', 1)[-1]}") in _TYPES:
            found.append((before + one.name, Asset(content=one.read_bytes(), kind=kind)))
    return found
