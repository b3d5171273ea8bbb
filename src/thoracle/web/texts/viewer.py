"""The viewer of a film and its maps."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

VIEWER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "viewer": "Viewer",
        "viewer_loading": "Loading the film …",
        "viewer_none": (
            "This browser cannot show the viewer (it needs WebGL 2). The pictures below show "
            "the same."
        ),
        "viewer_reset": "Reset",
        "viewer_invert": "Invert",
        "viewer_annotated": "Map",
        "viewer_side": "Side by side",
        "viewer_full": "Full screen",
        "viewer_zoom_in": "Zoom in",
        "viewer_zoom_out": "Zoom out",
        "viewer_pan": "Move",
        "viewer_window": "Window",
        "viewer_tool": "Mouse and touch",
        "viewer_finding": "Finding",
        "viewer_method": "Method",
        "viewer_layer": "Layer",
        "viewer_colors": "Colors",
        "viewer_opacity": "Opacity",
        "viewer_level": "Level",
        "viewer_width": "Width",
        "viewer_outline": "Rim of the lungs",
        "viewer_keys": (
            "Keys: + and − zoom, arrows move, [ ] level, { } width, I invert, M map, S side "
            "by side, 1 2 3 finding, C colors, 0 reset."
        ),
        "viewer_keys_plain": (
            "Keys: + and − zoom, arrows move, [ ] level, { } width, I invert, 0 reset."
        ),
        "viewer_canvas_plain": "The film. The keys below the picture work here.",
        "viewer_canvas": (
            "The film, with what speaks for the chosen finding in color. The keys below the "
            "picture work here."
        ),
        "viewer_how": (
            "Color shows where the score comes from, not where disease is. All films share "
            "one scale, so a weak contribution is hardly colored; where there is no color, "
            "nothing spoke for this finding. The anomaly map is of no finding: it shows where the "
            "film is unlike normal ones, and no score comes from it. The blue line is the rim of "
            "the lungs, as found by a network."
        ),
    }
)
