"""Fetch openly licensed films from their public home, each only if it is the very file listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thoracle.core.download import DownloadError, download
from thoracle.core.errors import ThoracleError
from thoracle.core.files import sha256_of, sha256_of_file, write_atomically
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.jobs.open_films import FilmList, OpenFilm, OpenFilmsError, keep_credit

TIMEOUT_S: Final = 20.0  # of silence; a slow line may take longer over a whole film
STAGE: Final = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of one film: `is_new` unless it was there already; `error` where it failed."""

    film: OpenFilm
    is_new: bool = False
    error: ThoracleError | None = None


def fetch_films(
    films: FilmList,
    folder: Path,
    *,
    mirror: str | None = None,
    timeout_s: float = TIMEOUT_S,
    on_progress: Progress = no_progress,
) -> Iterator[Fetched]:
    """Fetch films into a folder, one after the other; a failure does not end it.

    A film is written only once its SHA-256 is right, and whole or not at all; its credit is
    written first. A film that is there already, with the right SHA-256, is left as it is.

    Parameters
    ----------
    films
        Which, and where they lie.
    folder
        Made if needed.
    mirror
        Address under which the films lie by their names; None takes the list's own.
    timeout_s
        Longest silence of the other side, in seconds.
    on_progress
        Told after each film.

    Yields
    ------
    Fetched
        Each film in the order of the list.
    """
    for film in counted(films.films, STAGE, on_progress):
        address = films.address_of(film, mirror=mirror)
        try:
            content = None
            if not _is_there(folder, film):
                content = download(address, bytes_max=films.bytes_max, timeout_s=timeout_s)
                _need_digest(content, film, address)
            _keep(folder, film, content)
        except ThoracleError as error:
            yield Fetched(film=film, error=error)
        else:
            yield Fetched(film=film, is_new=content is not None)


def _is_there(folder: Path, film: OpenFilm) -> bool:
    try:
        return sha256_of_file(folder / film.name) == film.sha256
    except OSError:  # none, or none that can be read
        return False


def _need_digest(content: bytes, film: OpenFilm, address: str) -> None:
    found = sha256_of(content)
    if found != film.sha256:
        raise DownloadError(
            f"found another file at {address} (SHA-256 {found[:12]}…) – expected {film.name} of "
            f"the list ({film.sha256[:12]}…). It was not kept; take the film from another place.",
            code="download-digest",
        )


def _keep(folder: Path, film: OpenFilm, content: bytes | None) -> None:
    try:
        keep_credit(folder, film)
        if content is not None:
            write_atomically(folder / film.name, content)
    except OSError as error:
        raise OpenFilmsError(
            f"found no way to write {film.name} into {folder} ({error.strerror or error}) – "
            "expected a folder with room that can be written. Make room, or choose another with "
            "--out.",
            code="open-film-not-kept",
        ) from error
