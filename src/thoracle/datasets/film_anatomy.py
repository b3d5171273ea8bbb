"""Ribs, clavicles and lung vessels drawn from general anatomy, which averaging films wipes out."""

from dataclasses import dataclass

import numpy as np
import scipy
from PIL import Image, ImageDraw

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.datasets.film_shape import FRAME

_OVER = 2  # drawn twice as large and averaged: Pillow's lines have whole pixels' breadth
_PAIRS = 10  # of ribs that cross the lungs on a film at full inspiration
_CARTILAGE_PAIRS = 3  # the lowest fronts are cartilage, which casts no shadow
_GENERATIONS = 5  # of vessels that a radiograph shows between hilum and pleura
_HILUM = 0.47  # height of the hila, in the lungs' box
_TRUNK = 0.016  # breadth of the first vessels
_BLUR_SHARE = 0.7 / 256  # of the frame: the focal spot's and the film's unsharpness
_SLOW_SHARE = 14 / 256  # of the frame: broader brightness is the model's own, not the bones'

# The chest wall: distance from the middle, in half breadths of the lungs' box, by height.
_WALL_HEIGHTS = (0.03, 0.13, 0.28, 0.48, 0.78, 1.18)
_WALL_REACH = (0.35, 0.6, 0.8, 0.9, 0.98, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What differs between persons; lengths in heights of the lungs, `slope` around 1."""

    first_rib: float
    spacing: float
    slope: float
    breadth: float
    clavicle: float


def draw_build(rng: np.random.Generator) -> Build:
    """Draw a person's build within what adults' films show."""
    return Build(
        first_rib=rng.uniform(-0.03, 0.03),
        spacing=rng.uniform(0.088, 0.106),
        slope=rng.uniform(0.8, 1.3),
        breadth=rng.uniform(0.026, 0.036),
        clavicle=rng.uniform(0.02, 0.12),
    )


def draw_bones(build: Build, rng: np.random.Generator, *, size: int) -> FloatArray:
    """Draw ribs and clavicles in the model's frame.

    Parameters
    ----------
    build
        Of the person.
    rng
        Moves each rib a little.
    size
        Rows and columns, in pixels.

    Returns
    -------
    (size, size) float32
        Around 0; a single rib stands about 0.6 above its surroundings, its cortex more.
    """
    back, front = _Sheet(size), _Sheet(size)
    for side in (-1, 1):
        for number in range(_PAIRS):
            start = build.first_rib + number * build.spacing + rng.normal(0, 0.004)
            breadth = build.breadth * rng.uniform(0.9, 1.1)
            back.bone(_posterior(start, number, build, side), breadth, cortex=0.3)
            if number < _PAIRS - _CARTILAGE_PAIRS:
                front.bone(_anterior(start, number, build, side), breadth * 1.25, cortex=0.22)
        front.bone(_clavicle(build, side), build.breadth * 1.3, cortex=0.35)
    return _soften(back.averaged() + 0.7 * front.averaged())


def draw_vessels(rng: np.random.Generator, *, size: int) -> FloatArray:
    """Draw the branching vessels of both lungs in the model's frame.

    Parameters
    ----------
    rng
        Grows the tree.
    size
        Rows and columns, in pixels.

    Returns
    -------
    (size, size) float32
        Around 0; trunks stand about 0.8 above their surroundings.
    """
    sheet = _Sheet(size)
    for side in (-1, 1):
        for angle in np.linspace(-1.25, 1.25, 7):  # up, outward and down from the hilum
            hilum = np.array([_HILUM + 0.09 * angle, 0.5 + side * rng.uniform(0.11, 0.16)])
            _grow(sheet, hilum, angle + rng.normal(0, 0.12), side, rng)
    return _soften(sheet.averaged())


class _Sheet:
    """A film to draw on in box coordinates; a later stroke covers an earlier one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._picture = Image.new("F", (size * _OVER, size * _OVER))
        self._pen = ImageDraw.Draw(self._picture)
        self._scale = (
            size * _OVER / np.array([FRAME[3] - FRAME[1], FRAME[2] - FRAME[0]], np.float64)
        )

    def stroke(self, line: DoubleArray, breadth: float, grey: float) -> None:
        """Draw a line of (row, column) points; `breadth` in heights of the lungs."""
        points = (line[:, ::-1] - (FRAME[1], FRAME[0])) * self._scale
        width = max(round(breadth * float(self._scale[1])), 1)
        self._pen.line(points.ravel().tolist(), fill=grey, width=width, joint="curve")

    def bone(self, line: DoubleArray, breadth: float, *, cortex: float) -> None:
        """Draw a bone: a dense cortex, a share of its breadth, around a less dense middle."""
        self.stroke(line, breadth, 1.0)
        self.stroke(line, breadth * (1 - cortex), 0.62)

    def averaged(self) -> FloatArray:
        """Return the picture at its own size, (size, size) float32."""
        small = self._picture.resize((self._size, self._size), Image.Resampling.BOX)
        return np.asarray(small, np.float32)


def _soften(picture: FloatArray) -> FloatArray:
    size = picture.shape[0]
    sharp = scipy.ndimage.gaussian_filter(picture, _BLUR_SHARE * size)
    return np.asarray(sharp - scipy.ndimage.uniform_filter(sharp, round(3 * _SLOW_SHARE * size)))


def _posterior(start: float, number: int, build: Build, side: int) -> DoubleArray:
    """Return a rib's back part, from the spine to the chest wall."""
    u = np.linspace(0.1, 1.04, 16) * min(_wall(start), 1.0)
    rise = 0.035 * (1 - number / 14) * np.sin(np.pi * u / 1.3)
    y = start + 0.02 - rise + _drop(number, build) * u**2.2
    return np.stack([y, 0.5 + side * 0.5 * u], axis=1)


def _anterior(start: float, number: int, build: Build, side: int) -> DoubleArray:
    """Return a rib's front part, from the chest wall down to its cartilage."""
    wall = _wall(start)
    t = np.linspace(0, 1, 14)
    begin = start + 0.02 + _drop(number, build) * wall**2.2
    y = begin + build.slope * (0.17 + 0.008 * number) * np.sin(np.pi / 2 * t) ** 1.2
    return np.stack([y, 0.5 + side * 0.5 * wall * (1.02 - 0.55 * t)], axis=1)


def _clavicle(build: Build, side: int) -> DoubleArray:
    """Return a clavicle, from the sternum up and out to the shoulder."""
    t = np.linspace(0, 1, 14)
    y = build.clavicle + 0.05 - 0.11 * t + 0.018 * np.sin(2 * np.pi * t)
    return np.stack([y, 0.5 + side * 0.5 * (0.12 + 0.95 * t)], axis=1)


def _drop(number: int, build: Build) -> float:
    """Return how far a rib falls from the spine to the side; lower ribs fall farther."""
    return 1.5 * build.slope * (0.05 + 0.012 * number)


def _wall(start: float) -> float:
    return float(np.interp(start + 0.16, _WALL_HEIGHTS, _WALL_REACH))


def _grow(
    sheet: _Sheet, start: DoubleArray, heading: float, side: int, rng: np.random.Generator
) -> None:
    """Draw one vessel and all that it parts into; `heading` 0 is outward, positive is down."""
    todo = [(start, heading, _TRUNK * rng.uniform(0.8, 1.2), 0)]
    while todo:
        at, angle, breadth, generation = todo.pop()
        length = rng.uniform(0.06, 0.11) * 0.9**generation
        turns = angle + np.linspace(0, rng.normal(0, 0.25), 5)
        steps = np.stack([np.sin(turns), side * 0.85 * np.cos(turns)], axis=1) * length / 5
        line = at + np.concatenate([[[0.0, 0.0]], np.cumsum(steps, axis=0)])
        sheet.stroke(line, breadth, min(1.0, 0.25 + 0.6 * breadth / _TRUNK))
        if generation + 1 == _GENERATIONS:
            continue
        spread = rng.uniform(0.25, 0.5)
        for way in (-1, 1):
            branch = float(turns[-1]) + way * spread * rng.uniform(0.6, 1.2)
            todo.append((line[-1], branch, breadth * rng.uniform(0.68, 0.82), generation + 1))
