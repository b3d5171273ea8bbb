"""What a chart may hold: every variable with its units, and a table to start from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from thoracle.jobs.chart_examples import FEW, example_chart
from thoracle.prognosis.variables import (
    FINDING,
    LABORATORY,
    TREATMENT,
    VARIABLES,
    VITAL,
    Variable,
)
from thoracle.reporting.chart_words import ChartWords
from thoracle.reporting.variable_texts import VARIABLE_TITLES
from thoracle.web.pages.asking import Spoken
from thoracle.web.pages.chart import CSV_TYPE
from thoracle.web.pages.chart_numbers import plausible
from thoracle.web.render import page
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

VARIABLES_PAGE: Final = "/charts/variables"
TEMPLATE: Final = "/charts/template.csv"

KIND_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        VITAL: WEB["ch_kind_vital"],
        LABORATORY: WEB["ch_kind_laboratory"],
        TREATMENT: WEB["ch_kind_treatment"],
        FINDING: WEB["ch_kind_finding"],
    }
)


@router.get(VARIABLES_PAGE)
def variables_page(request: Request, language: Spoken) -> Response:
    """List the variables of a chart by kind, with the units that are read."""
    words = ChartWords(language)
    kinds = [
        {
            "name": kind,
            "title": language(title),
            "rows": [_row(one, words) for one in VARIABLES if one.kind == kind],
        }
        for kind, title in KIND_TITLES.items()
    ]
    return page(request, "chart_variables.html", kinds=kinds, table=TEMPLATE)


@router.get(TEMPLATE)
def template() -> Response:
    """Send the table of a simulated patient, as a form of what is read."""
    content, _ = example_chart(FEW)
    headers = {"Content-Disposition": f'attachment; filename="{FEW}"'}
    return Response(content, media_type=CSV_TYPE, headers=headers)


def _row(one: Variable, words: ChartWords) -> dict[str, Any]:
    return {
        "title": words.language(VARIABLE_TITLES[one.name]),
        "name": one.name,
        "units": [each.name for each in one.units if each.name],
        "range": plausible(one.name, words),
    }
