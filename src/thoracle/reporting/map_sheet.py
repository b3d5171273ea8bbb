"""A page of films with boxes and every map over them, in the web app's colors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import FilmMap
from thoracle.reporting.overlay import backdrop, film_png, overlay_png
from thoracle.reporting.pages import png_uri, report_environment

SCALE_PERCENTILE = 99.0  # of the films' own peaks: one scale per map, never one per film.


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedFilm:
    """A film, what readers outlined on it, and maps by name, all (rows, columns)."""

    name: str
    pixels: FloatArray = field(repr=False)
    region: BoolArray = field(repr=False)
    maps: Mapping[str, FloatArray] = field(repr=False)


def map_sheet_html(films: Sequence[MappedFilm], *, colormap: str) -> str:
    """Return a page with one row for each film and one column for each map.

    Parameters
    ----------
    films
        All with the same maps.
    colormap
        One of `thoracle.reporting.colormaps.COLORMAPS`.

    Returns
    -------
    str
        HTML that holds its pictures. It shows films: keep it where they are kept.
    """
    names = tuple(films[0].maps) if films else ()
    tops = {name: _top([film.maps[name] for film in films]) for name in names}
    rows = [
        {
            "name": film.name,
            "film": png_uri(film_png(backdrop(film.pixels))),
            "maps": [png_uri(_overlay(film, name, tops[name], colormap)) for name in names],
        }
        for film in films
    ]
    heads = [f"{name} (0 to {tops[name]:.3g})" for name in names]
    return report_environment().get_template("map_sheet.html").render(heads=heads, rows=rows)


def _top(maps: Sequence[FloatArray]) -> float:
    peaks = [float(one.max()) for one in maps]
    return max(float(np.percentile(peaks, SCALE_PERCENTILE)), 1e-6)


def _overlay(film: MappedFilm, name: str, top: float, colormap: str) -> bytes:
    rows, columns = film.pixels.shape
    drawn = FilmMap(
        values=film.maps[name], scale_max=top, box=(0, 0, rows, columns), lung_share=None
    )
    return overlay_png(backdrop(film.pixels, film.region), drawn, colormap=colormap)
