"""A verdict of the shortcut laboratory in words: what was tested, on what, and why it ended so."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from thoracle.evaluation.verdicts import Outcome
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS

SECTIONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "embedding": (
            "What stands in the embedding",
            (
                "Can source, age, view and sex be told from what the network keeps of a film, by "
                "films of other patients, and where the finding is the same?"
            ),
        ),
        "changes": (
            "Changed films",
            (
                "Do the findings stay when the lungs are hidden, and do they bear a marker, "
                "another tone and another sharpness?"
            ),
        ),
        "sources": (
            "Sources",
            "How does it do inside each source, and how does one that never saw the source?",
        ),
        "maps": (
            "Maps",
            "Do maps lie in the lungs, and does the score rest on what they point at?",
        ),
        "randomization": (
            "Random weights",
            "Does a map change when the network's weights are random?",
        ),
        "robustness": (
            "Robustness",
            (
                "How do answers, and the gate's refusals, change as films get worse? A dashed line "
                "marks the strength that is judged."
            ),
        ),
    }
)
"""Heading and question of each section of the page, which is in English."""

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "probe-one-value": SHORTCUT_TEXTS["one_value"],
        "no-cases": SHORTCUT_TEXTS["undefined"],
    }
)
"""Reasons of figures, in the words of the laboratory; others say themselves what is lacking."""


def test_title(test: str) -> str:
    """Return what a test is called."""
    return SHORTCUT_TEXTS[f"test_{test}"]


def subject_title(subject: str) -> str:
    """Return what a test was made on: "tone:nih", "features.norm5/gradcam", or a name."""
    kind, _, name = subject.partition(":")
    layer, _, method = subject.rpartition("/")
    if f"subject_{method}" in SHORTCUT_TEXTS and layer:
        return SHORTCUT_TEXTS[f"subject_{method}"].format(name=layer)
    known = SHORTCUT_TEXTS.get(f"subject_{kind}")
    return subject if known is None else known.format(name=name)


def why(one: Mapping[str, Any]) -> str:
    """Say in a sentence why a verdict is what it is.

    Parameters
    ----------
    one
        As `verdict_json` returns it.

    Returns
    -------
    str
        One sentence or two, in English.
    """
    if one["outcome"] != Outcome.CANNOT_TELL:
        return SHORTCUT_TEXTS[f"{one['test']}_{one['outcome']}"]
    reason = one["reason"]
    if reason is None:
        return SHORTCUT_TEXTS["more_films"]
    return _REASONS.get(reason["code"], str(reason["text"]))


def figure_text(one: Mapping[str, Any]) -> str:
    """Return a verdict's figure with its interval and how many films, "–" where unknown."""
    if one["value"] is None:
        return "–"
    value = f"{_plain(one['value'])}"
    if one["low"] is None or one["high"] is None:
        return value
    return f"{value} ({_plain(one['low'])} – {_plain(one['high'])}), n {one['n']}"


def limit_text(one: Mapping[str, Any]) -> str:
    """Return a verdict's limit in words."""
    key = "at_most" if one["is_ceiling"] else "at_least"
    return SHORTCUT_TEXTS[key].format(limit=_plain(one["limit"]))


def _plain(value: float) -> str:
    """Return two decimals with a true minus sign, never a negative zero."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")
