"""What the maps of a result are called, alike in the viewer, in tables and in printed reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import ContributionMap, FileResult, FilmMap
from thoracle.reporting.analysis_texts import PAGE

METHOD_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {"gradcam": "Grad-CAM", "gradcam++": "Grad-CAM++"}
)
NOTHING: Final = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapName:
    """What one map is of, and the layer and the method that it was made with."""

    subject: str
    layer: str
    method: str


def method_title(name: str) -> str:
    """Return what a method is called; one that is unknown keeps its name."""
    return METHOD_TITLES.get(name, name)


def layer_titles(maps: Iterable[ContributionMap], language: Language) -> dict[str, str]:
    """Return what the layers of a result's maps are called, by their names and in their order.

    Parameters
    ----------
    maps
        Of one result; those of the last layer come first.
    language
        Of the titles.

    Returns
    -------
    dict of str to str
        Such as "last layer (features)".
    """
    names = dict.fromkeys(one.layer for one in maps)
    return {
        name: language(PAGE["layer_last"] if place == 0 else PAGE["layer_earlier"], name=name)
        for place, name in enumerate(names)
    }


def map_names(result: FileResult, language: Language) -> tuple[MapName, ...]:
    """Return the names of all of a result's `drawn_maps`.

    Parameters
    ----------
    result
        Of any status.
    language
        Of the names.

    Returns
    -------
    tuple of MapName
        The anomaly map has no layer, and its method is its own.
    """
    layers = layer_titles(result.maps, language)
    return tuple(_name(one, layers, language) for one in result.drawn_maps)


def _name(one: FilmMap, layers: Mapping[str, str], language: Language) -> MapName:
    if not isinstance(one, ContributionMap):
        return MapName(subject=language(PAGE["anomaly"]), layer=NOTHING, method=NOTHING)
    return MapName(
        subject=language(one.label), layer=layers[one.layer], method=method_title(one.method)
    )
