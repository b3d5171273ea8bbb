"""Choose what a gate accepts, on pictures it was not trained on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.core.errors import ManifestError
from thoracle.datasets.collections import pictures_of_recipe, read_collections
from thoracle.datasets.disturbances import photographed_screen
from thoracle.datasets.gate_films import GateFilm, gate_films
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.calibration import fit_temperature, softmax
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.resample import turn_clockwise
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.reference import REFERENCE, fit_reference, save_reference
from thoracle.radiograph.gate import GATE_CLASSES, Gate

REFUSED_SHARE = 0.003  # of frontal calibration films, by each rule; the target on test is 1 %.
ACCEPT_RANGE = (0.5, 0.95)
COMPONENTS = 256  # what no frontal film shows lies mostly in directions of small variance.
REFERENCE_FILMS = 700  # of each collection, so that a large one of children is not the measure.
SEED = 0  # of the photographs.


def calibrate_gate(
    folder: Path, manifest: Manifest, splits: Mapping[str, str], *, collections: Path | None
) -> None:
    """Give an exported gate its temperature, acceptance probability and distance limit.

    Parameters
    ----------
    folder
        The bundle's folder.
    manifest, splits
        Chest films and their split.
    collections
        Folder above the recipe's collections.

    Raises
    ------
    ManifestError
        `collections` is missing.
    """
    if collections is None:
        raise ManifestError("found no collections folder – expected one. Give --collections.")
    pictures = pictures_of_recipe((folder / "recipe.toml").read_text(encoding="utf-8"))
    others = read_collections(pictures.collections, collections, seed=pictures.seed)
    films = gate_films(manifest, splits, others, untrained_kinds=pictures.untrained_kinds)
    gate = Gate(open_bundle(str(folder)))
    held_out = [one for one in films if one.split in {"tune", "calibrate"}]
    logits, embeddings, classes = score_gate_films(gate, held_out)
    fit = fit_temperature(logits, classes)
    frontal = classes == 0
    chances = softmax(logits[frontal], temperature=fit.temperature)[:, 0]
    accept = float(np.clip(np.quantile(chances, REFUSED_SHARE), *ACCEPT_RANGE))
    seen = _embeddings(gate, _reference_films(films))
    reference = fit_reference(seen, embeddings[frontal], components=COMPONENTS)
    far = [reference.distance(one) for one in embeddings[frontal]]
    save_reference(reference, folder / REFERENCE)
    table = read_description(folder)
    table.pop("files", None)
    table["temperature"] = fit.temperature
    table["numbers"] = {
        "accept_probability": accept,
        "distance_limit": float(np.quantile(far, 1 - REFUSED_SHARE)),
        "calibration_films": len(classes),
    }
    write_description(folder, table)


def score_gate_films(
    gate: Gate, films: Sequence[GateFilm]
) -> tuple[DoubleArray, FloatArray, IntArray]:
    """Score pictures upright; frontal ones photographed off a screen, and each third turned, too.

    Parameters
    ----------
    gate
        An opened gate.
    films
        Upright pictures.

    Returns
    -------
    logits (n, kinds), embeddings (n, channels), classes (n,)
        Changed copies follow their film.
    """
    logits, embeddings, classes = [], [], []
    rng = np.random.default_rng(SEED)
    for number, film in enumerate(films):
        pixels = decode_trusted_film(film.file).pixels
        kind = GATE_CLASSES.index(film.kind)
        poses = [(pixels, kind)]
        if kind == 0:
            poses.append((photographed_screen(pixels, rng=rng), kind))
        if kind == 0 and number % 3 == 0:
            quarter = 1 + number // 3 % 3
            poses.append((turn_clockwise(pixels, degrees=90 * quarter), quarter))
        for posed, target in poses:
            scores, embedding = gate.score(posed)
            logits.append(scores[:-1])
            embeddings.append(embedding)
            classes.append(target)
    return (
        np.array(logits, np.float64),
        np.array(embeddings, np.float32),
        np.array(classes, np.int64),
    )


def _reference_films(films: Sequence[GateFilm]) -> list[GateFilm]:
    """Return frontal training films, each collection's spread over all that it has."""
    chosen: list[GateFilm] = []
    train = [one for one in films if one.split == "train" and one.kind == "frontal_chest"]
    for source in sorted({one.source for one in train}):
        own = [one for one in train if one.source == source]
        chosen.extend(own[:: max(1, len(own) // REFERENCE_FILMS)])
    return chosen


def _embeddings(gate: Gate, films: Sequence[GateFilm]) -> FloatArray:
    pixels = (decode_trusted_film(one.file).pixels for one in films)
    return np.array([gate.score(one)[1] for one in pixels], np.float32)
