"""A checklist is read as Markdown and as a page, and says what is missing."""

from thoracle.core.languages import Language
from thoracle.reporting.claim_markdown import claim_html, claim_markdown
from thoracle.reporting.claim_texts import CLAIM_ITEMS, CLAIM_TEXTS

ROWS = (
    (CLAIM_ITEMS[0], "answered", "Deep | learning.", "recipe.toml"),
    (CLAIM_ITEMS[2], "partly", "Research.", "bundle.toml"),
    (CLAIM_ITEMS[3], "unanswered", None, None),
)


def test_what_is_unanswered_is_shown_as_unanswered_with_what_would_answer_it() -> None:
    lines = claim_markdown("b", "1", ROWS).split("\n")
    assert lines[0] == "# b 1"
    assert "1 answered, 1 partly, 1 unanswered, of 3 items." in lines
    assert "| 1 | The kind of AI method is named | Deep \\| learning. | recipe.toml |" in lines
    (partly,) = [line for line in lines if line.startswith("| 3 |")]
    assert "| Research. **Partly.** Missing: The scientific or clinical background. |" in partly
    (unanswered,) = [line for line in lines if line.startswith("| 4 |")]
    assert unanswered.endswith("| **Unanswered.** Missing: What was to be shown, written before "
                               "the study. |  |")  # fmt: skip
    assert lines.count("## Introduction") == 1


def test_the_page_stands_alone_and_shows_no_raw_html() -> None:
    row = (CLAIM_ITEMS[0], "answered", "<script>1</script>", "x")
    page = claim_html(claim_markdown("<b>", "1", (row,)))
    assert page.startswith("<!doctype html>")
    assert "<title>CLAIM 2024 · &lt;b> 1</title>" in page
    assert "<script>" not in page
    assert "<td>&lt;script&gt;1&lt;/script&gt;</td>" in page


def test_sentences_around_the_answers_are_translated() -> None:
    catalogue = {
        CLAIM_TEXTS["unanswered"]: "**Sem resposta.** Falta: {needed}",
        CLAIM_ITEMS[3].needed: "O que devia ser mostrado.",
        CLAIM_ITEMS[3].title: "Objetivos",
        "Introduction": "Introdução",
    }
    page = claim_html(claim_markdown("b", "1", ROWS[2:]), Language("pt", catalogue))
    assert '<html lang="pt">' in page
    assert "<h2>Introdução</h2>" in page
    assert "<strong>Sem resposta.</strong> Falta: O que devia ser mostrado." in page
    assert "<td>Objetivos</td>" in page
