"""Collect every sentence that the web app can show, and bring the catalogues up to date.

A sentence is written in English where it is raised or in a table of texts; what is filled in
becomes a numbered place: f"more than {limit} MB" is kept as "more than {0} MB".
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from thoracle.core.files import write_atomically
from thoracle.core.languages import ENGLISH, LANGUAGES

ROOT = Path(__file__).resolve().parents[1] / "src" / "thoracle"
CATALOGUES = ROOT / "core" / "catalogues"
# Where a page's sentences come from; what only a researcher's command prints stays English.
SOURCES = (
    "core/results.py",
    "ct",
    "datasets/columns.py",
    "datasets/prognosis/declared_stays.py",
    "datasets/prognosis/fhir_bundle.py",
    "datasets/prognosis/schema.py",
    "datasets/prognosis/table_files.py",
    "datasets/prognosis/wuhan.py",
    "datasets/reference_standard/sheets.py",
    "datasets/reference_standard/workbook.py",
    "evaluation/agreement.py",
    "evaluation/cautions.py",
    "evaluation/dependence.py",
    "evaluation/factors.py",
    "evaluation/sample_size.py",
    "imaging",
    "inference/session.py",
    "jobs/about.py",
    "jobs/analyze.py",
    "jobs/backup.py",
    "jobs/breathing_examples.py",
    "jobs/breathing_live.py",
    "jobs/breathing_live_types.py",
    "jobs/breathing_records.py",
    "jobs/chart_documents.py",
    "jobs/chart_examples.py",
    "jobs/chart_files.py",
    "jobs/chart_measurements.py",
    "jobs/chart_prior.py",
    "jobs/charts.py",
    "jobs/claim_answers.py",
    "jobs/claim_results.py",
    "jobs/evaluation_cautions.py",
    "jobs/ct_compare.py",
    "jobs/ct_comparisons.py",
    "jobs/ct_corrections.py",
    "jobs/ct_files.py",
    "jobs/ct_jobs.py",
    "jobs/ct_kept_visits.py",
    "jobs/ct_quantify.py",
    "jobs/ct_scans.py",
    "jobs/ct_visits.py",
    "jobs/example_films.py",
    "jobs/prognosis_predict.py",
    "jobs/pseudonyms.py",
    "jobs/readings.py",
    "jobs/result_texture.py",
    "jobs/results.py",
    "jobs/second_look.py",
    "jobs/viewer.py",
    "prognosis",
    "radiograph",
    "reporting/analysis_texts.py",
    "reporting/anomaly_texts.py",
    "reporting/card_texts.py",
    "reporting/chart_texts.py",
    "reporting/claim_texts.py",
    "reporting/ct_follow_up_texts.py",
    "reporting/ct_texts.py",
    "reporting/evaluation_texts.py",
    "reporting/pattern_texts.py",
    "reporting/prognosis_calibration_texts.py",
    "reporting/prognosis_evaluation_texts.py",
    "reporting/risk_texts.py",
    "reporting/severity_texts.py",
    "reporting/shortcut_texts.py",
    "reporting/trust_texts.py",
    "reporting/variable_texts.py",
    "respiration",
    "store",
    "web",
)
TABLES, TABLES_FOLDER = "texts.py", "texts"


def collected(root: Path = ROOT) -> dict[str, list[str]]:
    """Return every sentence with the files that hold it."""
    found: dict[str, list[str]] = {}
    for source in SOURCES:
        place = root / source
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            for sentence in sentences_of(path):
                found.setdefault(sentence, []).append(str(path.relative_to(root)))
    return found


def sentences_of(path: Path) -> Iterator[str]:
    """Yield the sentences of one module, their places numbered."""
    tree = ast.parse(path.read_text("utf-8"))
    takes_tables = path.name.endswith(TABLES) or path.parent.name == TABLES_FOLDER
    for node in ast.walk(tree):
        for text in _texts_in(node, takes_tables=takes_tables):
            sentence = _sentence(text)
            if sentence is not None:
                yield sentence


def _texts_in(node: ast.AST, *, takes_tables: bool) -> Iterator[ast.expr]:
    match node:
        case ast.Assign(targets=[ast.Name(id="text" | "DISCLAIMER")], value=value):
            yield from _branches(value)
        case ast.Return(value=ast.expr() as value) if takes_tables:
            yield from _branches(value)
        case ast.Dict(values=values) if takes_tables:
            yield from values
        case ast.Call(func=function, args=given, keywords=named) if _says_something(function):
            said = [*given, *(one.value for one in named if one.arg != "code")]
            yield from (one for one in said if not _is_word(one))


def _is_word(text: ast.expr) -> bool:
    """Say whether a text is a single word, such as the name of a format."""
    return isinstance(text, ast.Constant) and " " not in str(text.value)


def _branches(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _branches(value.body)
        yield from _branches(value.orelse)
    else:
        yield value


def _says_something(function: ast.expr) -> bool:
    match function:
        case ast.Name(id=name):
            return name.endswith("Error") or name in {"Reason", "HTTPException"}
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return True
    return False


def _sentence(text: ast.expr) -> str | None:
    """Return the text with its places numbered; None where it is a word or no text."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        sentence = text.value
    elif isinstance(text, ast.JoinedStr):
        places = iter(range(len(text.values)))
        sentence = "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{next(places)}}}"
            for part in text.values
        )
    else:
        return None
    return sentence if sentence.strip(" {}0") else None


def update(code: str) -> list[str]:
    """Bring one catalogue up to date with the sentences; return those not translated yet.

    Translations of sentences that are gone are dropped.
    """
    path = CATALOGUES / f"{code}.po"
    known = read_po(path.open("rb"), locale=code) if path.exists() else Catalog(locale=code)
    fresh = Catalog(locale=code, fuzzy=False, project="Thoracle", charset="utf-8")
    for sentence, places in sorted(collected().items(), key=lambda one: (one[1][0], one[0])):
        old = known.get(sentence)
        fresh.add(sentence, old.string if old else "", locations=[(one, None) for one in places])
    stream = io.BytesIO()
    write_po(stream, fresh, width=100, omit_header=True)
    write_atomically(path, stream.getvalue())
    return [str(one.id) for one in fresh if one.id and not one.string]


def main() -> int:
    """Update every catalogue; 1 when a sentence has no translation."""
    missing = [f"{code}: {one}" for code in LANGUAGES if code != ENGLISH for one in update(code)]
    sys.stderr.writelines(f"{line}\n" for line in missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
