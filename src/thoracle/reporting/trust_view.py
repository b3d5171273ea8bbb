"""How far a result may be trusted, line by line, for pages and reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import FileResult
from thoracle.radiograph.explain import MOSTLY, mean_share
from thoracle.radiograph.trust import Trust, Verdict
from thoracle.reporting.analysis_texts import KIND_TITLES
from thoracle.reporting.trust_texts import TRUST

FAR_PERCENTILE: Final = 95.0
"""From here on a film is called unlike those of training; from 99 on the result abstains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustLine:
    """One aspect: its title, a sentence, and whether it speaks for or against trust.

    `tone` is "good", "caution", "stop" or "unknown".
    """

    title: str
    sentence: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustView:
    """What is concluded, in words, and the lines below it."""

    verdict: str
    title: str
    note: str
    reasons: tuple[str, ...]
    lines: tuple[TrustLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """On what films the bundle of a result was calibrated; `is_of_site` says whose they were."""

    name: str
    films: int
    is_of_site: bool


def trust_view(
    result: FileResult,
    concluded: Trust,
    *,
    distance: float | None,
    calibrated: Calibrated | None,
    language: Language,
) -> TrustView | None:
    """Work out what a page says about trust.

    Parameters
    ----------
    result
        Of any status.
    concluded
        From `thoracle.radiograph.trust.trust`.
    distance
        Share of unseen films that lie nearer to the training films, in percent.
    calibrated
        None where the result is of another bundle than the one in use.
    language
        Of its texts.

    Returns
    -------
    TrustView or None
        None where nothing was computed.
    """
    if concluded.verdict is Verdict.NONE:
        return None
    label = "" if concluded.label is None else language(concluded.label)
    return TrustView(
        verdict=str(concluded.verdict),
        title=language(_TITLES[concluded.verdict], label=label),
        note=language(_NOTES[concluded.verdict]),
        reasons=tuple(language.sentence(one.text) for one in concluded.reasons),
        lines=(
            *_gate_line(result, language),
            _distance_line(distance, language),
            _map_line(result, language),
            _calibration_line(calibrated, language),
        ),
    )


_TITLES: Final = {
    Verdict.DECIDED: TRUST["decided"],
    Verdict.UNDECIDED: TRUST["undecided"],
    Verdict.ABSTAINS: TRUST["abstains"],
}
_NOTES: Final = {
    Verdict.DECIDED: TRUST["decided_note"],
    Verdict.UNDECIDED: TRUST["undecided_note"],
    Verdict.ABSTAINS: TRUST["abstains_note"],
}


def _gate_line(result: FileResult, language: Language) -> Iterator[TrustLine]:
    gate = result.gate
    if gate is not None:
        kind = language(KIND_TITLES[gate.kind])
        yield TrustLine(
            title=language(TRUST["gate"]),
            sentence=language(
                TRUST["gate_yes"] if gate.accepted else TRUST["gate_no"],
                kind=kind[:1].upper() + kind[1:],
                percent=language.number(f"{gate.probability * 100:.1f}"),
            ),
            tone="good" if gate.accepted else "stop",
        )


def _distance_line(distance: float | None, language: Language) -> TrustLine:
    title = language(TRUST["distance"])
    if distance is None:
        return TrustLine(title=title, sentence=language(TRUST["distance_none"]), tone="unknown")
    is_far = distance >= FAR_PERCENTILE
    said = TRUST["distance_far"] if is_far else TRUST["distance_near"]
    return TrustLine(
        title=title,
        sentence=language(said, percent=f"{distance:.0f}"),
        tone="caution" if is_far else "good",
    )


def _map_line(result: FileResult, language: Language) -> TrustLine:
    title = language(TRUST["maps"])
    likeliest = max(result.findings, key=lambda one: one.probability)
    share = mean_share(one for one in result.maps if one.label == likeliest.label)
    if share is None:
        return TrustLine(title=title, sentence=language(TRUST["maps_none"]), tone="unknown")
    return TrustLine(
        title=title,
        sentence=language(
            TRUST["maps_inside"],
            percent=f"{share * 100:.0f}",
            label=language(likeliest.label),
        ),
        tone="good" if share >= MOSTLY else "caution",
    )


def _calibration_line(calibrated: Calibrated | None, language: Language) -> TrustLine:
    title = language(TRUST["calibration"])
    if calibrated is None:
        said = language(TRUST["calibration_other"])
        return TrustLine(title=title, sentence=said, tone="unknown")
    said = TRUST["calibration_site"] if calibrated.is_of_site else TRUST["calibration_shipped"]
    return TrustLine(
        title=title,
        sentence=language(said, films=calibrated.films, name=calibrated.name),
        tone="good" if calibrated.is_of_site else "caution",
    )
