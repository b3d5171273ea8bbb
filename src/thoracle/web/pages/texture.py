"""The texture of a result's film: measured when asked for, put into the page in place."""

import math
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from thoracle.core.languages import Language
from thoracle.imaging.texture.definitions import FAMILIES, FEATURES
from thoracle.jobs.readings import marks_of
from thoracle.jobs.result_texture import measurable_regions, result_texture
from thoracle.jobs.results import show_result
from thoracle.radiograph.texture import RegionTexture
from thoracle.store.types import StoredResult
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.pages.readings import listed_marks
from thoracle.web.render import page
from thoracle.web.texts import WEB
from thoracle.web.texts.texture import REGION_TITLES

router: Final = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLine:
    """One feature in words; `value` is a dash where it is unknown."""

    title: str
    code: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextureView:
    """The table of one region: what it is, and its features by family."""

    region: str
    summary: str
    is_small: bool
    families: tuple[tuple[str, tuple[FeatureLine, ...]], ...]


@router.get("/results/{result_id}/texture")
def texture_form(request: Request, result_id: str, services: Using, language: Spoken) -> Response:
    """Show the form that asks for a region, on a page of its own."""
    stored = show_result(services.store, result_id, with_values=False)
    return page(
        request,
        "texture_page.html",
        address=f"/results/{result_id}",
        regions=region_titles(stored, language),
        chosen=None,
        texture=None,
    )


@router.post("/results/{result_id}/texture")
def texture_table(
    request: Request,
    result_id: str,
    services: Using,
    language: Spoken,
    region: Annotated[str, Form(max_length=40)] = "lungs",
    marks: Annotated[str, Form(max_length=200_000)] = "[]",
) -> Response:
    """Measure a region of a kept film and show its table."""
    stored = show_result(services.store, result_id, with_values=False)
    with services.line.place():
        measured = result_texture(
            services.store, result_id, region=region, marks=marks_of(listed_marks(marks))
        )
    return page(
        request,
        "texture_page.html",
        address=f"/results/{result_id}",
        regions=region_titles(stored, language),
        chosen=region,
        texture=texture_view(measured, language),
    )


def region_titles(stored: StoredResult, language: Language) -> tuple[tuple[str, str], ...]:
    """Return the regions of a kept film that can be asked for, with their titles."""
    return tuple((name, language(REGION_TITLES[name])) for name in measurable_regions(stored))


def texture_view(measured: RegionTexture, language: Language) -> TextureView:
    """Return a region's table in words: its features without wavelets, by family.

    Parameters
    ----------
    measured
        Of one region.
    language
        Of titles and numbers.

    Returns
    -------
    TextureView
        Families in the order of `FAMILIES`, those that the region has none of left out.
    """
    families = []
    for family, title in FAMILIES.items():
        lines = tuple(
            FeatureLine(
                title=language(one.title),
                code=one.code or "",
                value=_told(measured.features[name], language),
            )
            for name, one in FEATURES.items()
            if one.family == family and name in measured.features
        )
        if lines:
            families.append((language(title), lines))
    region = language(REGION_TITLES[measured.region])
    return TextureView(
        region=region,
        summary=language(WEB["texture_pixels"], region=region, pixels=str(measured.pixels)),
        is_small=math.isnan(measured.features["stat_mean"]),
        families=tuple(families),
    )


def _told(value: float, language: Language) -> str:
    return "–" if math.isnan(value) else language.number(f"{value:.4g}")
