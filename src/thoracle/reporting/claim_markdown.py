"""A CLAIM checklist as Markdown, and as a page that stands alone."""

from itertools import groupby

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.reporting.card_view import card_in
from thoracle.reporting.claim_texts import CLAIM_TEXTS, ClaimItem

Row = tuple[ClaimItem, str, str | None, str | None]
"""An item, its status, the answer and the place where it stands."""
UNANSWERED, ANSWERED = "unanswered", "answered"


def claim_markdown(name: str, version: str, rows: tuple[Row, ...]) -> str:
    """Return a checklist as Markdown, in English.

    Parameters
    ----------
    name, version
        Of the bundle.
    rows
        One per item, in order.

    Returns
    -------
    str
        Of the form that `card_in` translates; ends with a newline.
    """
    counts = dict.fromkeys((ANSWERED, "partly", UNANSWERED), 0)
    for _, status, _, _ in rows:
        counts[status] += 1
    parts = [
        f"# {name} {version}",
        CLAIM_TEXTS["about"],
        CLAIM_TEXTS["counts"].format(**counts, items=len(rows)),
    ]
    names = ("item", "asks", "answer", "place")
    head = [f"| {' | '.join(CLAIM_TEXTS[one] for one in names)} |", "|---|---|---|---|"]
    for section, among in groupby(rows, key=lambda row: row[0].section):
        lines = [_line(*row) for row in among]
        parts.append("\n".join([f"## {section}", "", *head, *lines]))
    return "\n\n".join([*parts, CLAIM_TEXTS["citation"]]) + "\n"


def claim_html(markdown: str, language: Language = ENGLISH_TEXTS) -> str:
    """Return a checklist as a page that stands alone.

    Parameters
    ----------
    markdown
        From `claim_markdown`.
    language
        Of its sentences; what the catalogue does not know stays English.
    """
    from markdown_it import MarkdownIt

    told = card_in(markdown, language)
    name = told.split("\n", 1)[0].removeprefix("# ")
    body = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(told))
    return (
        f'<!doctype html>\n<html lang="{language.code}"><head><meta charset="utf-8">'
        f"<title>CLAIM 2024 · {_escaped(name)}</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3rem "
        ".5rem;text-align:left;vertical-align:top}</style></head>\n"
        f"<body>\n{body}</body></html>\n"
    )


def _line(item: ClaimItem, status: str, answer: str | None, place: str | None) -> str:
    lacks = "" if status == ANSWERED else CLAIM_TEXTS[status].format(needed=item.needed)
    said = " ".join(one for one in (answer, lacks) if one)
    return f"| {item.number} | {item.title} | {_cell(said)} | {_cell(place or '')} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
