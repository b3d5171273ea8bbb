"""A model bundle: the contract between training and serving, opened only when its digests hold."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thoracle.core.errors import BundleError
from thoracle.core.files import sha256_of, sha256_of_file
from thoracle.core.results import BundleReference
from thoracle.core.settings import settings
from thoracle.inference.champion import champions, check_kept

SCHEMA = 1
DESCRIPTION = "bundle.toml"
NETWORK = "network.onnx"
METRICS = "metrics.json"
SHIPPED = Path(__file__).resolve().parent.parent / "bundles"
"""The folder of the bundles that come with the package."""


class CorruptBundleError(BundleError):
    """A bundle's description lacks something, or holds something else."""

    code = "bundle-corrupt"

    def __init__(self, folder: Path, found: str, *, expected: str) -> None:
        super().__init__(
            f"found {found} in {folder / DESCRIPTION} – expected {expected}. "
            "Install the bundle again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One output of a network: its name, its color on pages, and its threshold with the reason."""

    name: str
    color: str = ""
    threshold: float | None = None
    threshold_target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A model with all that is needed to use and to question it.

    Attributes
    ----------
    folder
        Where its files lie.
    task
        "gate", "lungs", "classifier", "anomaly", "severity", "ct_segmentation" or "ct_case".
    population
        Whom it was made for: "adults", or in words.
    input_size
        Side of the square input, in pixels; of a volume the longer side of the largest tile.
    input_form
        How a film becomes that square, in the words of the version that made the bundle.
    temperature
        Logits are divided by it before the softmax.
    map_layers
        Layers whose Grad-CAM maps the network returns, last first.
    map_scale
        Per layer and method ("layer/method"), the top of the color bar, in the logit's unit.
    numbers
        Limits of the task's own, such as a gate's `accept_probability`.
    digest
        SHA-256 of bundle.toml, which holds the digests of all other files.
    """

    folder: Path = field(repr=False)
    name: str
    version: str
    task: str
    license: str
    intended_use: str
    population: str
    labels: tuple[Label, ...]
    input_size: int
    input_form: str
    temperature: float
    map_layers: tuple[str, ...]
    map_scale: Mapping[str, float]
    numbers: Mapping[str, float]
    training: Mapping[str, str]
    digest: str

    @property
    def reference(self) -> BundleReference:
        """What provenance keeps of the bundle."""
        return BundleReference(name=self.name, version=self.version, digest=self.digest)

    @property
    def network(self) -> Path:
        """The ONNX file."""
        return self.folder / NETWORK

    @property
    def network_sha256(self) -> str:
        """SHA-256 of the ONNX file: unlike `digest` it stays when the card is written anew."""
        return sha256_of_file(self.network)

    def need_task(self, task: str) -> "Bundle":
        """Return the bundle itself when it is of a task.

        Parameters
        ----------
        task
            As `Bundle.task` is.

        Returns
        -------
        Bundle
            The same.

        Raises
        ------
        BundleError
            It is of another task.
        """
        if self.task != task:
            raise BundleError(
                f"found bundle {self.name!r} of task {self.task!r} – expected task {task!r}. "
                "Name another one: thoracle bundles list shows them.",
                code="bundle-task",
            )
        return self

    def need_input(self, form: str) -> "Bundle":
        """Return the bundle itself when its network was trained on what this version shows it.

        Parameters
        ----------
        form
            How the task's films become squares, from `thoracle.radiograph.preprocess`.

        Returns
        -------
        Bundle
            The same.

        Raises
        ------
        BundleError
            It was trained on another form: its answers would mean nothing.
        """
        if self.input_form != form:
            raise BundleError(
                f"found bundle {self.name!r} {self.version} trained on {self.input_form!r} – "
                f"expected {form!r}, as this version shows films. Use the version it was made "
                "with, or train again; calibrate the new bundle for a site.",
                code="bundle-input",
            )
        return self

    def number(self, name: str) -> float:
        """Return one of the task's own limits.

        Parameters
        ----------
        name
            A key of `numbers`.

        Returns
        -------
        float
            As bundle.toml has it.

        Raises
        ------
        CorruptBundleError
            The bundle lacks it.
        """
        if name not in self.numbers:
            raise CorruptBundleError(self.folder, f"no number {name!r}", expected="it")
        return self.numbers[name]


def bundle_folders() -> tuple[Path, ...]:
    """Return the searched folders: the setting's, the one under the home folder, the package's."""
    extra = settings().bundles
    site = settings().home / "bundles"
    return (*(() if extra is None else (extra,)), site, SHIPPED)


def list_bundles(*, with_champions: bool = True) -> tuple[Path, ...]:
    """Return the folders of all bundles; the first of a name hides later ones.

    A folder whose name begins with a dot is one that is still being written, and left out. What a
    folder says is in force under a name comes before the bundle of that name in it, unless
    `with_champions` is false.
    """
    found: dict[str, Path] = {}
    for folder in bundle_folders():
        for name, kept in champions(folder).items() if with_champions else ():
            found.setdefault(name, kept)
        for description in sorted(folder.glob(f"[!.]*/{DESCRIPTION}")):
            found.setdefault(description.parent.name, description.parent)
    return tuple(found.values())


def find_bundle(name: str) -> Path:
    """Return the folder of a bundle by its name, or a folder that was given itself.

    A folder of the current directory does not hide an installed bundle of its name; with a
    separator, as in "./gate", it is found.

    Parameters
    ----------
    name
        A bundle's name, or its folder.

    Returns
    -------
    Path
        The folder that holds its bundle.toml.

    Raises
    ------
    BundleError
        No such bundle.
    """
    by_name = {folder.name: folder for folder in list_bundles()}
    if name in by_name:
        return by_name[name]
    if os.path.isfile(Path(name) / DESCRIPTION):  # noqa: PTH113  (Path.is_file raises on EACCES)
        return Path(name)
    known = ", ".join(by_name) or "none"
    raise BundleError(
        f"found no bundle {name!r} – expected a folder with {DESCRIPTION} or one of: {known}. "
        "List them with thoracle bundles list.",
        code="bundle-missing",
    )


def open_bundle(name: str) -> Bundle:
    """Open a bundle after checking every file's digest.

    Parameters
    ----------
    name
        A bundle's name, or its folder.

    Returns
    -------
    Bundle
        Ready to be run.

    Raises
    ------
    BundleError
        It is missing, altered, or of another schema.
    CorruptBundleError
        Its description is incomplete.
    """
    folder = find_bundle(name)
    content = (folder / DESCRIPTION).read_bytes()
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorruptBundleError(folder, "no TOML", expected="a bundle's description") from error
    if table.get("schema") != SCHEMA:
        raise BundleError(
            f"found bundle schema {table.get('schema')!r} in {folder} – expected {SCHEMA}. "
            "Use the Thoracle version it was made for.",
            code="bundle-schema",
        )
    check_files(folder, table.get("files", {}))
    digest = sha256_of(content)
    check_kept(folder, digest)
    try:
        return _from_table(folder, table, digest=digest)
    except KeyError as error:
        raise CorruptBundleError(folder, f"no {error}", expected="it") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise CorruptBundleError(
            folder, f"a value of the wrong type ({error})", expected="another"
        ) from error


def check_files(folder: Path, digests: Mapping[str, str]) -> None:
    """Compare each file of a bundle with its digest.

    Parameters
    ----------
    folder
        The bundle's folder.
    digests
        SHA-256 by file name, as bundle.toml has them.

    Raises
    ------
    BundleError
        A file is missing or differs.
    CorruptBundleError
        The network has no digest, or a name leads out of the folder.
    """
    if not isinstance(digests, Mapping) or NETWORK not in digests:
        raise CorruptBundleError(folder, f"no digest of {NETWORK}", expected="one")
    for name, expected in digests.items():
        if Path(name).name != name:
            raise CorruptBundleError(
                folder, f"a digest of {name!r}", expected="names of files beside it only"
            )
        path = folder / name
        found = sha256_of_file(path) if path.is_file() else "no file"
        if found != expected:
            raise BundleError(
                f"found {found[:12]} for {path} – expected SHA-256 {str(expected)[:12]}…. "
                "The bundle was altered: install it again.",
                code="bundle-altered",
            )


def _from_table(folder: Path, table: Mapping[str, Any], *, digest: str) -> Bundle:
    return Bundle(
        folder=folder,
        name=str(table["name"]),
        version=str(table["version"]),
        task=str(table["task"]),
        license=str(table["license"]),
        intended_use=str(table["intended_use"]),
        population=str(table["population"]),
        labels=tuple(_label(one) for one in table["labels"]),
        input_size=int(table["input"]["size"]),
        input_form=str(table["input"]["resize"]),
        temperature=float(table.get("temperature", 1.0)),
        map_layers=tuple(table.get("map_layers", ())),
        map_scale={key: float(value) for key, value in table.get("map_scale", {}).items()},
        numbers={key: float(value) for key, value in table.get("numbers", {}).items()},
        training={key: str(value) for key, value in table.get("training", {}).items()},
        digest=digest,
    )


def _label(row: Mapping[str, Any]) -> Label:
    threshold = row.get("threshold")
    return Label(
        name=str(row["name"]),
        color=str(row.get("color", "")),
        threshold=None if threshold is None else float(threshold),
        threshold_target=str(row.get("threshold_target", "")),
    )
