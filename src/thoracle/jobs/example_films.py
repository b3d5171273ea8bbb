"""Films to try: those of the operator's own folder, else synthetic ones and what was fetched."""

import re
from pathlib import Path
from typing import Final

from thoracle.core.errors import StoreError
from thoracle.imaging.decode import DecodeLimits, decode
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.resample import shrink, to_bytes
from thoracle.jobs.open_films import Credit, read_credits

FOLDER: Final = "examples"
COUNT_MAX: Final = 12
_NAME: Final = re.compile(r"[\w][\w .()+-]{0,199}\.(png|jpe?g|webp|bmp|tiff?|dcm)", re.IGNORECASE)
_MASK: Final = "-opacity.png"
_DRAWN: Final = "synthetic-"  # how the names of drawn films begin
_THUMBNAIL_PX: Final = 160


class ExampleFilms:
    """The films that the first page offers to try.

    Parameters
    ----------
    home
        Folder of all that Thoracle keeps; synthetic and fetched films lie under `examples`.
    folder
        The operator's own; None where there is none.
    """

    def __init__(self, home: Path, folder: Path | None) -> None:
        self._is_own = folder is not None
        self._folder = home / FOLDER if folder is None else folder
        self._thumbnails: dict[str, bytes] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of at most `COUNT_MAX` films, in order; none where there are none."""
        if not self._folder.is_dir():
            return ()
        found = (path for path in self._folder.iterdir() if path.is_file())
        names = sorted(path.name for path in found if _is_film(path.name))
        return tuple(names[:COUNT_MAX])

    def credits(self) -> dict[str, Credit]:
        """Return what is owed for films that were fetched, by name."""
        return read_credits(self._folder)

    def read(self, name: str) -> bytes:
        """Return one of the films.

        Parameters
        ----------
        name
            One of `names`.

        Returns
        -------
        bytes
            The whole file. Where there is no such film, it is a StoreError.
        """
        return self._path(name).read_bytes()

    def thumbnail(self, name: str) -> bytes:
        """Return one of the films, of whatever kind, as a small PNG; it is made once.

        A film that is not offered is a StoreError, one that cannot be decoded an ImageError.
        """
        path = self._path(name)
        if name not in self._thumbnails:
            film = decode(path.read_bytes(), limits=DecodeLimits.from_settings())
            small = shrink(film.pixels, longest=_THUMBNAIL_PX)
            self._thumbnails[name] = png_bytes(to_bytes(small))
        return self._thumbnails[name]

    def prepare(self) -> None:
        """Draw synthetic films where there are none; some seconds of work."""
        if not self._is_own and not any(self._folder.glob(f"{_DRAWN}*")):
            from thoracle.jobs.examples import (  # drawing is much code
                ExamplesRequest,
                make_examples,
            )

            make_examples(ExamplesRequest(count=3, seed=1, size=512), self._folder)

    def _path(self, name: str) -> Path:
        if name not in self.names():
            raise StoreError(
                f"found no example {name[:200]!r} – expected one from the first page. Choose "
                "another.",
                code="unknown-example",
            )
        return self._folder / name


def _is_film(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not name.endswith(_MASK)
