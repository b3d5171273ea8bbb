"""Model cards in Portuguese: nothing stays English but names, and the Markdown keeps its form."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import thoracle
from thoracle.core.languages import ENGLISH_TEXTS, PORTUGUESE, Language, language
from thoracle.reporting.card_view import card_in

PACKAGE = Path(str(thoracle.__file__)).parent
SHIPPED = sorted((PACKAGE / "bundles").glob("*/MODEL_CARD.md"))
WRITTEN_FOR_CARDS = {
    "core/results.py",
    "evaluation/cautions.py",
    "jobs/evaluation_cautions.py",
    "reporting/analysis_texts.py",
    "reporting/anomaly_texts.py",
    "reporting/card_texts.py",
    "reporting/pattern_texts.py",
    "reporting/risk_texts.py",
    "reporting/severity_texts.py",
    "reporting/shortcut_texts.py",
}
COLLECTIONS = {"cohen", "cxnet", "figure1", "kermany", "nih"}
SAME_IN_BOTH = {"", "n", "Brier", "ECE", "AUROC (DeLong)", "COVID-19", "CC BY-NC-SA 4.0"} | {
    *("r", "Brixia", *"ABCDEF"),  # of severity
    *("POI", "P001", "cap001", "normal001"),  # of CT
    *("F1", "10 dB", "5 Hz", "25 Hz", "25 Hz, 10 dB"),  # of breathing patterns
    *("wuhan", "gru", "lstm", "decay"),  # of prognosis
}
NAMES = {"Cohen", "cohen", "cxnet", "figure", "kermany", "nih"} | {
    *("radiograph", "gate", "lungs", "puc", "rio", "anomaly", "feup"),  # other bundles, as called
    *("without", "lateral", "chest", "not", "other", "ct"),
    *("features", "norm", "denseblock"),  # layers
    *("breathing", "window", "hz", "to"),  # window-60s-10hz-0to1
    *("prognosis", "chart", "daily", "latest", "first", "older", "last"),  # its form of input
    *("wuhan", "gru", "lstm", "decay"),  # cohort and cell, as called
}


def phrases(markdown: str) -> list[str]:
    """Return headings, paragraphs, points and cells; wrapped lines joined."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [" ".join(one.content.split()) for one in tokens if one.type == "inline"]


