"""Real films that anybody may pass on: which there are, and the credit that each is owed."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import tomli_w
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from thoracle.core.errors import ThoracleError
from thoracle.core.files import write_atomically

LIST_NAME: Final = "open_films.toml"
CREDITS_NAME: Final = "credits.toml"
_CONFIG: Final = ConfigDict(extra="forbid")
_CREDITS_HEAD: Final = (
    "# Real films that `thoracle examples fetch` put here. Whoever passes one on names its credit\n"
    "# and its licence.\n\n"
)

_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Address = Annotated[str, Field(pattern=r"^https?://[!-~]+$")]


class OpenFilmsError(ThoracleError):
    """A list of openly licensed films cannot be read, or a film on it cannot be kept."""

    code = "open-films"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Credit:
    """What is owed to whoever made a film, and what the collection says of it.

    `finding` and `view` are the collection's words, not Thoracle's; `source` is a web page.
    """

    finding: _Text
    view: _Text
    license: _Text
    credit: _Text
    source: _Address


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class OpenFilm(Credit):
    """One film: its file name, where its version lies (`ref`), and the SHA-256 of the file."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.(png|jpe?g|tiff?|bmp|webp|dcm)$")
    ]
    ref: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def owed(self) -> Credit:
        """Return the credit alone."""
        return Credit(
            finding=self.finding,
            view=self.view,
            license=self.license,
            credit=self.credit,
            source=self.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class FilmList:
    """Films with the address they come from, in which {ref} and {name} are filled in."""

    address: _Address
    bytes_max: Annotated[int, Field(gt=0)]
    films: Annotated[tuple[OpenFilm, ...], Field(min_length=1)]

    def address_of(self, film: OpenFilm, *, mirror: str | None = None) -> str:
        """Return where a film is fetched: its public home, or its name under a mirror's address."""
        name = quote(film.name)
        if mirror is not None:
            return f"{mirror.rstrip('/')}/{name}"
        return self.address.replace("{ref}", film.ref).replace("{name}", name)


def shipped_list() -> Path:
    """Return where the package keeps its own list."""
    return Path(str(resources.files("thoracle.jobs") / LIST_NAME))


def read_list(path: Path) -> FilmList:
    """Return a list of openly licensed films.

    Parameters
    ----------
    path
        TOML, laid out as the package's own `open_films.toml`.

    Returns
    -------
    FilmList
        With at least one film.

    Raises
    ------
    OpenFilmsError
        There is no such file, it is no TOML, or an entry is missing, unknown or impossible.
    """
    try:
        return TypeAdapter(FilmList).validate_python(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the table"
        found = f"{place}: {first['msg']}"
    except (OSError, ValueError) as error:  # ValueError: neither UTF-8 nor TOML
        found = str(error)
    raise OpenFilmsError(
        f"found a list of films that cannot be used, {path} ({found}) – expected one laid out as "
        f"{LIST_NAME} in the package. Correct it."
    )


def read_credits(folder: Path) -> dict[str, Credit]:
    """Return the credits kept in a folder by film; unreadable ones are as good as none.

    Parameters
    ----------
    folder
        A folder of films.

    Returns
    -------
    dict
        Empty where no film was fetched, or where the file was damaged by hand.
    """
    try:
        known = tomllib.loads((folder / CREDITS_NAME).read_text("utf-8"))
        return TypeAdapter(dict[str, Credit]).validate_python(known)
    except (OSError, ValueError):  # pydantic's and TOML's errors are ValueErrors
        return {}


def keep_credit(folder: Path, film: OpenFilm) -> None:
    """Write the credit of one film beside it, together with those that are there."""
    known = read_credits(folder)
    if known.get(film.name) == film.owed:
        return
    table = TypeAdapter(dict[str, Credit]).dump_python({**known, film.name: film.owed})
    text = _CREDITS_HEAD + tomli_w.dumps(dict(sorted(table.items())))
    write_atomically(folder / CREDITS_NAME, text.encode("utf-8"))
