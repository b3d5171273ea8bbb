"""The CLAIM 2024 checklist of a bundle: what it does not hold is shown as unanswered."""

import json
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from thoracle.inference.bundle import METRICS, open_bundle
from thoracle.inference.description import read_description
from thoracle.jobs.claim_answers import METHOD_ANSWERS, RECIPE, Answer, Held
from thoracle.jobs.claim_results import RESULT_ANSWERS
from thoracle.reporting.claim_markdown import claim_markdown
from thoracle.reporting.claim_texts import CLAIM_ITEMS, ClaimItem


class Status(StrEnum):
    """Whether a bundle answers an item."""

    ANSWERED = "answered"
    PARTLY = "partly"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredItem:
    """An item with its answer, None where there is none."""

    item: ClaimItem
    answer: Answer | None

    @property
    def status(self) -> Status:
        """Whether the item is answered, in part or not."""
        if self.answer is None:
            return Status.UNANSWERED
        return Status.ANSWERED if self.answer.is_whole else Status.PARTLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The checklist of one bundle."""

    name: str
    version: str
    digest: str
    items: tuple[AnsweredItem, ...]

    def count(self, status: Status) -> int:
        """Return how many items have a status."""
        return sum(one.status is status for one in self.items)


def claim_checklist(name: str) -> Checklist:
    """Answer the 44 items of CLAIM 2024 from a bundle.

    Parameters
    ----------
    name
        A bundle's name, or its folder. One that is missing or altered is a BundleError.

    Returns
    -------
    Checklist
        Nothing in it was typed by hand but the sentences around the values.
    """
    bundle = open_bundle(name)
    recipe, metrics = bundle.folder / RECIPE, bundle.folder / METRICS
    held = Held(
        bundle=bundle,
        table=read_description(bundle.folder),
        recipe=tomllib.loads(recipe.read_text("utf-8")) if recipe.is_file() else {},
        metrics=json.loads(metrics.read_bytes()) if metrics.is_file() else {},
    )
    answers = {**METHOD_ANSWERS, **RESULT_ANSWERS}
    return Checklist(
        name=bundle.name,
        version=bundle.version,
        digest=bundle.digest,
        items=tuple(
            AnsweredItem(
                item=item, answer=answers[item.number](held) if item.number in answers else None
            )
            for item in CLAIM_ITEMS
        ),
    )


def checklist_markdown(checklist: Checklist) -> str:
    """Turn a checklist into Markdown, in English."""
    rows = tuple(
        (
            one.item,
            str(one.status),
            None if one.answer is None else one.answer.text,
            None if one.answer is None else one.answer.place,
        )
        for one in checklist.items
    )
    return claim_markdown(checklist.name, checklist.version, rows)


def checklist_document(checklist: Checklist) -> dict[str, Any]:
    """Turn a checklist into JSON."""
    return {
        "checklist": "CLAIM 2024",
        "bundle": checklist.name,
        "version": checklist.version,
        "digest": checklist.digest,
        "items": [
            {
                "number": one.item.number,
                "section": one.item.section,
                "item": one.item.title,
                "status": str(one.status),
                "answer": None if one.answer is None else one.answer.text,
                "place": None if one.answer is None else one.answer.place,
                "missing": None if one.status is Status.ANSWERED else one.item.needed,
            }
            for one in checklist.items
        ],
    }
