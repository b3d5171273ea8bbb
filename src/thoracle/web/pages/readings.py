"""What readers say of a result, and how they agree."""

import json
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.evaluation.estimate import Estimate
from thoracle.jobs.readings import agreements, marks_of, reading_document, save_reading
from thoracle.store.types import NewReading, Reading
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.render import page
from thoracle.web.services import Services

router: Final = APIRouter(include_in_schema=False)

_AGREES: Final = {"yes": True, "no": False, "": None}


@router.post("/results/{result_id}/readings")
def save(
    result_id: str,
    services: Using,
    visitor: Asking,
    agrees: Annotated[Literal["yes", "no", ""], Form()] = "",
    finding: Annotated[str, Form(max_length=200)] = "",
    comment: Annotated[str, Form(max_length=4000)] = "",
    marks: Annotated[str, Form(max_length=200_000)] = "[]",
) -> Response:
    """Keep a reading and lead back to its result."""
    new = NewReading(
        reader=visitor.name,
        agrees=_AGREES[agrees],
        finding=finding.strip() or None,
        comment=comment.strip(),
        marks=marks_of(listed_marks(marks)),
    )
    save_reading(services.store, result_id, new, now=services.options.now())
    return RedirectResponse(f"/results/{result_id}#readings", SEE_OTHER)


@router.get("/readings")
def agreement_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show how readers agree."""
    return page(
        request,
        "agreement.html",
        lines=[
            {
                "first": one.first,
                "second": one.second,
                "films": one.kappa.n,
                "kappa": _in_words(one.kappa, language),
            }
            for one in agreements(services.store)
        ],
    )


def reading_lines(
    services: Services, result_id: str, language: Language
) -> list[dict[str, object]]:
    """Return the readings of a result as its page lists them, the newest first."""
    kept = services.store.readings.of_results([result_id])
    return [_line(one, language) for one in reversed(kept)]


def _line(reading: Reading, language: Language) -> dict[str, object]:
    return {
        "reader": reading.reader,
        "time": language.moment(reading.created_at),
        "agrees": reading.agrees,
        "finding": None if reading.finding is None else language(reading.finding),
        "comment": reading.comment,
        "marks": json.dumps(reading_document(reading)["marks"]) if reading.marks else None,
    }


def listed_marks(marks: str) -> list[dict[str, object]]:
    """Read the JSON of the form's hidden field; anything but a list of objects is no marks."""
    try:
        said = json.loads(marks or "[]")
    except (ValueError, RecursionError):
        said = [{}]
    return said if isinstance(said, list) and all(isinstance(one, dict) for one in said) else [{}]


def _in_words(kappa: Estimate, language: Language) -> str:
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return "" if kappa.reason is None else language.sentence(kappa.reason.text)
    numbers = (f"{one:.2f}" for one in (kappa.value, kappa.low, kappa.high))
    value, low, high = (language.number(one) for one in numbers)
    return f"{value} ({low} – {high})"
