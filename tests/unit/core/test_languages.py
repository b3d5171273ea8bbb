"""Sentences are recognized by their pattern, numbers and times take the language's own form."""

from datetime import UTC, datetime

import pytest

from thoracle.core.languages import (
    ENGLISH_TEXTS,
    LANGUAGES,
    PORTUGUESE,
    Language,
    language,
    preferred,
)

TEXTS = Language(
    PORTUGUESE,
    {
        "Film": "Radiografia",
        "threshold {percent} %": "limiar {percent} %",
        "The {0} file holds {1} – expected a {2}.": "O arquivo {0} contém {1} – esperava-se {2}.",
        "The {0} file is odd.": "O arquivo {0} é estranho.",
        "{0} of {1} bytes": "{1} bytes, dos quais {0}",
        "whole numbers": "números inteiros",
    },
)


def test_a_text_of_a_table_is_translated_and_its_places_are_filled() -> None:
    assert TEXTS("Film") == "Radiografia"
    assert TEXTS("threshold {percent} %", percent="31,0") == "limiar 31,0 %"
    assert TEXTS.table({"film": "Film", "new": "Nothing yet"}) == {
        "film": "Radiografia",
        "new": "Nothing yet",
    }


def test_a_finished_sentence_is_recognized_with_what_was_filled_in() -> None:
    said = "The PNG file holds whole numbers – expected a {brace}."
    assert TEXTS.sentence(said) == "O arquivo PNG contém números inteiros – esperava-se {brace}."
    assert TEXTS.sentence("3.5 of 12 bytes") == "12 bytes, dos quais 3,5"
    assert TEXTS.sentence("Film") == "Radiografia"


def test_what_is_said_in_several_lines_is_translated_line_by_line() -> None:
    said = "3.5 of 12 bytes\nSomething else.\nFilm"
    assert TEXTS.sentence(said) == "12 bytes, dos quais 3,5\nSomething else.\nRadiografia"


def test_a_sentence_nobody_translated_stays_english() -> None:
    assert TEXTS.sentence("Something else.") == "Something else."


def test_english_is_left_as_it_is() -> None:
    assert ENGLISH_TEXTS.sentence("3.5 of 12 bytes") == "3.5 of 12 bytes"
    assert ENGLISH_TEXTS("Film") == "Film"
    assert language("en") is ENGLISH_TEXTS


def test_numbers_and_times_take_the_form_of_the_language() -> None:
    noon = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    assert TEXTS.number("83.1") == "83,1"
    assert ENGLISH_TEXTS.number("83.1") == "83.1"
    assert TEXTS.moment(noon) == "01/03/2026 12:05 UTC"
    assert ENGLISH_TEXTS.moment(noon) == "2026-03-01 12:05 UTC"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("en-US, pt;q=0.9", "en"),
        ("de, pt;q=0.3, en;q=0.2", "pt"),
        ("pt;q=0, en;q=0.1", "en"),
        ("pt;q=lots", "en"),
        ("PT", "pt"),
        (";;,,=", "en"),
    ],
)
def test_a_browser_gets_the_language_that_it_prefers(header: str, expected: str) -> None:
    assert preferred(header) == expected


def test_every_language_can_be_read_and_no_other() -> None:
    for code in LANGUAGES:
        assert language(code).code == code
    with pytest.raises(KeyError):
        language("de")
    assert (
        language(PORTUGUESE)
        .sentence(
            "The picture is 90×80 px; at least 128 px a side are needed. Use the original film."
        )
        .startswith("A imagem tem 90×80 px")
    )
