"""Slices of a CT scan with its labels over them, as radiologists see them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from thoracle.core.arrays import ByteArray
from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.ct.types import BACKGROUND, CONSOLIDATION, GROUND_GLASS, Segmentation
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.scan import CtScan
from thoracle.reporting.ct_texts import CT_PAGE

WINDOW_HU: Final = (-1350.0, 150.0)  # center −600, width 1500: the usual lung window
MARGIN_MM: Final = 20.0  # around the lungs
LONGEST_PX: Final = 560
SHEET_SLICES: Final = 8
SHEET_COLUMNS: Final = 4
SHEET_PX: Final = 260
OPACITY: Final = 0.45  # the pattern stays visible below the color
# Okabe and Ito's palette, told apart with any color vision.
COLORS: Final = {GROUND_GLASS: (86, 180, 233), CONSOLIDATION: (230, 159, 0)}
RIM: Final = (0, 158, 115)


@dataclass(frozen=True, slots=True, kw_only=True)
class CtPictures:
    """PNG files of one report, each plain and labeled, and where they lie in the scan."""

    axial: tuple[bytes, bytes] = field(repr=False)
    axial_index: int
    coronal: tuple[bytes, bytes] = field(repr=False)
    coronal_index: int
    sheet: bytes = field(repr=False)


def ct_pictures(
    scan: CtScan, segmentation: Segmentation, *, language: Language = ENGLISH_TEXTS
) -> CtPictures:
    """Draw the slice and the row that show most illness, and slices through the lungs.

    Parameters
    ----------
    scan, segmentation
        Of one grid. Without illness the largest cuts of the lungs are shown, without lungs the
        middle of the scan.
    language
        Of the letters for right and left.

    Returns
    -------
    CtPictures
        Pixels are square in mm.
    """
    labels = segmentation.label_map
    box = _box(labels, scan)
    axial, coronal = _richest(labels, 0), _richest(labels, 1)
    letters = (language(CT_PAGE["right_letter"]), language(CT_PAGE["left_letter"]))
    slice_mm, row_mm, column_mm = scan.spacing_mm

    def flat(index: int, longest_px: int) -> tuple[ByteArray, ByteArray]:
        at = (index, box[1], box[2])
        return _drawn(scan.hu[at], labels[at], (row_mm, column_mm), longest_px, letters)

    upright = (slice(None, None, -1), coronal, box[2])  # the head is above
    front = _drawn(
        scan.hu[box[0]][upright], labels[box[0]][upright], (slice_mm, column_mm), LONGEST_PX,
        letters,
    )  # fmt: skip
    tiles = [_numbered(flat(index, SHEET_PX)[1], index + 1) for index in _spread(labels)]
    key = flat(axial, LONGEST_PX)
    return CtPictures(
        axial=(png_bytes(key[0]), png_bytes(key[1])),
        axial_index=axial,
        coronal=(png_bytes(front[0]), png_bytes(front[1])),
        coronal_index=coronal,
        sheet=png_bytes(_sheet(tiles)),
    )


def _richest(labels: ByteArray, axis: int) -> int:
    """Return where most illness is; else most lung; else the middle."""
    others = tuple(one for one in range(3) if one != axis)
    for least in (GROUND_GLASS, BACKGROUND + 1):
        found = np.count_nonzero(labels >= least, axis=others)
        if found.any():
            return int(np.argmax(found))
    return int(labels.shape[axis]) // 2


def _spread(labels: ByteArray) -> list[int]:
    hits = np.flatnonzero(labels.any(axis=(1, 2)))
    first, last = (hits[0], hits[-1]) if hits.size else (0, labels.shape[0] - 1)
    shares = (np.arange(SHEET_SLICES) + 0.5) / SHEET_SLICES
    return [int(one) for one in np.round(first + shares * (last - first))]


def _box(labels: ByteArray, scan: CtScan) -> tuple[slice, slice, slice]:
    sides = []
    for axis, step in enumerate(scan.spacing_mm):
        hits = np.flatnonzero(labels.any(axis=tuple(one for one in range(3) if one != axis)))
        around = round(MARGIN_MM / step)
        length = labels.shape[axis]
        first, last = (int(hits[0]), int(hits[-1])) if hits.size else (0, length)
        sides.append(slice(max(first - around, 0), min(last + around + 1, length)))
    return sides[0], sides[1], sides[2]


def _drawn(
    hu: NDArray[np.int16],
    labels: ByteArray,
    spacing_mm: tuple[float, float],
    longest_px: int,
    letters: tuple[str, str],
) -> tuple[ByteArray, ByteArray]:
    """Return a cut as it is, and with its labels: (rows, columns, 3) uint8 each."""
    low, high = WINDOW_HU
    grey = np.clip((hu.astype(np.float32) - low) / (high - low), 0.0, 1.0) * 255.0
    sides_mm = [side * step for side, step in zip(hu.shape, spacing_mm, strict=True)]
    rows, columns = (max(1, round(side / max(sides_mm) * longest_px)) for side in sides_mm)
    size = (columns, rows)
    picture = Image.fromarray(grey.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    large = np.asarray(Image.fromarray(labels).resize(size, Image.Resampling.NEAREST))
    plain = np.repeat(np.asarray(picture)[:, :, None], 3, axis=2)
    return _lettered(plain, letters), _lettered(_painted(plain, large), letters)


def _painted(plain: ByteArray, labels: ByteArray) -> ByteArray:
    painted = plain.astype(np.float32)
    for label, color in COLORS.items():
        painted[labels == label] *= 1.0 - OPACITY
        painted[labels == label] += OPACITY * np.array(color, np.float32)
    inside = np.pad(labels != BACKGROUND, 1)
    inner = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    painted[(labels != BACKGROUND) & ~inner] = RIM
    return painted.round().astype(np.uint8)


def _lettered(picture: ByteArray, letters: tuple[str, str]) -> ByteArray:
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    size = max(12, picture.shape[1] // 24)
    font = ImageFont.load_default(size=size)
    height = picture.shape[0] // 2
    for letter, place, anchor in (
        (letters[0], size // 3, "lm"),
        (letters[1], picture.shape[1] - size // 3, "rm"),
    ):
        pen.text(
            (place, height), letter, fill="white", font=font, anchor=anchor,
            stroke_width=2, stroke_fill="black",
        )  # fmt: skip
    return np.asarray(image)


def _numbered(tile: ByteArray, number: int) -> ByteArray:
    """Write a slice's number into the corner of its tile, and frame it."""
    image = Image.fromarray(np.pad(tile, ((2, 2), (2, 2), (0, 0))))
    font = ImageFont.load_default(size=13)
    ImageDraw.Draw(image).text(
        (6, 4), str(number), fill="white", font=font, stroke_width=2, stroke_fill="black"
    )
    return np.asarray(image)


def _sheet(tiles: list[ByteArray]) -> ByteArray:
    return np.concatenate(list(_rows(tiles)), axis=0)


def _rows(tiles: list[ByteArray]) -> Iterator[ByteArray]:
    for first in range(0, len(tiles), SHEET_COLUMNS):
        yield np.concatenate(tiles[first : first + SHEET_COLUMNS], axis=1)
