"""Depth frames of a breathing torso before a wall, whose truth is known; none is of a person.

A half ellipsoid, seen from the front, comes nearer as it breathes in, most in its middle. The
camera rounds to whole millimeters, is noisy, and misses pixels: at random, and along the outline.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the camera sees.

    Attributes
    ----------
    rows, columns
        Of the camera.
    center, half_sides
        (row, column) of the torso's middle, and half of its height and width, in pixels.
    torso_mm, wall_mm, deep_mm
        Distance of the torso's outline and of the wall, and how much nearer the torso's middle is.
    noise_mm
        Standard deviation of a pixel's noise from frame to frame.
    missing_share
        Share of pixels that the camera misses in a frame.
    sway_mm, sway_hz
        Half of how far the whole torso sways, slowly.
    """

    rows: int = 96
    columns: int = 128
    center: tuple[float, float] = (54.0, 62.0)
    half_sides: tuple[float, float] = (34.0, 26.0)
    torso_mm: float = 1500.0
    wall_mm: float = 2400.0
    deep_mm: float = 120.0
    noise_mm: float = 2.0
    missing_share: float = 0.03
    sway_mm: float = 6.0
    sway_hz: float = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedDepth:
    """Frames and their truth.

    Attributes
    ----------
    depth_mm : (frames, rows, columns) uint16
        0 where the camera saw nothing.
    torso : (rows, columns) bool
        Where the torso is.
    lift : (rows, columns) float32
        How far each pixel comes nearer for each mm that the middle does, 0 to 1.
    """

    depth_mm: NDArray[np.uint16] = field(repr=False)
    torso: BoolArray = field(repr=False)
    lift: FloatArray = field(repr=False)


def render_depth(
    rise_mm: DoubleArray, scene: Scene, *, rate_hz: float, rng: np.random.Generator
) -> RenderedDepth:
    """Render a torso that breathes.

    Parameters
    ----------
    rise_mm : (frames,) float64
        How much nearer the torso's middle is in each frame, by breathing.
    scene
        What the camera sees.
    rate_hz
        Frames per second, for the sway.
    rng
        Draws noise and missing pixels.
    """
    rows, columns = np.mgrid[0 : scene.rows, 0 : scene.columns]
    down = (rows - scene.center[0]) / scene.half_sides[0]
    across = (columns - scene.center[1]) / scene.half_sides[1]
    height = np.sqrt(np.clip(1.0 - down**2 - across**2, 0.0, None))
    torso: BoolArray = height > 0.0
    outline = torso & (height < 0.25)
    time_s = np.arange(rise_mm.size) / rate_hz
    sway_mm = scene.sway_mm * np.sin(2.0 * np.pi * scene.sway_hz * time_s)
    frames = np.zeros((rise_mm.size, scene.rows, scene.columns), np.uint16)
    for index, (rise, sway) in enumerate(zip(rise_mm, sway_mm, strict=True)):
        body_mm = scene.torso_mm + sway - (scene.deep_mm + rise) * height
        depth_mm = np.where(torso, body_mm, scene.wall_mm)
        depth_mm += rng.normal(0.0, scene.noise_mm, depth_mm.shape)
        chance = rng.random(depth_mm.shape)
        is_missing = (chance < scene.missing_share) | (outline & (chance < 0.5))
        frames[index] = np.where(is_missing, 0.0, np.clip(np.rint(depth_mm), 0.0, 65535.0))
    return RenderedDepth(depth_mm=frames, torso=torso, lift=height.astype(np.float32))
