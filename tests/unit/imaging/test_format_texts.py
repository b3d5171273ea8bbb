"""What a file is stands inside a translated sentence, so its words are translated as well."""

import pytest

from thoracle.core.errors import ImageError
from thoracle.core.languages import language
from thoracle.imaging.format_texts import FORMAT_WORDS
from thoracle.imaging.sniff import sniff_format


@pytest.mark.parametrize(
    ("content", "english", "portuguese"),
    [
        (b"patient,age\n1,45\n", "The file is text –", "O arquivo é texto –"),
        (b"{}", "The file is text (JSON) –", "O arquivo é texto (JSON) –"),
        (b"MZ\0", "The file is a program –", "O arquivo é um programa –"),
    ],
)
def test_the_kind_of_a_file_is_said_in_the_language_of_its_sentence(
    content: bytes, english: str, portuguese: str
) -> None:
    with pytest.raises(ImageError) as caught:
        sniff_format(content)
    assert caught.value.text.startswith(english)
    assert language("pt").sentence(caught.value.text).startswith(portuguese)


def test_every_kind_has_words_of_its_own() -> None:
    assert len(set(FORMAT_WORDS.values())) == len(FORMAT_WORDS)
