"""Lungs of training films, from the shipped lung bundle, as serving finds them."""

from thoracle.inference.bundle import open_bundle
from thoracle.radiograph.lungs import LungFinder

__all__ = ["LungFinder", "lung_finder"]


def lung_finder(name: str = "lungs") -> LungFinder:
    """Open the lung bundle by name or folder."""
    return LungFinder(open_bundle(name))
