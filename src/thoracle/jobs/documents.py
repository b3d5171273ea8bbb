"""Kept results as JSON and as tables."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from thoracle.core.languages import Language
from thoracle.core.results import to_json
from thoracle.radiograph.trust import Trust, trust
from thoracle.store.types import ResultSummary, StoredResult

CSV_COLUMNS: Final = (
    "id",
    "created_at",
    "file",
    "sha256",
    "status",
    "gate_kind",
    "top_label",
    "verdict",
    "risk",
    "distance_percentile",
    "format",
    "parent_id",
    "owner",
    "batch_id",
    "patient",
    "override_reason",
)


def result_document(stored: StoredResult) -> dict[str, object]:
    """Turn a kept result into JSON: the object of `thoracle analyze --json`, and its line."""
    summary = stored.summary
    return {
        "id": summary.id,
        "created_at": summary.created_at.isoformat(),
        "parent_id": summary.parent_id,
        "format": summary.format,
        **_circumstances(summary),
        **to_json(stored.result),
        "trust": trust_document(trust(stored.result)),
    }


def in_language(document: object, language: Language) -> Any:
    """Return a document whose reasons – objects of a code and a text – are in a language."""
    if isinstance(document, list):
        return [in_language(one, language) for one in document]
    if not isinstance(document, dict):
        return document
    said = {key: in_language(value, language) for key, value in document.items()}
    if isinstance(said.get("text"), str) and "code" in said:
        said["text"] = language.sentence(said["text"])
    return said


def summary_document(summary: ResultSummary) -> dict[str, object]:
    """Turn one line of the history into JSON."""
    return {
        "id": summary.id,
        "created_at": summary.created_at.isoformat(),
        "file": summary.file,
        "sha256": summary.sha256,
        "status": str(summary.status),
        "gate_kind": None if summary.gate_kind is None else str(summary.gate_kind),
        "top_label": summary.top_label,
        "format": summary.format,
        "parent_id": summary.parent_id,
        **_circumstances(summary),
    }


def history_json(pages: Iterable[Iterable[ResultSummary]]) -> Iterator[bytes]:
    """Write lines of the history as one JSON object, UTF-8, a page at a time.

    Parameters
    ----------
    pages
        Read one after the other, so that only one is in memory.

    Yields
    ------
    bytes
        Together `{"results": [...]}`, one line of text for each result.
    """
    yield b'{"results": ['
    separator = "\n"
    for page in pages:
        lines = [json.dumps(summary_document(one), ensure_ascii=False) for one in page]
        if lines:
            yield (separator + ",\n".join(lines)).encode("utf-8")
            separator = ",\n"
    yield b"\n]}\n"


def trust_document(concluded: Trust) -> dict[str, object]:
    """Turn what is concluded from a result into JSON."""
    return {
        "verdict": str(concluded.verdict),
        "label": concluded.label,
        "reasons": [{"code": one.code, "text": one.text} for one in concluded.reasons],
    }


def _circumstances(summary: ResultSummary) -> dict[str, object]:
    return {
        "owner": summary.owner,
        "batch_id": summary.batch_id,
        "patient": summary.patient,
        "verdict": summary.verdict,
        "risk": summary.risk,
        "distance_percentile": summary.distance,
        "override_reason": summary.override_reason,
    }


def results_csv(lines: Iterable[ResultSummary]) -> bytes:
    """Write lines of the history as a CSV table, UTF-8.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    documents = [summary_document(one) for one in lines]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=CSV_COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in one.items()} for one in documents)
    return stream.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value
