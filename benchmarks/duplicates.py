"""Measure the near-duplicate search: copies made by code against films of different patients.

Run `python benchmarks/duplicates.py MANIFEST` on a manifest of real films. It prints, per kind of
copy, how many are found and how high they score, and how high films of different patients score.
"""

import argparse
import io
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.datasets.duplicates import COPY_MIN, LOOKALIKE_MIN, match
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import read_manifest
from thoracle.datasets.thumbnails import as_unit, read_grey, to_thumbnail

Change = Callable[[ByteArray, np.random.Generator], ByteArray]


def _jpeg(grey: ByteArray, rng: np.random.Generator) -> ByteArray:
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "JPEG", quality=int(rng.integers(25, 80)))
    with Image.open(stream) as picture:
        return np.asarray(picture.convert("L"))


def _resized(grey: ByteArray, rng: np.random.Generator) -> ByteArray:
    factor = rng.uniform(0.4, 1.0)
    rows, columns = (max(64, int(side * factor)) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((columns, rows), Image.Resampling.BILINEAR))


def _square(grey: ByteArray, _rng: np.random.Generator) -> ByteArray:
    return np.asarray(Image.fromarray(grey).resize((224, 224), Image.Resampling.BILINEAR))


def _gamma(grey: ByteArray, rng: np.random.Generator) -> ByteArray:
    power = rng.choice([0.6, 0.75, 1.35, 1.7])
    return np.asarray(np.round((grey / 255.0) ** power * 255), np.uint8)


def _cropped(grey: ByteArray, rng: np.random.Generator) -> ByteArray:
    rows, columns = grey.shape
    top, bottom, left, right = rng.uniform(0, 0.15, 4)
    return grey[
        int(top * rows) : int((1 - bottom) * rows), int(left * columns) : int((1 - right) * columns)
    ]


def _mirrored(grey: ByteArray, _rng: np.random.Generator) -> ByteArray:
    return np.ascontiguousarray(grey[:, ::-1])


def _framed(grey: ByteArray, _rng: np.random.Generator) -> ByteArray:
    return np.pad(grey, ((12, 12), (40, 40)))


def _everything(grey: ByteArray, rng: np.random.Generator) -> ByteArray:
    return _jpeg(_gamma(_resized(_cropped(grey, rng), rng), rng), rng)


CHANGES: Mapping[str, Change] = {
    "JPEG quality 25 to 80": _jpeg,
    "resize to 40 to 100 %": _resized,
    "made square": _square,
    "gamma 0.6 to 1.7": _gamma,
    "crop up to 15 % a side": _cropped,
    "mirrored": _mirrored,
    "black frame": _framed,
    "crop, resize, gamma, JPEG": _everything,
}


def main() -> None:
    """Read the arguments, make the copies, search, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--films", type=int, default=3000, help="films to search among")
    parser.add_argument("--copies", type=int, default=60, help="copies per kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    manifest = read_manifest(options.manifest)
    frontal = [film for film in manifest.films if film.modality == "X-ray" and film.view != "L"]
    chosen = rng.permutation(len(frontal))[: options.films]
    films = [frontal[int(index)] for index in chosen]
    greys = [read_grey(manifest.resolve(film), side_max=512) for film in films]
    pictures, origins = [to_thumbnail(grey) for grey in greys], []
    for change in CHANGES.values():
        for index in rng.choice(len(films), options.copies, replace=False):
            pictures.append(to_thumbnail(change(greys[int(index)], rng)))
            origins.append(int(index))
    start = time.perf_counter()
    found, scores = match(as_unit(np.array(pictures)), on_progress=lambda *_: None)
    print(f"{len(pictures)} pictures, {len(found)} candidates, {time.perf_counter() - start:.0f} s")
    pairs = {
        (min(one.query, one.gallery), max(one.query, one.gallery)): float(score)
        for one, score in zip(found, scores, strict=True)
    }
    _print_copies(pairs, origins, len(films), options.copies)
    _print_strangers(pairs, films)


def _print_copies(
    pairs: Mapping[tuple[int, int], float], origins: list[int], films: int, copies: int
) -> None:
    print(f"{'copies':28} candidate  ≥ {LOOKALIKE_MIN:.2f}  ≥ {COPY_MIN:.2f}  2 %   median score")
    for kind, name in enumerate(CHANGES):
        numbers = range(kind * copies, (kind + 1) * copies)
        scores = np.array([pairs.get((origins[n], films + n), -1.0) for n in numbers])
        print(
            f"{name:28} {(scores > -1).mean():9.3f}  {(scores >= LOOKALIKE_MIN).mean():6.3f}  "
            f"{(scores >= COPY_MIN).mean():6.3f}  {np.quantile(scores, 0.02):5.2f}  "
            f"{np.median(scores):.2f}"
        )


def _print_strangers(pairs: Mapping[tuple[int, int], float], films: list[Film]) -> None:
    """Print the scores of candidates within one source under two known patients."""
    scores: FloatArray = np.array(
        [
            score
            for (one, other), score in pairs.items()
            if other < len(films)
            and films[one].source == films[other].source
            and films[one].patient is not None
            and films[other].patient is not None
            and films[one].patient != films[other].patient
        ],
        np.float32,
    )
    print(f"nearest films of two patients of one source: {len(scores)} candidate pairs")
    print(f"  refused at a coarse level {(scores == -1).mean():.3f}")
    for threshold in (0.40, 0.45, LOOKALIKE_MIN, 0.55, COPY_MIN, 0.70, 0.80):
        print(f"  ≥ {threshold:.2f}: {int((scores >= threshold).sum())}")


if __name__ == "__main__":
    main()
