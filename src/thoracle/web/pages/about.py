"""What Thoracle is for and not for, what was measured, and the model cards."""

from functools import lru_cache
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from thoracle.core.errors import BundleError
from thoracle.core.languages import Language
from thoracle.core.version import version
from thoracle.jobs.about import AboutBundle, Figure, about_bundle, printed
from thoracle.reporting.card_view import card_in
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.render import page
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

_GROUPS: Final = {
    "frontal": WEB["group_frontal"],
    "ct": WEB["group_ct"],
    "lateral_chest": WEB["group_lateral"],
    "other_radiograph": WEB["group_other"],
    "not_radiograph": WEB["group_not"],
    "all": WEB["group_all"],
}
_SCORES: Final = {
    "readers": WEB["about_readers"],
    "Brixia": WEB["about_brixia"],
    "extent": WEB["about_extent"],
    "opacity": WEB["about_opacity"],
    "days": WEB["about_days"],
}
_PARTS: Final = {
    "lungs": WEB["about_ct_lungs"],
    "infection": WEB["about_ct_infection"],
    "percentage of infection": WEB["about_ct_poi"],
}
_WHAT: Final = {
    "refused": WEB["about_refused"],
    "falsely refused": WEB["about_falsely"],
    "accuracy": WEB["about_accuracy"],
    "mean dice": WEB["about_dice"],
    "anomaly auroc": WEB["about_anomaly"],
    "mean error": WEB["about_mean_error"],
    "correlation": WEB["about_correlation"],
    "ct dice": WEB["about_ct_dice"],
    "ct error": WEB["about_ct_error"],
    "pattern accuracy": WEB["about_patterns"],
}


@router.get("/about")
def about_page(request: Request, services: Using, language: Spoken) -> Response:
    """Tell what Thoracle is, and what was measured of the bundles in use."""
    return page(
        request,
        "about.html",
        bundles=[_bundle(one, language) for one in services.bundles],
        cite=language(WEB["about_cite_text"], version=version()),
    )


@router.get("/about/{name}")
def card_page(request: Request, services: Using, language: Spoken, name: str) -> Response:
    """Show the model card of a bundle in use."""
    bundle = about_bundle(services.bundles, name)
    card = Markup(_as_html(bundle.card, language))  # noqa: S704  (no raw HTML is let through)
    return page(request, "card.html", bundle=bundle, card=card)


@router.get("/about/{name}/claim")
def claim_page(request: Request, services: Using, language: Spoken, name: str) -> Response:
    """Show the CLAIM 2024 checklist of a bundle in use, generated from what it holds.

    Raises
    ------
    BundleError
        CLAIM, a checklist for imaging, does not ask about such a bundle.
    """
    bundle = about_bundle(services.bundles, name)
    if not bundle.claim:
        raise BundleError(
            f"found no checklist of {name} – expected a bundle for imaging, which CLAIM is about. "
            "Take one from the page about them.",
            code="unknown-bundle",
        )
    checklist = Markup(_as_html(bundle.claim, language))  # noqa: S704  (no raw HTML is let through)
    return page(request, "card.html", bundle=bundle, card=checklist)


@lru_cache(maxsize=16)
def _as_html(markdown: str, language: Language) -> str:
    """Turn a model card into HTML in a language; HTML in it is shown as text."""
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    html = str(renderer.render(card_in(markdown, language)))
    return html.replace("<table>", '<table tabindex="0">')  # a wide one is scrolled by keys


def _bundle(bundle: AboutBundle, language: Language) -> dict[str, object]:
    return {
        "name": bundle.name,
        "title": language(WEB["about_of"], name=bundle.name, version=bundle.version),
        "license": language(WEB["about_license"], license=bundle.license),
        "has_claim": bool(bundle.claim),
        "evaluations": _by_evaluation(bundle.figures, language),
        "verdicts": [_verdict(one, language) for one in bundle.verdicts],
    }


def _verdict(cells: tuple[str, ...], language: Language) -> dict[str, str]:
    """Return a verdict of the shortcut laboratory under the names of its columns."""
    said = (language.number(language.sentence(one)) for one in cells)
    return dict(zip(("test", "subject", "figure", "limit", "outcome", "why"), said, strict=True))


def _by_evaluation(
    figures: tuple[Figure, ...], language: Language
) -> list[tuple[str, list[dict[str, object]]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for one in figures:
        title = language.sentence(one.evaluation)
        if one.judged is not None:
            title = language(WEB["about_judged"], title=title, network=one.judged)
        rows = found.setdefault(title, [])
        rows.append(
            {
                "what": _what(one, language),
                "value": language.number(printed(one, to=" – ")),
                "films": one.films,
            }
        )
    return list(found.items())


def _what(figure: Figure, language: Language) -> str:
    if figure.what == "auroc":
        first, second = (language(one) for one in figure.labels)
        return language(WEB["about_auroc"], first=first, second=second)
    if figure.what == "risk auroc":
        landmark, shown = (language.sentence(one) for one in figure.labels)
        return language(WEB["about_risk"], landmark=landmark, shown=shown)
    label = figure.labels[0]
    if figure.what in {"ct dice", "ct error"}:
        return language(_WHAT[figure.what], part=language(_PARTS[label]))
    if label in _SCORES:
        return language(_WHAT[figure.what], score=language(_SCORES[label]))
    return language(_WHAT[figure.what], group=_group(label, language))


def _group(group: str, language: Language) -> str:
    known = _GROUPS.get(group)
    return language.sentence(group) if known is None else language(known)
