"""What a page's viewer is told: addresses, choices and scales."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import ContributionMap, FileResult
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import Picture

COLORS: Final = ("inferno", "viridis", "magma", "plasma", "cividis", "hot", "warm", "jet")
"""Color tables of the viewer; the first is that of printed reports."""

METHOD_TITLES: Final = {"gradcam": "Grad-CAM", "gradcam++": "Grad-CAM++"}


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
    layers = tuple(dict.fromkeys(one.layer for one in result.maps))
    likeliest = max(result.findings, key=lambda one: one.probability, default=None)
    return ViewerView(
        id=viewer_id,
        config={
            "film": addresses.film,
            "rim": addresses.rim,
            "bits": size.bits,
            "window": list(size.window),
            "size_mm": [size.columns, size.rows],
            "maps": [
                _map(one, url, language)
                for one, url in zip(result.maps, addresses.maps, strict=True)
            ],
        },
        findings=_titled((one.label for one in result.maps), language),
        methods=tuple(
            (name, METHOD_TITLES.get(name, name))
            for name in dict.fromkeys(one.method for one in result.maps)
        ),
        layers=tuple(
            (name, language(PAGE["layer_last"] if place == 0 else PAGE["layer_earlier"], name=name))
            for place, name in enumerate(layers)
        ),
        chosen=None if likeliest is None else likeliest.label,
        pictures=pictures,
    )


def _titled(labels: Iterable[str], language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((label, language(label)) for label in dict.fromkeys(labels))


def _map(one: ContributionMap, url: str, language: Language) -> dict[str, object]:
    share = one.lung_share
    return {
        "url": url,
        "label": one.label,
        "method": one.method,
        "layer": one.layer,
        "scale_max": one.scale_max,
        "scale_text": language.number(f"{one.scale_max:.3g}"),
        "share": (
            "" if share is None else language(PAGE["lung_share"], percent=f"{share * 100:.0f}")
        ),
    }
