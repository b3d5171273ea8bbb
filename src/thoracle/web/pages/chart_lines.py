"""Charts as lists print them, and the address of each."""

from thoracle.core.languages import Language
from thoracle.reporting.chart_words import ChartWords
from thoracle.store.chart_types import ChartLine
from thoracle.web.chart_uploads import TYPED_NAME
from thoracle.web.texts import WEB


def chart_address(chart_id: str) -> str:
    """Return the address of a chart's page."""
    return f"/charts/{chart_id}"


def file_title(file: str, language: Language) -> str:
    """Return what pages call a file: its name, or that there is none."""
    return language(WEB["ch_typed_in"]) if file == TYPED_NAME else file


def chart_line(one: ChartLine, language: Language) -> dict[str, object]:
    """Return one chart as lists print it."""
    facts, words = one.facts, ChartWords(language)
    untold = language(WEB["ch_none_told"])
    return {
        "id": one.id,
        "file": file_title(facts.file, language),
        "patient": facts.patient,
        "time": language.moment(one.created_at),
        "changed": language.moment(one.changed_at),
        "risk": untold if facts.risk is None else words.percent(facts.risk),
        "measurements": facts.measurements,
        "until": "–" if facts.last_h is None else words.time(facts.last_h),
        "versions": one.versions,
    }
