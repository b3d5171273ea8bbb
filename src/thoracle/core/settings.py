"""The one table of settings: name, default, unit and help, read by CLI, environment and docs."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from thoracle.core.errors import SettingError

ENVIRONMENT_PREFIX = "THORACLE_"
_UNIT_BY_SUFFIX = {"mb": "MB", "s": "s", "pixels_max": "pixels"}


def _user_data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("thoracle")


class Settings(BaseSettings):
    """Settings of one installation, each read from the environment as THORACLE_<NAME>."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, frozen=True
    )

    home: Path = Field(
        default_factory=_user_data_folder,
        description="Folder for stored results and for a site's own bundles.",
    )
    data: Path | None = Field(
        default=None,
        description="Folder with the public collections; only tests and benchmarks read it.",
    )
    bundles: Path | None = Field(
        default=None,
        description="Extra folder of model bundles, searched before those in the package.",
    )
    bundle: str = Field(
        default="radiograph",
        description="Classifier bundle that judges films: its name, or its folder.",
        min_length=1,
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy URL of the store; unset means SQLite under the home folder.",
    )
    language: Literal["en", "pt"] = Field(
        default="en", description="Language of the reports that commands write: en or pt."
    )
    examples: Path | None = Field(
        default=None,
        description=(
            "Folder of films that the first page offers to try; unset, synthetic and fetched ones."
        ),
    )
    prevalence: Path | None = Field(
        default=None,
        description=(
            "CSV table of how common COVID-19 is by place and week, for the diagnosis of films on "
            "the page of a patient's chart."
        ),
    )
    retention_days: int = Field(
        default=0,
        description="Delete results after so many days while the app runs; 0 keeps them.",
        ge=0,
    )
    keep_identifiers: bool = Field(
        default=False,
        description="Keep DICOM patient IDs with results; otherwise only a keyed pseudonym.",
    )
    host: str = Field(default="127.0.0.1", description="Address the web app listens on.")
    port: int = Field(default=8000, description="Port the web app listens on.", ge=1, le=65535)
    threads: int = Field(
        default=0, description="Threads for inference; 0 means one per core.", ge=0
    )
    upload_limit_mb: float = Field(default=64.0, description="Largest upload, in megabytes.", gt=0)
    ct_upload_limit_mb: float = Field(
        default=1024.0, description="Largest upload of a CT scan, in megabytes.", gt=0
    )
    worker: bool = Field(
        default=True,
        description=(
            "Start a worker for long jobs (CT) beside the web app; false where `thoracle worker` "
            "runs elsewhere."
        ),
    )
    # A folder of films, one after the other, is answered at about ten a second: 600 a minute.
    rate_limit_per_minute: int = Field(
        default=1200,
        description=(
            "Uploads, sign-ins and other changes that one visitor may send in a minute where "
            "others reach the app; 0 for any number. On this machine alone nothing is limited."
        ),
        ge=0,
    )
    breathing_streams_max: int = Field(
        default=200,
        description="Most live streams of breathing that the web app watches at a time.",
        ge=1,
    )
    decode_memory_mb: int = Field(
        default=1536,
        description="Address space of one decoder process, in megabytes.",
        ge=256,
    )
    decode_cpu_s: int = Field(
        default=10, description="CPU time one file may take in a decoder process, in seconds.", ge=1
    )
    decode_pixels_max: int = Field(
        default=64_000_000, description="Most pixels a picture may declare.", ge=1
    )
    decode_workers: int = Field(default=2, description="Decoder processes kept warm.", ge=1, le=64)

    @field_validator("home", "data", "bundles", "examples", "prevalence")
    @classmethod
    def _expand_the_tilde(cls, folder: Path | None) -> Path | None:
        return None if folder is None else folder.expanduser()

    @field_validator("bundle")
    @classmethod
    def _expand_the_tilde_of_a_name(cls, name: str) -> str:
        return str(Path(name).expanduser()) if name.startswith("~") else name


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One line of the table of settings, in words.

    `variable` is the name in the environment; `default` is what stands where it is unset or
    empty; `unit` is "" for a setting without one.
    """

    name: str
    variable: str
    default: str
    unit: str
    help: str


def settings_table() -> tuple[SettingRow, ...]:
    """Return every setting with its variable, default, unit and help, in declaration order."""
    return tuple(
        SettingRow(
            name=name,
            variable=f"{ENVIRONMENT_PREFIX}{name.upper()}",
            default=_default_in_words(field.default, has_factory=field.default_factory is not None),
            unit=_unit_of(name),
            help=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings, read from the environment once.

    Returns
    -------
    Settings
        Frozen; tests that change the environment call `settings.cache_clear()`.

    Raises
    ------
    SettingError
        A variable holds a value that its setting cannot take; the text names the first one.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"{ENVIRONMENT_PREFIX}{str(first['loc'][0]).upper()}"
        expected = first["msg"].removeprefix("Input should be ")
        raise SettingError(
            f"{variable} is {first['input']!r}, but should be {expected}. "
            "Correct it, or unset it to use the default."
        ) from error


def _default_in_words(default: object, *, has_factory: bool) -> str:
    if has_factory:
        return "the user's data folder"
    return "unset" if default is None else str(default)


def _unit_of(name: str) -> str:
    return next((unit for end, unit in _UNIT_BY_SUFFIX.items() if name.endswith(f"_{end}")), "")
