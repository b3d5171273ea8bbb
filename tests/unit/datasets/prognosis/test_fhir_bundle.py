"""Resources from files: bundles, lines, folders; what is no FHIR is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from thoracle.datasets.prognosis import fhir_bundle
from thoracle.datasets.prognosis.fhir_bundle import (
    BundleFileError,
    files_of,
    instant,
    read_resources,
    reference_key,
    referred,
    table_of,
    tables_of,
    text_of,
)

_PATIENT = {"resourceType": "Patient", "id": "7"}


def _write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_entries_of_a_bundle_are_called_by_url_and_by_id(tmp_path: Path) -> None:
    entry = {"fullUrl": "urn:uuid:0b1c", "resource": _PATIENT}
    bundle = {"resourceType": "Bundle", "entry": [entry, {"fullUrl": "x"}, 3]}
    (found,) = read_resources(files_of(_write(tmp_path / "one.json", bundle)))
    assert (found.entry, found.kind) == (1, "Patient")
    assert found.keys == ("urn:uuid:0b1c", "Patient/7")


def test_a_folder_of_lines_and_bundles_is_read_in_order(tmp_path: Path) -> None:
    _write(tmp_path / "a.json", {"resourceType": "Bundle"})
    lines = [json.dumps({"resourceType": "Patient", "id": name}) for name in "xy"]
    (tmp_path / "b.ndjson").write_text("\n\n".join(lines) + "\n")
    _write(tmp_path / "c.json", _PATIENT)
    (tmp_path / "notes.txt").write_text("left alone")
    found = list(read_resources(files_of(tmp_path)))
    assert [(one.entry, one.keys) for one in found] == [
        (1, ("Patient/x",)),
        (2, ("Patient/y",)),
        (3, ("Patient/7",)),
    ]


def test_a_line_ends_where_the_format_says_and_nowhere_else(tmp_path: Path) -> None:
    line = json.dumps({**_PATIENT, "text": "a\u2028b\x85c"}, ensure_ascii=False)
    (tmp_path / "one.ndjson").write_text(f"{line}\r\n{line}\n", encoding="utf-8")
    assert len(list(read_resources(files_of(tmp_path)))) == 2


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("Patient/7", "Patient/7"),
        ("https://hospital.example/fhir/Patient/7", "Patient/7"),
        ("Patient/7/_history/2", "Patient/7"),
        ("urn:uuid:0b1c", "urn:uuid:0b1c"),
        ("", ""),
    ],
)
def test_references_of_any_form_point_to_the_same(reference: str, key: str) -> None:
    assert reference_key(reference) == key
    assert referred({"subject": {"reference": reference}}, "subject") == key


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2020-02-01T10:00:00+01:00", "2020-02-01T10:00:00+01:00"),
        ("2020-02-01T10:00:00.123Z", "2020-02-01T10:00:00.123000+00:00"),
        ("2020-02-01T10:00:00", None),
        ("2020-02-01", None),
        ("2020-02-31T10:00:00Z", None),
        (None, None),
    ],
)
def test_an_instant_has_a_time_and_an_offset(text: str | None, iso: str | None) -> None:
    found = instant(text)
    assert (found.isoformat() if found else None) == iso


def test_what_has_another_type_is_empty() -> None:
    assert text_of(3) == ""
    assert table_of([1]) == {}
    assert tables_of({"a": 1}) == []
    assert tables_of([{"a": 1}, 2]) == [{"a": 1}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read as JSON"),
        ('{"resourceType": NaN}', "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("[]", "without a resourceType"),
        ('{"name": "x"}', "without a resourceType"),
    ],
)
def test_what_is_no_fhir_is_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(content)
    with pytest.raises(BundleFileError, match=message):
        list(read_resources(files_of(tmp_path / "one.json")))


def test_a_path_without_files_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(BundleFileError, match="found no file of resources"):
            files_of(path)


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir_bundle, "BYTES_MAX", 3)
    with pytest.raises(BundleFileError, match="of more than 3 bytes"):
        list(read_resources([_write(tmp_path / "one.json", _PATIENT)]))
