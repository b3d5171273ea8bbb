"""Evidence that no synthetic film is a patient's: distances to the films it was learned from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image
from scipy import ndimage

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ThoracleError
from thoracle.imaging.resample import equalize

SIDE = 64
"""Rows and columns of a compared picture, in pixels."""
DISTANCES = ("whole", "detail")
"""What is compared: the ranked picture of the lungs' box, and what is finer than 1/16 of it."""
_MARGIN = 0.05  # of the lungs' box on each side: chest wall and diaphragm count too
_DETAIL_SHARE = 1 / 16


class PrivacyError(ThoracleError):
    """The distances cannot be computed."""

    code = "film-privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How near films come to each other under one distance: 1 − correlation, 0 to 2.

    Attributes
    ----------
    name
        One of `DISTANCES`.
    synthetic : (synthetic films,) float32
        Distance of each synthetic film to the nearest training film.
    patients : (films,) float32
        Distance of each training film to the nearest film of another patient.
    """

    name: str
    synthetic: FloatArray = field(repr=False)
    patients: FloatArray = field(repr=False)

    @property
    def is_private(self) -> bool:
        """Whether no synthetic film lies nearer than the nearest two patients."""
        return bool(self.synthetic.min() >= self.patients.min())


def compare_form(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return the pictures that are compared: tone and place of the lungs no longer matter.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On any grid that covers the film.

    Returns
    -------
    (2, SIDE * SIDE) float32
        In the order of `DISTANCES`, each with mean 0 and length 1.

    Raises
    ------
    PrivacyError
        The mask is empty.
    """
    if not lungs.any():
        raise PrivacyError("The lung mask is empty; expected lungs. Leave the film out.")
    small = _cut_out(pixels, lungs)
    whole = equalize(small)
    detail = whole - ndimage.gaussian_filter(whole, _DETAIL_SHARE * SIDE)
    return np.stack([_unit(whole.ravel()), _unit(detail.ravel())])


def measure_nearness(
    synthetic: FloatArray, films: FloatArray, groups: Sequence[str]
) -> tuple[Nearness, ...]:
    """Compare synthetic films with training films, and these with each other.

    Parameters
    ----------
    synthetic : (synthetic films, 2, SIDE * SIDE) float32
        From `compare_form`.
    films : (films, 2, SIDE * SIDE) float32
        From `compare_form`.
    groups
        Patient, with all near-duplicates, of each training film: pairs within are not counted.

    Returns
    -------
    tuple of Nearness
        One for each of `DISTANCES`.

    Raises
    ------
    PrivacyError
        There is no synthetic film, or there are fewer than two patients.
    """
    if len(synthetic) == 0 or len(set(groups)) < 2 or len(groups) != len(films):
        raise PrivacyError(
            f"{len(synthetic)} synthetic films and {len(set(groups))} patients for {len(films)} "
            "films were given, expected at least one and two. Give more films."
        )
    names = np.array(groups)
    same = names[:, None] == names[None, :]
    found = []
    for k, name in enumerate(DISTANCES):
        between = 1 - films[:, k] @ films[:, k].T
        between[same] = np.inf
        found.append(
            Nearness(
                name=name,
                synthetic=(1 - synthetic[:, k] @ films[:, k].T).min(axis=1),
                patients=between.min(axis=1),
            )
        )
    return tuple(found)


def describe_nearness(results: Iterable[Nearness]) -> str:
    """Write distances as a table for people, one row per distance and kind of pair."""
    lines = [f"{'distance':<10}{'nearest':>24}{'minimum':>10}{'1 %':>8}{'median':>9}{'films':>8}"]
    for each in results:
        for what, values in (
            ("synthetic - training", each.synthetic),
            ("patient - patient", each.patients),
        ):
            low, middle = np.percentile(values, (1, 50))
            lines.append(
                f"{each.name:<10}{what:>24}{values.min():>10.3f}{low:>8.3f}{middle:>9.3f}"
                f"{len(values):>8}"
            )
        verdict = "no synthetic film lies" if each.is_private else "A SYNTHETIC FILM LIES"
        lines.append(f"{each.name:<10}  {verdict} nearer than the nearest two patients")
    return "\n".join(lines)


def _cut_out(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return the lungs' box with its margin, (SIDE, SIDE) float32; past the film, its edge."""
    rows, columns = pixels.shape
    spans = []
    for axis, length in ((1, rows), (0, columns)):
        hits = np.flatnonzero(lungs.any(axis=axis)) / lungs.shape[1 - axis]
        low, high = hits[0], hits[-1] + 1 / lungs.shape[1 - axis]
        margin = _MARGIN * (high - low)
        spans.append(((low - margin) * length, (high + margin) * length))
    (top, bottom), (left, right) = spans
    pad = int(max(-top, -left, bottom - rows, right - columns, 0)) + 1
    padded = Image.fromarray(np.pad(pixels.astype(np.float32), pad, mode="edge"))
    box = (left + pad, top + pad, right + pad, bottom + pad)
    small = padded.resize((SIDE, SIDE), Image.Resampling.BOX, box=box)
    return np.clip(np.asarray(small, np.float32), 0, 1)


def _unit(values: FloatArray) -> FloatArray:
    apart = values - values.mean()
    return np.asarray(apart / max(float(np.linalg.norm(apart)), 1e-9), np.float32)
