"""List the bundles that are installed, show one, and prove that it still gives its own answers."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.results import Reason
from thoracle.inference.bundle import Bundle, list_bundles, open_bundle
from thoracle.inference.description import read_description
from thoracle.inference.parity import LOGIT_TOLERANCE, MAP_TOLERANCE, PARITY, differences
from thoracle.inference.session import Network
from thoracle.radiograph.preprocess import INPUT_FORMS

FILMS = "films"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleLine:
    """One bundle in a list.

    `name` is what commands take; `bundle` is None and `problem` says why where it cannot be
    opened.
    """

    name: str
    folder: Path
    size_mb: float
    bundle: Bundle | None = None
    problem: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether a bundle's files are those that were exported, and give what they gave then.

    `logit_difference` and `map_difference` are the largest differences from torch's outputs on
    the made-up films in the bundle: in the logit's unit, and as a share of a map's maximum. They
    are None where nothing could be run, and the second also where there is no map.
    """

    name: str
    films: int = 0
    logit_difference: float | None = None
    map_difference: float | None = None
    problem: Reason | None = None


def bundle_lines() -> tuple[BundleLine, ...]:
    """Return every bundle that can be named, the broken ones too, in the order of the search."""
    return tuple(_line(folder) for folder in list_bundles())


def verify_bundles(names: tuple[str, ...] = ()) -> tuple[Verification, ...]:
    """Check digests and replay the films in each bundle; a broken one does not stop the others.

    Parameters
    ----------
    names
        Names or folders; none means all that are installed.

    Returns
    -------
    tuple of Verification
        Their `problem` is None where all is well.
    """
    return tuple(_verified(name) for name in names or [one.name for one in list_bundles()])


def verify_bundle(name: str) -> Verification:
    """Check the digests of one bundle and replay its films.

    Parameters
    ----------
    name
        A bundle's name, or its folder.

    Returns
    -------
    Verification
        Without a problem.

    Raises
    ------
    BundleError
        It is missing, altered, lacks its films, was trained on films of another form, or answers
        otherwise than torch did.
    """
    bundle = open_bundle(name)
    if bundle.task in INPUT_FORMS:
        bundle.need_input(INPUT_FORMS[bundle.task])
    arrays = _read_parity(bundle)
    films = arrays.pop(FILMS).astype(np.float32)
    outputs = {key.replace("|", "/"): value for key, value in arrays.items()}
    network = Network(bundle, needs=())  # an output that is missing differs by infinity
    rows = [network.run(film[None]) for film in films]
    found = {key: np.concatenate([row[key] for row in rows]) for key in network.outputs}
    logits, maps = differences(outputs, found)
    if logits > LOGIT_TOLERANCE or (maps is not None and maps > MAP_TOLERANCE):
        shown = "" if maps is None else f" and maps that differ by {maps:.1e} of their maximum"
        raise BundleError(
            f"found logits of bundle {name!r} that differ by {logits:.1e}{shown} from those kept "
            f"with it – expected at most {LOGIT_TOLERANCE:.0e} and {MAP_TOLERANCE:.0e}. It cannot "
            "be relied on here: install another onnxruntime, and say so to who made the bundle.",
            code="bundle-parity",
        )
    return Verification(name=name, films=len(films), logit_difference=logits, map_difference=maps)


def bundle_document(name: str) -> dict[str, Any]:
    """Return all that a bundle says of itself, once its digests hold, and where it lies.

    Parameters
    ----------
    name
        A bundle's name, or its folder. One that is missing or altered is a BundleError.

    Returns
    -------
    dict
        bundle.toml as it is, with `folder` and `digest`.
    """
    bundle = open_bundle(name)
    table = read_description(bundle.folder)
    return {"folder": str(bundle.folder), "digest": bundle.digest, **table}


def _line(folder: Path) -> BundleLine:
    size_mb = sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6
    try:
        bundle = open_bundle(folder.name)
    except BundleError as error:
        problem = Reason(code=error.code, text=error.text)
        return BundleLine(name=folder.name, folder=folder, size_mb=size_mb, problem=problem)
    return BundleLine(name=folder.name, folder=folder, size_mb=size_mb, bundle=bundle)


def _verified(name: str) -> Verification:
    try:
        return verify_bundle(name)
    except BundleError as error:
        return Verification(name=name, problem=Reason(code=error.code, text=error.text))


def _read_parity(bundle: Bundle) -> dict[str, FloatArray]:
    """Read the films and torch's outputs, which `open_bundle` checked if they are there.

    Raises
    ------
    BundleError
        The bundle has none.
    """
    path = bundle.folder / PARITY
    try:
        # NumPy leaves a file open that is no archive: it gets the bytes.
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            found = {key: arrays[key] for key in arrays}
    except (OSError, ValueError, BadZipFile):
        found = {}
    if FILMS not in found or not len(found[FILMS]):
        raise BundleError(
            f"found no films in {path} – expected some with torch's outputs. Export the bundle "
            "again.",
            code="bundle-no-parity",
        )
    return found
