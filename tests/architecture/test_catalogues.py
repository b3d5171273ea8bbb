"""Every sentence the web app can show stands in every catalogue, and nothing else does."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from thoracle.core.languages import ENGLISH, LANGUAGES, language

ROOT = Path(__file__).parents[2]
OTHERS = [code for code in LANGUAGES if code != ENGLISH]
PLACE = re.compile(r"\{[A-Za-z0-9_]*\}")


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / ".ci" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _catalogue(messages: ModuleType, code: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    with (messages.CATALOGUES / f"{code}.po").open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream, locale=code) if one.id}


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_is_missing_and_none_is_unused(messages: ModuleType, code: str) -> None:
    found = _catalogue(messages, code)
    assert set(found) == set(messages.collected()), "run `make messages`"
    assert [one for one, said in found.items() if not said] == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_keep_the_places_of_their_sentence(messages: ModuleType, code: str) -> None:
    for english, said in _catalogue(messages, code).items():
        assert set(PLACE.findall(said)) == set(PLACE.findall(english)), english


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_with_places_is_recognized_when_it_is_filled(
    messages: ModuleType, code: str
) -> None:
    spoken = language(code)
    for english, said in _catalogue(messages, code).items():
        filled = PLACE.sub("7 × 7", english)
        assert spoken.sentence(filled) == PLACE.sub("7 × 7", said), english


def test_the_collector_sees_what_is_raised_and_what_tables_hold(
    messages: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "some_texts.py").write_text('TEXTS = {"a": "In a table"}\n')
    (tmp_path / "raising.py").write_text(
        "def f(x):\n"
        '    raise ImageError(f"found {x} of {x + 1} – expected 3.", code="image-odd")\n'
        '    text = "either" if x else f"or {x}"\n'
        '    other = "never shown"\n'
    )
    assert set(messages.sentences_of(tmp_path / "some_texts.py")) == {"In a table"}
    assert set(messages.sentences_of(tmp_path / "raising.py")) == {
        "found {0} of {1} – expected 3.",
        "either",
        "or {0}",
    }