def form(markdown: str) -> list[tuple[str, int]]:
    """Return the blocks of Markdown, of tables each row and cell."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [(one.type, one.level) for one in tokens]


def left_in_english(english: str, shown: str) -> set[str]:
    """Return phrases that are the same in both, and words that no translation for cards has."""
    pairs = list(zip(phrases(english), phrases(shown), strict=True))[1:]  # after name and version
    same = {
        one
        for one, other in pairs
        if one == other
        and one not in SAME_IN_BOTH | COLLECTIONS
        and not re.fullmatch(r"[\d.]+|((case|patient)\d(, )?)+|[0-9a-f]{40,}|–(, n \d+)?", one)
    }
    without_codes = re.sub(
        r"\b[0-9a-f]{40,}\b|\b\w+\d\b|CC BY-NC-SA", "", "\n".join(x for _, x in pairs)
    )
    return same | words(without_codes) - words(translations()) - NAMES


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


def translations() -> str:
    """Return what the Portuguese catalogue says of the sentences that cards are made of."""
    from babel.messages.pofile import read_po

    with (PACKAGE / "core" / "catalogues" / "pt.po").open("rb") as stream:
        return "\n".join(
            str(one.string)
            for one in read_po(stream, locale="pt")
            if {place for place, _ in one.locations} & WRITTEN_FOR_CARDS
        )


def told(markdown: str) -> str:
    return card_in(markdown, language(PORTUGUESE))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_nothing_of_a_shipped_card_stays_english_but_names(path: Path) -> None:
    english = path.read_text("utf-8")
    shown = told(english)
    assert left_in_english(english, shown) == set()
    assert form(shown) == form(english)
    assert re.findall(r" \d\.\d{3}\b", shown) == []


def test_a_new_sentence_in_a_card_is_found_where_it_is_not_translated() -> None:
    gate = next(path for path in SHIPPED if path.parent.name == "gate")
    english = gate.read_text("utf-8")
    known = "- Laterals are few; a film it accepts may still be of poor quality."
    assert known in english
    for added in ("Never use it.", "Scope: half of it.", "Trained without sleep"):
        planted = english.replace(known, f"- {added}")
        assert left_in_english(planted, told(planted)) != set()


def test_every_shipped_bundle_has_a_card_and_english_is_returned_byte_for_byte() -> None:
    assert {path.parent.name for path in SHIPPED} >= {"anomaly", "gate", "lungs", "radiograph"}
    for path in SHIPPED:
        english = path.read_text("utf-8")
        assert card_in(english, ENGLISH_TEXTS) is english


def test_wrapped_lines_are_one_sentence_and_blocks_stay_apart() -> None:
    toy = Language(
        PORTUGUESE, {"One two three.": "Um dois três.", "Two lines.": "Duas linhas.", "End": "Fim"}
    )
    english = "# One 1.2\n\n- One two\n  three.\n- Two\n  lines.\nTwo\n\nTwo\nlines.\n## End\n"
    assert card_in(english, toy) == (
        "# One 1.2\n\n- Um dois três.\n- Duas linhas. Two\n\nDuas linhas.\n## Fim\n"
    )


def test_sentences_known_only_together_are_taken_together_and_unknown_ones_stay() -> None:
    toy = Language(PORTUGUESE, {"A. B.": "Á. Bê.", "C {0}.": "Cê {0}.", "E.": "É."})
    assert card_in("A. B. C 1.5. D 2.5. E. A.", toy) == "Á. Bê. Cê 1,5. D 2,5. É. A."


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0.926 (0.881–0.954)", "0,926 (0,881–0,954)"),
        ("42.4 % (37.7–47.2), n 415", "42,4 % (37,7–47,2), n 415"),
        ("–, n 0", "–, n 0"),
        ("9.5e-07 in a logit", "9,5e-07 em um logit"),
        ("0.1.0", "0.1.0"),
        ("1.0rc1", "1.0rc1"),
        ("CC BY-NC-SA 4.0", "CC BY-NC-SA 4.0"),
        ("Apache-2.0", "Apache-2.0"),
        ("0123456789abcdef", "0123456789abcdef"),
        ("Films \\| Task", "Films \\| Task"),
        (
            "No finding 0.274, COVID-19 0.202",
            "Sem achados 0,274, COVID-19 0,202",
        ),
        (
            "0.274 (90% sensitivity on calibration shipped)",
            "0,274 (sensibilidade de 90% na calibração original)",
        ),
        ("Trained without lateral_chest", "Treinado sem radiografias de tórax em perfil"),
    ],
)
def test_a_cell_keeps_its_borders_and_numbers_take_a_comma(cell: str, expected: str) -> None:
    assert told(f"| {cell} |  |\n|---|---|") == f"| {expected} |  |\n|---|---|"


def test_the_parts_of_a_scope_are_translated_one_by_one() -> None:
    english = "Dice against human masks. Scope: test split; sources cohen, nih; sites Spain, Italy."
    assert told(english) == (
        "Dice contra máscaras humanas. Escopo: parte de teste; coleções: cohen, nih; "
        "locais: Espanha, Itália."
    )


def test_findings_in_what_was_filled_in_are_translated_too() -> None:
    english = "- Few films of: No finding (6), Other lung opacity (0). Read the interval, not the "
    assert told(f"{english}\n  value.") == (
        "- Poucas radiografias de: Sem achados (6), Outra opacidade pulmonar (0). Leia o "
        "intervalo, não o valor."
    )
