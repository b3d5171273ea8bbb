"""What a page's viewer is told: addresses, choices and scales."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import ContributionMap, FileResult, FilmMap
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import Picture, anomaly_note, share_text
from thoracle.reporting.colormaps import COLORMAPS, colormap_table
from thoracle.reporting.map_names import layer_titles, method_title
from thoracle.reporting.overlay import DEFAULT_OPACITY, FADE_SHARE

COLORS: Final = ("inferno", "viridis", "magma", "plasma", "cividis", "hot", "warm", "jet")
"""Color tables of the viewer; the first is that of printed reports."""

ANOMALY: Final = "anomaly"
"""The method of the map that belongs to no finding and no layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerAddresses:
    """Where the viewer finds a film, its maps by place, and the rim of the lungs."""

    film: str
    maps: tuple[str, ...]
    rim: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerView:
    """Everything that the template of a viewer prints.

    `config` is what its script reads; `findings`, `methods` and `layers` are values with titles;
    `chosen` is the finding shown first; `pictures` stand in where there is no WebGL.
    """

    id: str
    config: dict[str, object]
    findings: tuple[tuple[str, str], ...]
    methods: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, str], ...]
    chosen: str | None
    pictures: tuple[Picture, ...]
    colors: tuple[str, ...] = COLORS
    opacity_percent: int = round(100 * DEFAULT_OPACITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSize:
    """A kept film's size as the viewer has it: in pixels of the file, which count as millimeters.

    `bits` is the depth of its grey, 8 or 16; `window` holds the values that are black and white.
    """

    rows: int
    columns: int
    bits: int
    window: tuple[float, float]


def viewer_view(
    result: FileResult,
    *,
    viewer_id: str,
    size: FilmSize,
    addresses: ViewerAddresses,
    pictures: tuple[Picture, ...],
    language: Language,
) -> ViewerView:
    """Work out what the viewer of one result is told.

    Parameters
    ----------
    result
        Whose film was kept.
    viewer_id
        Tells the viewers of a page apart.
    size
        Of the film.
    addresses
        Of what it loads.
    pictures
        For a browser that cannot show it.
    language
        Of its texts.

    Returns
    -------
    ViewerView
        Without choices where there are no maps.
    """
    methods = {one.method: method_title(one.method) for one in result.maps}
    if result.anomaly is not None:
        methods[ANOMALY] = language(PAGE["anomaly"])
    likeliest = max(result.findings, key=lambda one: one.probability, default=None)
    return ViewerView(
        id=viewer_id,
        config={
            "film": addresses.film,
            "rim": addresses.rim,
            "bits": size.bits,
            "window": list(size.window),
            "size_mm": [size.columns, size.rows],
            "tables": {name: colormap_table(name).tobytes().hex() for name in COLORMAPS},
            "maps": [
                _map(one, url, language)
                for one, url in zip(result.drawn_maps, addresses.maps, strict=True)
            ],
        },
        findings=_titled((one.label for one in result.maps), language),
        methods=tuple(methods.items()),
        layers=tuple(layer_titles(result.maps, language).items()),
        chosen=None if likeliest is None else likeliest.label,
        pictures=pictures,
    )


def _titled(labels: Iterable[str], language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((label, language(label)) for label in dict.fromkeys(labels))


def _map(one: FilmMap, url: str, language: Language) -> dict[str, object]:
    top = language.number(f"{one.scale_max:.3g}")
    common = {
        "url": url,
        "scale_max": one.scale_max,
        "scale_text": top,
        "full_at": FADE_SHARE * one.scale_max,
    }
    if isinstance(one, ContributionMap):
        return common | {
            "label": one.label,
            "method": one.method,
            "layer": one.layer,
            "unit": language(PAGE["contribution_unit"]),
            "share": share_text(one, language),
        }
    return common | {
        "label": None,
        "method": ANOMALY,
        "layer": None,
        "unit": language(PAGE["anomaly_unit"]),
        "share": anomaly_note(one, language),
    }
