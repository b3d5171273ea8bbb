"""Texture for programs: the features of one region of a kept film, as JSON."""

import math
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from thoracle.imaging.texture.definitions import FEATURES
from thoracle.imaging.texture.measure import WAVELET_PREFIX
from thoracle.jobs.readings import marks_of
from thoracle.jobs.result_texture import measurable_regions, result_texture
from thoracle.jobs.results import show_result
from thoracle.radiograph.regions import DRAWN
from thoracle.radiograph.texture import FILM_AGGREGATION, RegionTexture
from thoracle.web.openapi import problems
from thoracle.web.pages.asking import Using
from thoracle.web.schemas import MarkSchema
from thoracle.web.services import Services

router: Final = APIRouter()
ADDRESS: Final = "/api/v1/analyses/{result_id}/texture"
RegionName = Literal[
    "lungs",
    "right_lung",
    "left_lung",
    "right_upper",
    "right_middle",
    "right_lower",
    "left_upper",
    "left_middle",
    "left_lower",
    "altered",
    "drawn",
]


class FeatureSchema(BaseModel):
    """One feature; `value` is null where it is unknown, `code` where the IBSI has none."""

    name: str
    title: str
    band: str | None = Field(description="The wavelet band, such as lh; null for the film itself.")
    code: str | None
    value: float | None


class TextureSchema(BaseModel):
    """The texture of one region of a kept film."""

    region: RegionName
    pixels: int = Field(ge=0, description="Of the region, the lungs brought to 192 pixels high.")
    unit: Literal["px", "mm"] = Field(description="Of lengths and areas.")
    aggregation: str = Field(description="The IBSI's code of how directions are put together.")
    regions: list[RegionName] = Field(description="What else can be asked for.")
    features: list[FeatureSchema]


class DrawnSchema(BaseModel):
    """What is drawn on a film: boxes, and strokes that are closed."""

    marks: list[MarkSchema] = Field(min_length=1, max_length=200)
    wavelets: bool = False


@router.get(ADDRESS, response_model=TextureSchema, responses=problems(404, 422, 429))
def texture(
    result_id: str,
    services: Using,
    region: RegionName = "lungs",
    wavelets: Annotated[bool, Query(description="The four wavelet bands too.")] = False,
) -> Response:
    """Measure the texture of a region; `drawn` is that of the newest reading with marks."""
    with services.line.place():
        measured = result_texture(services.store, result_id, region=region, with_wavelets=wavelets)
    return _answer(services, result_id, measured)


@router.post(ADDRESS, response_model=TextureSchema, responses=problems(404, 422, 429))
def drawn_texture(result_id: str, services: Using, drawn: DrawnSchema) -> Response:
    """Measure the texture of what is drawn, without keeping the drawing."""
    marks = marks_of([one.model_dump(mode="json") for one in drawn.marks])
    with services.line.place():
        measured = result_texture(
            services.store,
            result_id,
            region=DRAWN,
            marks=marks,
            with_wavelets=drawn.wavelets,
        )
    return _answer(services, result_id, measured)


def _answer(services: Services, result_id: str, measured: RegionTexture) -> Response:
    stored = show_result(services.store, result_id, with_values=False)
    return JSONResponse(
        {
            "region": measured.region,
            "pixels": measured.pixels,
            "unit": measured.unit,
            "aggregation": FILM_AGGREGATION.code,
            "regions": list(measurable_regions(stored)),
            "features": [_feature(name, value) for name, value in measured.features.items()],
        }
    )


def _feature(column: str, value: float) -> dict[str, object]:
    band, name = None, column
    if column.startswith(WAVELET_PREFIX):
        band, _, name = column.removeprefix(WAVELET_PREFIX).partition("_")
    known = FEATURES[name]
    return {
        "name": name,
        "title": known.title,
        "band": band,
        "code": known.code,
        "value": None if math.isnan(value) else value,
    }
