"""The films of the training as points in three dimensions, and a reader's film among them."""

from collections import Counter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from thoracle.core.languages import Language
from thoracle.inference.landscape import AGE_UNKNOWN, YEARS, Landscape, Place, principal
from thoracle.jobs.landscape import Surroundings
from thoracle.jobs.results import show_result
from thoracle.store.types import StoredResult
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.render import page
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

SCRIPT_TEXTS: Final = ("own", "chosen", "webgl", "finding", "source", "age", "error")
COLLECTIONS: Final = {
    "cohen": "Cohen",
    "cxnet": "COVID-CXNet",
    "figure1": "Figure1",
    "kermany": "Kermany",
    "nih": "NIH ChestX-ray14",
}
_DIGITS: Final = 3
_Result = Annotated[str | None, Query(alias="result")]


@router.get("/projector")
def projector_page(
    request: Request, services: Using, language: Spoken, result_id: _Result = None
) -> Response:
    """Show the training films, and a kept result's film among them."""
    around = services.surroundings
    stored = None if result_id is None else show_result(services.store, result_id)
    found = None if stored is None else services.place(stored)
    return page(
        request,
        "projector.html",
        has_points=around is not None,
        file=None if stored is None else stored.result.file,
        address="/projector/films.json" + ("" if found is None else f"?result={result_id}"),
        neighbors=None
        if around is None or found is None or stored is None
        else _neighbors(around.landscape, found, stored, language),
        texts={key: language(WEB[f"projector_{key}"]) for key in SCRIPT_TEXTS},
    )


@router.get("/projector/films.json")
def films(services: Using, language: Spoken, result_id: _Result = None) -> Response:
    """Send the points: both layouts, what is known of each, and the reader's film if asked for."""
    around = services.surroundings
    if around is None:
        return JSONResponse({"films": 0})
    stored = None if result_id is None else show_result(services.store, result_id)
    found = None if stored is None else services.place(stored)
    own = None if found is None else _own(found)
    return JSONResponse({**_points(around, language), "own": own})


def _points(around: Surroundings, language: Language) -> dict[str, Any]:
    land = around.landscape
    right_or_wrong = [language(WEB["projector_right"]), language(WEB["projector_wrong"])]
    ages = sorted(set(land.age.tolist()))
    return {
        "films": len(land.points),
        "layouts": {
            "pca": _columns(principal(land.points, around.reference)),
            "tsne": _columns(land.spread_out),
        },
        "groups": {
            "finding": _group(land.finding, [language(one) for one in land.findings]),
            "source": _group(land.source, [collection_title(one) for one in land.sources]),
            "age": {
                "of": [ages.index(one) for one in land.age.tolist()],
                "names": [age_band(one, language) for one in ages],
            },
            "error": _group(land.is_missed.astype(int), right_or_wrong),
        },
    }


def _group(of: Any, names: list[str]) -> dict[str, Any]:
    return {"of": of.tolist(), "names": names}


def _own(found: Place) -> dict[str, Any]:
    return {
        "pca": [round(float(one), _DIGITS) for one in found.principal],
        "tsne": [round(float(one), _DIGITS) for one in found.spread_out],
        "neighbors": found.neighbors.tolist(),
    }


def _columns(points: Any) -> list[list[float]]:
    return [[round(float(one), _DIGITS) for one in column] for column in points.T]


def collection_title(source: str) -> str:
    """Return a collection's own name; a site's is what its manifest calls it."""
    return COLLECTIONS.get(source, source)


def age_band(band: int, language: Language) -> str:
    """Return a band of ages in words.

    Parameters
    ----------
    band
        As `Landscape.age`.
    language
        Of the words.
    """
    if band == AGE_UNKNOWN:
        return language(WEB["projector_unknown"])
    return language(WEB["projector_years"], low=band * YEARS, high=band * YEARS + YEARS - 1)


def _neighbors(
    land: Landscape, found: Place, stored: StoredResult, language: Language
) -> dict[str, Any]:
    likeliest = max(stored.result.findings, key=lambda one: one.probability, default=None)
    shown = [land.findings[one] for one in land.finding[found.neighbors]]
    sources = [land.sources[one] for one in land.source[found.neighbors]]
    return {
        "title": language(WEB["projector_neighbors"], count=len(shown)),
        "note": language(
            WEB["projector_neighbor_note"],
            count=len(shown),
            same=0 if likeliest is None else shown.count(likeliest.label),
            one_source=Counter(sources).most_common(1)[0][1],
        ),
        "rows": [
            {
                "distance": language.number(f"{distance:.1f}"),
                "finding": language(finding),
                "source": collection_title(source),
                "age": age_band(int(land.age[one]), language),
                "is_missed": bool(land.is_missed[one]),
            }
            for one, distance, finding, source in zip(
                found.neighbors, found.distances, shown, sources, strict=True
            )
        ],
    }
