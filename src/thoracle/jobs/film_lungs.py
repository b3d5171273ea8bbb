"""The lungs of a manifest's films, as readers or a network outline them."""

from collections.abc import Callable

import numpy as np

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray
from thoracle.datasets.film import Film
from thoracle.datasets.lung_forms import compare_form
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.masks import read_mask
from thoracle.datasets.thumbnails import read_grey

FindLungs = Callable[[FloatArray], BoolArray]
"""From display grey, 0 to 1, to a lung mask on any grid that covers the film."""
_READ_SIDE_MAX = 512  # twice the frame of what is compared and learned; finer is averaged away


def read_film(film: Film, manifest: Manifest) -> FloatArray:
    """Return a film's grey at low resolution, (rows, columns) float32, 0 to 1."""
    return _as_grey(read_grey(manifest.resolve(film), side_max=_READ_SIDE_MAX))


def lungs_of(film: Film, manifest: Manifest, find_lungs: FindLungs) -> tuple[ByteArray, BoolArray]:
    """Return a film at low resolution, (rows, columns) uint8, and its lungs on any grid.

    A reader's mask is taken where there is one, else that of `find_lungs`.
    """
    pixels = read_grey(manifest.resolve(film), side_max=_READ_SIDE_MAX)
    path = manifest.resolve_mask(film)
    return pixels, find_lungs(_as_grey(pixels)) if path is None else read_mask(path)


def lung_form_of(film: Film, manifest: Manifest, find_lungs: FindLungs) -> FloatArray | None:
    """Return a film's forms as `compare_form` does, None where it has no lungs."""
    pixels, lungs = lungs_of(film, manifest, find_lungs)
    return compare_form(_as_grey(pixels), lungs) if lungs.any() else None


def mask_finder(bundle: str) -> FindLungs:
    """Return the lung network of a bundle as a function from a film to its mask."""
    from thoracle.inference.bundle import open_bundle
    from thoracle.radiograph.lungs import LungFinder

    return LungFinder(open_bundle(bundle)).find


def _as_grey(pixels: ByteArray) -> FloatArray:
    return pixels.astype(np.float32) / np.float32(255)
