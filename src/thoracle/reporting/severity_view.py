"""What a page shows of a film's estimated severity."""

from dataclasses import dataclass

from thoracle.core.languages import Language
from thoracle.core.results import Score, Severity
from thoracle.reporting.severity_texts import SEVERITY

ROWS = ("upper", "middle", "lower")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRow:
    """One third of both lungs: its name, and the scores of the right and the left lung."""

    name: str
    right: str
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityView:
    """Texts only; `scores` are names and values with intervals, `notes` what limits them."""

    title: str
    scores: tuple[tuple[str, str], ...]
    zones_note: str
    right: str
    left: str
    rows: tuple[ZoneRow, ...]
    notes: tuple[str, ...]


def severity_view(severity: Severity | None, language: Language) -> SeverityView | None:
    """Work out what a page shows of a film's severity.

    Parameters
    ----------
    severity
        None where there is none, as in results of earlier versions.
    language
        Of all texts and numbers.

    Returns
    -------
    SeverityView or None
        The patient's right lung stands on the left, as on film.
    """
    if severity is None:
        return None
    t = language.table(SEVERITY)
    shown = [_number(zone, language) for zone in severity.zones]
    return SeverityView(
        title=t["title"],
        scores=tuple(
            (t[name], _with_interval(name, score, language))
            for name, score in (
                ("brixia", severity.brixia),
                ("extent", severity.extent),
                ("opacity", severity.opacity),
            )
        ),
        zones_note=t["zones"],
        right=t["right"],
        left=t["left"],
        rows=tuple(
            ZoneRow(name=t[name], right=right, left=left)
            for name, right, left in zip(ROWS, shown[:3], shown[3:], strict=True)
        ),
        notes=(
            t["interval"].format(coverage=f"{severity.coverage * 100:.0f}"),
            t["estimated"].format(
                films=severity.films,
                patients=severity.patients,
                error=_number(severity.error, language),
                difference=_number(severity.reader_difference, language),
            ),
            t["learned"],
        ),
    )


def course_text(severity: Severity | None, language: Language) -> str:
    """Return a film's Brixia score for a list of films, "" where there is none."""
    if severity is None:
        return ""
    return language(SEVERITY["course"], value=_number(severity.brixia.value, language))


def _with_interval(name: str, score: Score, language: Language) -> str:
    return language(
        SEVERITY[f"{name}_value"],
        value=_number(score.value, language),
        low=_number(score.low, language),
        high=_number(score.high, language),
    )


def _number(value: float, language: Language) -> str:
    return language.number(f"{value:.1f}")
